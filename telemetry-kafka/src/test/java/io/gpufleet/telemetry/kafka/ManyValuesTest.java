package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.BatchPolicy;
import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.DeadLetter.Stage;
import io.gpufleet.telemetry.Decoder;
import io.gpufleet.telemetry.TelemetryEvent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Records of many values, from the poll to the sink. */
class ManyValuesTest {

    /** A decoder of one value per word, which refuses the word {@code bad}. */
    private static final Decoder<String> WORDS = new Decoder<>() {
        @Override
        public void decode(ByteBuffer source, Values<? super String> values) {
            for (String word : words(StandardCharsets.UTF_8.decode(source).toString())) {
                if (word.equals("bad")) {
                    values.refuse("word \"bad\"");
                } else {
                    values.accept(word);
                }
            }
        }

        @Override
        public byte[] excerpt(byte[] source, SortedSet<Integer> indexes) {
            List<String> words = words(new String(source, StandardCharsets.UTF_8));
            return indexes.stream()
                    .map(words::get)
                    .collect(Collectors.joining(" "))
                    .getBytes(StandardCharsets.UTF_8);
        }
    };

    private final WriterFixture fixture = new WriterFixture();
    private final FakeSink sink = fixture.sink;
    private final Generation generation = Logs.generation(0);
    private final List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();

    private static List<String> words(String text) {
        return List.of(text.split(" ", -1));
    }

    @BeforeEach
    void begin() {
        sink.begin(0, 0);
        sink.idempotent = true;
        fixture.options.decoder = WORDS;
    }

    private void add(String words) {
        records.add(Logs.record(0, records.size(), words));
    }

    private void write() {
        List<PendingBatch<String>> full = new ArrayList<>();
        Batcher<String> batcher = batcher(BatchPolicy.defaults(), full);
        batcher.append(Logs.chunk(generation, 0, records.size(), records));
        batcher.flush();
        fixture.writer().write(full.get(0));
    }

    private Batcher<String> batcher(BatchPolicy policy, List<PendingBatch<String>> full) {
        return new Batcher<>(
                fixture.options.build().reader(),
                () -> new BatchLimits(policy, Long.MAX_VALUE),
                full::add,
                (dropped, bytes) -> {});
    }

    private static String text(DeadLetter letter) {
        return new String(letter.source().value().orElseThrow(), StandardCharsets.UTF_8);
    }

    @Test
    void batch_isFullWithItsValuesAndCutsBetweenRecords() {
        List<PendingBatch<String>> full = new ArrayList<>();
        Batcher<String> batcher = batcher(
                BatchPolicy.builder().maxValues(4).linger(Duration.ofHours(1)).build(), full);
        add("a b c");
        add("d e f");
        add("g");

        batcher.append(Logs.chunk(generation, 0, 3, records));

        assertThat(full).singleElement().satisfies(batch -> {
            assertThat(batch.values()).isEqualTo(6);
            assertThat(batch.records()).isEqualTo(2);
        });
    }

    @Test
    void goodValues_areWrittenWithALetterOfTheOthers() {
        add("a b");
        add("c bad d bad");

        write();

        assertThat(sink.rows).containsExactly("t-0@0", "t-0@0", "t-0@1", "t-0@1");
        assertThat(sink.offset(0)).isEqualTo(2);
        assertThat(sink.deadLetters).singleElement().satisfies(letter -> {
            assertThat(letter.stage()).isEqualTo(Stage.SAMPLE);
            assertThat(text(letter)).isEqualTo("bad bad");
        });
        assertThat(fixture.events(TelemetryEvent.BatchWritten.class))
                .containsExactly(new TelemetryEvent.BatchWritten(
                        2,
                        4,
                        1,
                        fixture.events(TelemetryEvent.BatchWritten.class).get(0).duration()));
    }

    @Test
    void sinkThatRepeatsValues_isGivenNoPartOfARecord() {
        sink.idempotent = false;
        add("a b");
        add("c bad d");

        write();

        assertThat(sink.rows).containsExactly("t-0@0", "t-0@0");
        assertThat(sink.deadLetters).singleElement().satisfies(letter -> {
            assertThat(letter.stage()).isEqualTo(Stage.DECODE);
            assertThat(text(letter)).isEqualTo("c bad d");
        });
    }

    @Test
    void valuesThatTheSinkRefuses_joinTheLetterOfTheirRecord() {
        add("a bad c d");
        sink.refusedAlone = delivery -> delivery.value().equals("c");

        write();

        assertThat(sink.rows).hasSize(2);
        assertThat(sink.deadLetters).singleElement().satisfies(letter -> {
            assertThat(letter.indexes()).containsExactly(1, 2);
            assertThat(letter.reasons()).containsExactly("word \"bad\"", "refused alone");
            assertThat(text(letter)).isEqualTo("bad c");
        });
    }

    @Test
    void recordThatTheSinkRefuses_isFoundAmongTheOthers() {
        for (String words : List.of("a b c", "d", "e wrong f", "g h", "i")) {
            add(words);
        }
        sink.refused = "wrong"::equals;

        write();

        assertThat(sink.rows).hasSize(7);
        assertThat(sink.deadLetters).singleElement().satisfies(letter -> {
            assertThat(letter.stage()).isEqualTo(Stage.WRITE);
            assertThat(letter.isPartial()).isFalse();
            assertThat(text(letter)).isEqualTo("e wrong f");
        });
    }

    @Test
    void letterOfSomeValues_isTheSameAtEachAttempt() {
        add("a bad");
        List<DeadLetter> tried = new ArrayList<>();
        sink.script.add(transaction -> {
            transaction.run();
            tried.addAll(sink.deadLetters);
            sink.deadLetters.clear();
            sink.rows.clear();
            sink.positions.clear();
            sink.begin(0, 0);
            throw FakeSink.failure(io.gpufleet.telemetry.SinkException.Kind.TRANSIENT);
        });

        write();

        assertThat(sink.deadLetters).hasSize(1);
        assertThat(sink.deadLetters.get(0)).isSameAs(tried.get(0));
    }
}
