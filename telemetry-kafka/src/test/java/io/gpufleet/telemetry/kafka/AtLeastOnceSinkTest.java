package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.DeadLettersRefusedException;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.Gap;
import io.gpufleet.telemetry.LogId;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.PositionChange;
import io.gpufleet.telemetry.SinkContext;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.SinkException.Kind;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.TelemetryListener;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AtLeastOnceSinkTest {
    private final FakeCluster cluster = new FakeCluster();
    private final List<String> stored = new ArrayList<>();
    private final Deque<RuntimeException> failures = new ArrayDeque<>();
    private final AtLeastOnceSink<String> sink = new AtLeastOnceSink<>(this::store, this::store, cluster.topicAdmin());

    @BeforeEach
    void open() {
        cluster.topic(Logs.ID, 2);
        sink.open(SinkContext.of("g", TelemetryListener.none()));
    }

    private void store(Batch<String> batch) {
        if (!failures.isEmpty()) {
            throw failures.pop();
        }
        batch.deliveries().forEach(delivery -> stored.add("row " + delivery.value()));
    }

    private void store(List<DeadLetter> letters) {
        letters.forEach(letter -> stored.add("letter " + letter.source()));
    }

    private static Batch.Builder<String> batch() {
        return Batch.<String>builder().open(Logs.partition(0), Logs.ID, 0);
    }

    private static SourceRecord source(long offset) {
        return SourceRecord.builder(Logs.partition(0), offset).build();
    }

    private static Delivery<String> row(long offset) {
        return Delivery.of("t-0@" + offset, Instant.EPOCH, source(offset));
    }

    private static DeadLetter letter(long offset) {
        return new DeadLetter(source(offset), DeadLetter.Stage.DECODE, List.of("bad"));
    }

    @Test
    void write_storesTheDeadLettersFirst() {
        sink.write(batch().add(row(0)).add(letter(1)).build());

        assertThat(stored).containsExactly("letter t-0@1", "row t-0@0");
    }

    @Test
    void write_troublesNobodyForNothing() {
        failures.add(new IllegalStateException("not to be called"));

        sink.write(batch().add(letter(0)).build());
        sink.write(batch().advance(Logs.partition(0), 5, -1).build());

        assertThat(stored).containsExactly("letter t-0@0");
    }

    @Test
    void write_storesADeadLetterOnceHoweverOftenTheRowsFail() {
        Batch<String> batch = batch().add(row(0)).add(letter(1)).add(row(2)).build();
        for (int attempt = 0; attempt < 3; attempt++) {
            failures.add(FakeSink.failure(Kind.TRANSIENT));
            assertThatExceptionOfType(SinkException.class).isThrownBy(() -> sink.write(batch));
        }

        batch.split().forEach(sink::write);

        assertThat(stored).containsExactly("letter t-0@1", "row t-0@0", "row t-0@2");
    }

    /** Otherwise the row beside the letter would be dead-lettered for it. */
    @Test
    void write_blamesNoRowForALetterThatItsPlaceRefuses() {
        List<RuntimeException> refusals = List.of(
                FakeSink.failure(Kind.DATA),
                new DeadLettersRefusedException(
                        List.of(new DeadLettersRefusedException.Refusal(letter(1), "too large"))));
        for (RuntimeException refusal : refusals) {
            AtLeastOnceSink<String> refusing = new AtLeastOnceSink<>(
                    this::store,
                    letters -> {
                        throw refusal;
                    },
                    cluster.topicAdmin());
            assertThatExceptionOfType(SinkException.class)
                    .isThrownBy(() ->
                            refusing.write(batch().add(row(0)).add(letter(1)).build()))
                    .withMessage("Dead-letter sink refused a dead letter: " + refusal.getMessage())
                    .extracting(SinkException::kind)
                    .isEqualTo(Kind.FATAL);
        }
        assertThat(stored).isEmpty();
    }

    @Test
    void positions_areTheGroupsOffsets() {
        cluster.commit(0, 7, Logs.ID);
        cluster.commit(9, 7, Logs.ID);

        assertThat(sink.positions(Set.of(Logs.partition(0), Logs.partition(1))))
                .isEqualTo(Map.of(Logs.partition(0), new Position(Logs.ID, 7, Logs.EPOCH)));
    }

    @Test
    void positions_ofAReplacedLogStayInThatLog() {
        LogId replaced = new LogId(Logs.ID.clusterId(), new UUID(9, 9));
        cluster.commit(0, 7, replaced);

        assertThat(sink.positions(Set.of(Logs.partition(0))))
                .isEqualTo(Map.of(Logs.partition(0), new Position(replaced, 7, Logs.EPOCH)));
    }

    @Test
    void positions_areNotThoseOfOtherConsumers() {
        cluster.commit(0, 7);

        assertThat(sink.positions(Set.of(Logs.partition(0)))).isEmpty();
    }

    @Test
    void positions_sayWhetherToAskAgain() {
        cluster.fail("listConsumerGroupOffsets", new DisconnectException("gone"));
        assertThat(failingPositions().kind()).isEqualTo(Kind.TRANSIENT);

        cluster.fail("listConsumerGroupOffsets", new GroupAuthorizationException("g"));
        assertThat(failingPositions().kind()).isEqualTo(Kind.FATAL);
    }

    private SinkException failingPositions() {
        return catchThrowableOfType(SinkException.class, () -> sink.positions(Set.of(Logs.partition(0))));
    }

    @Test
    void change_acceptsEverything() {
        Gap gap = new Gap(Gap.Reason.START, Logs.position(0), Logs.position(9));

        assertThat(sink.change(List.of(
                        new PositionChange(Logs.partition(0), Optional.empty(), Logs.position(9), Optional.of(gap)))))
                .isEqualTo(Map.of(Logs.partition(0), Logs.position(9)));
    }
}
