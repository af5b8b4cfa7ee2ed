package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.BatchPolicy;
import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.DeadLetter.Stage;
import io.gpufleet.telemetry.Decoder;
import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.TelemetryException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Records of many values, from the poll to the sink. */
class ManyValuesTest {

    /**
     * A decoder of one value per word, which refuses the word {@code bad}, words of a kind {@code bad:kind}, and counts
     * the word {@code none}.
     */
    private static final Decoder<String> WORDS = new Decoder<>() {
        @Override
        public void decode(ByteBuffer source, Values<? super String> values) {
            for (String word : words(StandardCharsets.UTF_8.decode(source).toString())) {
                if (word.equals("bad")) {
                    values.refuse("word \"bad\"");
                } else if (word.startsWith("bad:")) {
                    values.refuse("word " + word, word);
                } else if (word.equals("none")) {
                    values.count(Values.NO_VALUE, 1);
                } else {
                    values.accept(word);
                }
            }
        }

        @Override
        public byte[] excerpt(byte[] source, SortedSet<Integer> indexes) {
            List<String> words = words(new String(source, StandardCharsets.UTF_8));
            return indexes.stream()
                    .map(words.stream().filter(word -> !word.equals("none")).toList()::get)
                    .collect(Collectors.joining(" "))
                    .getBytes(StandardCharsets.UTF_8);
        }
    };

    private final WriterFixture fixture = new WriterFixture();
    private final FakeSink sink = fixture.sink;
    private final RepeatedRefusals refusals = Logs.refusals();
    private Generation generation = Logs.generation(0);
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
        fixture.writer().write(batch());
    }

    /** Returns the batch of all records, as a consumer reads them. */
    private PendingBatch<String> batch() {
        List<PendingBatch<String>> full = new ArrayList<>();
        Batcher<String> batcher = batcher(BatchPolicy.builder().maxRecords(1000).build(), full);
        long from = records.get(0).offset();
        batcher.append(Logs.chunk(generation, from, from + records.size(), records));
        batcher.flush();
        return full.get(0);
    }

    private Batcher<String> batcher(BatchPolicy policy, List<PendingBatch<String>> full) {
        return new Batcher<>(
                fixture.options.build().reader(),
                () -> new BatchLimits(policy, Long.MAX_VALUE),
                refusals,
                full::add,
                (dropped, bytes) -> {});
    }

    private static String text(DeadLetter letter) {
        return new String(letter.source().value().orElseThrow(), StandardCharsets.UTF_8);
    }

    private List<String> letters() {
        return sink.deadLetters.stream()
                .map(letter -> letter.offset() + " " + text(letter))
                .toList();
    }

    private List<TelemetryEvent.SamplesWritten> samples() {
        return fixture.events(TelemetryEvent.SamplesWritten.class);
    }

    @Test
    void refusalsOfAKind_areOneLetterAndThenCounted() {
        add("a none bad:x bad:x");
        add("b none none bad:x");
        add("c bad:y bad:x");

        write();

        assertThat(letters()).containsExactly("0 bad:x bad:x", "2 bad:y");
        assertThat(sink.deadLetters.get(1).reasons()).containsExactly("word bad:y");
        assertThat(sink.rows).hasSize(3);
        assertThat(sink.offset(0)).isEqualTo(3);
        assertThat(samples())
                .containsExactly(new TelemetryEvent.SamplesWritten(3, 5, 2, Map.of(Decoder.Values.NO_VALUE, 3)));
    }

    @Test
    void refusalsOfAKind_areCountedInARecordWithoutAGoodValueToo() {
        add("a bad:x");
        add("bad:x");
        add("bad:x bad:y");

        write();

        assertThat(letters()).containsExactly("0 bad:x", "2 bad:x bad:y");
        assertThat(sink.deadLetters.get(1).stage()).isEqualTo(Stage.DECODE);
        assertThat(sink.deadLetters.get(1).reasons()).containsExactly("word bad:y");
        assertThat(samples()).containsExactly(new TelemetryEvent.SamplesWritten(1, 4, 2, Map.of()));
        assertThat(fixture.events(TelemetryEvent.BatchWritten.class))
                .extracting(TelemetryEvent.BatchWritten::records)
                .containsExactly(3);
    }

    @Test
    void refusalsOfAKind_areLettersOfRecordsThatAreRefusedWhole() {
        sink.idempotent = false;
        add("a bad:x");
        add("b bad:x");

        write();

        assertThat(letters()).containsExactly("0 a bad:x", "1 b bad:x");
        assertThat(samples()).containsExactly(new TelemetryEvent.SamplesWritten(0, 4, 0, Map.of()));
    }

    @Test
    void valuesThatTheSinkRefuses_areCountedWithTheOthers() {
        add("a bad:x c d");
        add("a bad:x");
        sink.refusedAlone = delivery -> delivery.value().equals("c");

        write();

        assertThat(letters()).containsExactly("0 bad:x c");
        assertThat(samples()).containsExactly(new TelemetryEvent.SamplesWritten(3, 3, 1, Map.of()));
    }

    @Test
    void recordsReadAgain_haveTheSameLetters() {
        add("a bad:x");
        add("b bad:x");
        batch();
        generation.end();
        generation = Logs.generation(0);

        write();

        assertThat(letters()).containsExactly("0 bad:x");
    }

    @Test
    void recordsReadAgain_afterTheyWereWrittenHaveTheSameLetters() {
        add("a bad:x");
        add("b bad:x");
        write();
        generation.end();
        generation = Logs.generation(0);
        sink.begin(0, 0);

        write();

        assertThat(letters()).containsExactly("0 bad:x", "0 bad:x");
    }

    @Test
    void refusalsOfAKind_areALetterIfThatOfTheFirstRecordIsLost() {
        sink.begin(1, 0);
        add("a bad:x");
        batch();
        generation.end();
        generation = Logs.generation(1);
        records.clear();
        records.add(Logs.record(1, 0, "b bad:x"));

        write();

        assertThat(letters()).containsExactly("0 bad:x");
    }

    @Test
    void refusalsThatAreCounted_stopAConsumerOfTheWrongTopic() {
        for (int i = 0; i < 300; i++) {
            add("bad:x");
        }

        assertThatThrownBy(this::write)
                .isInstanceOf(TelemetryException.class)
                .hasMessageContaining(
                        "More than 50 % of the last 1000 records (of at least 200) would be dead letters");
        assertThat(sink.deadLetters).isEmpty();
    }

    @Test
    void refusalsThatAreCounted_stopAConsumerThoughNoLetterIsLeft() {
        add("bad:x bad:x");
        for (int i = 0; i < 100; i++) {
            add("a b c d e f");
        }
        write();
        records.clear();
        for (int i = 101; i < 401; i++) {
            records.add(Logs.record(0, i, "a bad:x bad:x bad:x"));
        }

        assertThatThrownBy(this::write)
                .isInstanceOf(TelemetryException.class)
                .hasMessageEndingWith("all of the batch have faults of kinds that other records have dead letters of");
    }

    @Test
    void refusalsThatAreCounted_areAShareOfTheirRecord() {
        for (int i = 0; i < 300; i++) {
            add("a b c d bad:x bad:y");
        }

        write();

        assertThat(letters()).containsExactly("0 bad:x bad:y");
        assertThat(sink.rows).hasSize(1200);
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
                        0,
                        fixture.events(TelemetryEvent.BatchWritten.class).get(0).duration()));
    }

    @Test
    void recordWithNothingButRepetitions_isCountedByItself() {
        add("a bad:x");
        add("b bad:x");
        add("bad:x bad:x");

        write();

        TelemetryEvent.BatchWritten written =
                fixture.events(TelemetryEvent.BatchWritten.class).get(0);
        assertThat(written.records()).isEqualTo(3);
        assertThat(written.deadLetters()).isEqualTo(1);
        assertThat(written.countedOnly()).isEqualTo(1);
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
