package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.Health;
import io.gpufleet.telemetry.Health.Concern;
import io.gpufleet.telemetry.Health.Trouble;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryEvent;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

final class RunLogTest {
    private static final Trouble AWAY = new Trouble(Concern.STORE, "no connection");

    private final CapturedLog log = CapturedLog.ofAll(RunLog.class);
    private long nowNanos;
    private final RunLog runLog = new RunLog(LoggerFactory.getLogger(RunLog.class), "g", () -> nowNanos);

    @AfterEach
    void release() {
        log.close();
    }

    private void look(int seconds, Trouble... troubles) {
        for (int i = 0; i < seconds; i++) {
            runLog.look(Health.of(troubles), 0);
            nowNanos += Duration.ofSeconds(1).toNanos();
        }
    }

    @Test
    void trouble_isSaidOnceWhenItBegins_andOnceWhenItIsOver() {
        look(40, AWAY);
        look(20);
        look(3, AWAY);

        assertThat(log.lines())
                .containsExactly(
                        "WARN Group g: no connection",
                        "INFO Group g: store: recovered after 39 s, 5 s ago",
                        "WARN Group g: no connection");
    }

    @Test
    void trouble_whoseFiguresChange_isTheSame() {
        look(1, new Trouble(Concern.STORE, "for 6 s"));
        look(1, new Trouble(Concern.STORE, "for 7 s"));
        look(1, new Trouble(Concern.STORE, "for 8 s"));

        assertThat(log.lines()).containsExactly("WARN Group g: for 7 s");
    }

    @Test
    void trouble_ofLessThanASecond_orThatComesBackWithinFive_isNotWorthALine() {
        look(1, AWAY);
        look(10);
        assertThat(log.lines()).isEmpty();

        look(2, AWAY);
        look(4);
        look(2, AWAY);
        look(10);
        assertThat(log.lines())
                .containsExactly("WARN Group g: no connection", "INFO Group g: store: recovered after 7 s, 5 s ago");
    }

    @Test
    void trouble_whoseReasonBecomesAnother_isToldAgain() {
        Trouble waits = new Trouble(Concern.STORE, "waits for 3 s");
        Trouble refused = new Trouble(Concern.STORE, "refused after 5000 ms");
        Trouble later = new Trouble(Concern.STORE, "waits for 9 s");
        look(3, waits, new Trouble(Concern.STORE, "another word for it"));
        look(3, refused, waits);
        look(3, later, refused);
        look(10);

        assertThat(log.lines())
                .containsExactly(
                        "WARN Group g: waits for 3 s",
                        "WARN Group g: refused after 5000 ms",
                        "INFO Group g: store: recovered after 8 s, 5 s ago");
    }

    @Test
    void trouble_whoseReasonIsAlwaysAnother_doesNotFillTheLog() {
        for (char word = 'a'; word < 'z'; word++) {
            look(2, new Trouble(Concern.STORE, "reason " + word));
        }

        assertThat(log.lines()).hasSize(5);
    }

    @Test
    void start_thatTakesSomeSeconds_isNotWorthALine() {
        Trouble start = new Trouble(Concern.START, "no partitions");
        look(5, start);
        look(10);
        assertThat(log.lines()).isEmpty();

        look(6, start);
        assertThat(log.lines()).containsExactly("WARN Group g: no partitions");
    }

    @Test
    void troubles_ofOtherConcerns_haveLinesOfTheirOwn() {
        look(3, AWAY);
        look(3, AWAY, new Trouble(Concern.CLUSTER, "no broker"));
        look(10, AWAY);

        assertThat(log.lines())
                .containsExactly(
                        "WARN Group g: no connection",
                        "WARN Group g: no broker",
                        "INFO Group g: brokers: recovered after 2 s, 5 s ago");
    }

    @Test
    void manyPartitions_areOneLine() {
        Trouble[] many = IntStream.range(0, 30)
                .mapToObj(number -> new Trouble(Concern.PARTITION, "t-" + number, "no leader of t-" + number))
                .toArray(Trouble[]::new);
        look(3, many);
        look(10);

        assertThat(log.lines()).hasSize(2).allSatisfy(line -> assertThat(line).contains("and 25 more"));
    }

    @Test
    void endedThread_isAnError_andRecordsThatWaitAreCounted() {
        Health health = Health.of(new Trouble(Concern.ENDED, "x", "the thread x has ended"));
        runLog.look(health, 2_000);
        nowNanos += Duration.ofSeconds(1).toNanos();
        runLog.look(health, 2_000);

        assertThat(log.lines())
                .containsExactly("ERROR Group g: the thread x has ended; 2000 records wait to be written");
    }

    @ParameterizedTest
    @CsvSource({"0, ''", "1, ; 1 record waits to be written", "2, ; 2 records wait to be written"})
    void trouble_isLoggedWithTheNumberOfWaitingRecords(long records, String end) {
        Health health = Health.of(new Trouble(Concern.ENDED, "x", "the thread x has ended"));
        runLog.look(health, records);
        nowNanos += Duration.ofSeconds(1).toNanos();
        runLog.look(health, records);

        assertThat(log.lines()).containsExactly("ERROR Group g: the thread x has ended" + end);
    }

    private void refuse(int count) {
        for (int i = 0; i < count; i++) {
            DeadLetter letter = new DeadLetter(
                    SourceRecords.of(Logs.partition(0), Logs.record(0, i)),
                    DeadLetter.Stage.VALIDATE,
                    List.of("name: \"\" is blank", "too old"));
            runLog.on(new TelemetryEvent.RecordRefused(letter));
        }
    }

    @Test
    void deadLetters_areSummedUpOnceAMinute_withTheFirst() {
        refuse(99);
        look(1);
        refuse(5);
        look(59);
        assertThat(log.lines())
                .containsExactly("WARN Group g: 99 records were dead-lettered; the first is t-0 at offset 0,"
                        + " refused at stage validate: name: \"\" is blank; too old");

        look(1);
        assertThat(log.lines()).hasSize(2).last().asString().contains("5 records were dead-lettered");

        look(120);
        assertThat(log.lines()).as("nothing new").hasSize(2);
    }

    @Test
    void refusals_thatRepeatDeadLetters_areNamedWithTheNextOne() {
        runLog.on(new TelemetryEvent.SamplesWritten(100, 12, 10, Map.of()));
        look(60);
        assertThat(log.lines()).as("nothing to act on").isEmpty();

        refuse(1);
        runLog.on(new TelemetryEvent.SamplesWritten(100, 3, 2, Map.of()));
        look(60);
        refuse(1);
        look(60);

        assertThat(log.lines())
                .containsExactly(
                        "WARN Group g: 1 record was dead-lettered; the first is t-0 at offset 0, refused at stage"
                                + " validate: name: \"\" is blank; too old; 12 refused values repeat dead-lettered"
                                + " ones and were counted only",
                        "WARN Group g: 1 record was dead-lettered; the first is t-0 at offset 0, refused at stage"
                                + " validate: name: \"\" is blank; too old");
    }

    @Test
    void deadLetters_thatNoLineHasTold_areToldAtTheEnd() {
        refuse(1);
        look(1);
        refuse(1);

        runLog.ended(null, new ConsumerSnapshot.Counts(12, 10, 1, 2, 0, 0, 9, 8, 0, 3, 0, 0), 4);

        assertThat(log.lines()).element(1).asString().contains("1 record was dead-lettered");
        assertThat(log.lines())
                .last()
                .isEqualTo(
                        "INFO Consumer of group g was closed: 9 values stored in 3 batches, 1 duplicate, 2"
                                + " dead letters, 8 refused values counted only; 4 buffered records were not written and will be delivered again");
    }

    @Test
    void end_countsDuplicatesApart_andNumbersFitTheirNouns() {
        runLog.ended(null, new ConsumerSnapshot.Counts(512, 512, 512, 1, 0, 0, 1, 1, 0, 1, 0, 0), 1);
        runLog.on(new TelemetryEvent.PartitionsAssigned(Set.of(Logs.partition(1))));

        assertThat(log.lines())
                .containsExactly(
                        "INFO Consumer of group g was closed: 0 values stored in 1 batch, 512 duplicates, 1 dead letter,"
                                + " 1 refused value counted only; 1 buffered record was not written and will be"
                                + " delivered again",
                        "INFO Group g: this consumer was given t-[1]; it has 1 partition now");
    }

    @Test
    void partitions_areNamedAsTheyComeAndGo() {
        Set<SourcePartition> all =
                IntStream.of(0, 1, 2, 5).mapToObj(Logs::partition).collect(Collectors.toSet());
        runLog.on(new TelemetryEvent.PartitionsAssigned(all));
        runLog.on(new TelemetryEvent.PartitionsRevoked(Set.of(Logs.partition(1)), false));
        runLog.on(new TelemetryEvent.PartitionsRevoked(Set.of(Logs.partition(5)), true));
        runLog.on(new TelemetryEvent.PartitionsAssigned(Set.of()));

        assertThat(log.lines())
                .containsExactly(
                        "INFO Group g: this consumer was given t-[0..2, 5]; it has 4 partitions now",
                        "INFO Group g: this consumer gave back t-[1]; it has 3 partitions now",
                        "INFO Group g: this consumer has lost t-[5]; it has 2 partitions now");
    }
}
