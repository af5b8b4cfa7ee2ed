package io.gpufleet.telemetry.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.DeadLetter.Stage;
import io.gpufleet.telemetry.Decoder;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.EventTime;
import io.gpufleet.telemetry.LineDecoder;
import io.gpufleet.telemetry.RecordCounts;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.Validator;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Records of none, one or many values. */
class ManyValuesTest {
    private static final Validator<String> SHORT_ONLY =
            delivery -> delivery.value().length() < 10 ? List.of() : List.of("too long", "too loud");

    /** As {@link #SHORT_ONLY}; the kind of a refusal is the first letter of the value. */
    private static final Validator<String> SHORT_ONLY_OF_KINDS = new Validator<>() {
        @Override
        public List<String> validate(Delivery<String> delivery) {
            return SHORT_ONLY.validate(delivery);
        }

        @Override
        public Optional<String> kind(Delivery<String> delivery, List<String> reasons) {
            return Optional.of(delivery.value().substring(0, reasons.size() - 1));
        }
    };

    private final List<Delivery<String>> deliveries = new ArrayList<>();
    private final List<DeadLetter> letters = new ArrayList<>();
    private Decoder<String> decoder = new LineDecoder();
    private Predicate<Delivery<String>> filter = delivery -> true;
    private Validator<String> validator = SHORT_ONLY;
    private boolean keepsParts = true;
    private final List<RecordCounts> counts = new ArrayList<>();
    private final Set<String> repeated = new HashSet<>();
    private int skipped;

    private final RecordReader.Target<String> target = new RecordReader.Target<>() {
        @Override
        public void add(Delivery<String> delivery) {
            assertThat(letters).as("the letter comes last").isEmpty();
            deliveries.add(delivery);
        }

        @Override
        public void add(DeadLetter deadLetter) {
            letters.add(deadLetter);
        }

        @Override
        public void skip() {
            skipped++;
        }

        @Override
        public boolean isRepeated(SourceRecord source, String kind) {
            return repeated.contains(kind);
        }

        @Override
        public void add(RecordCounts numbers) {
            counts.add(numbers);
        }
    };

    private RecordReader<String> reader() {
        return new RecordReader<>(decoder, EventTime.recordTimestamp(), filter, validator, keepsParts);
    }

    private void read(String text) {
        SourceRecord source = SourceRecord.builder(new SourcePartition("t", 0), 7)
                .timestampMillis(5)
                .value(text.getBytes(StandardCharsets.UTF_8))
                .build();
        reader().read(source, target);
    }

    private List<String> values() {
        return deliveries.stream().map(Delivery::value).toList();
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Test
    void read_numbersTheValuesOfARecord() {
        read("a\nb\nc");

        assertThat(values()).containsExactly("a", "b", "c");
        assertThat(deliveries).extracting(Delivery::index).containsExactly(0, 1, 2);
        assertThat(deliveries).extracting(Delivery::offset).containsOnly(7L);
        assertThat(letters).isEmpty();
    }

    @Test
    void read_ofARecordWithoutValuesGivesNothing() {
        read("\n");

        assertThat(deliveries).isEmpty();
        assertThat(letters).isEmpty();
    }

    @Test
    void read_keepsTheGoodValuesAndRefusesTheOthersWithAllReasons() {
        read("a\ndamaged\nmuch too long\nd");

        assertThat(values()).containsExactly("a", "d");
        assertThat(deliveries).extracting(Delivery::index).containsExactly(0, 3);
        assertThat(letters).singleElement().satisfies(letter -> {
            assertThat(letter.stage()).isEqualTo(Stage.SAMPLE);
            assertThat(letter.indexes()).containsExactly(1, 2);
            assertThat(letter.reasons()).containsExactly("line 2: damaged", "value 2: too long", "value 2: too loud");
            assertThat(letter.source().value())
                    .hasValueSatisfying(bytes -> assertThat(text(bytes)).isEqualTo("a\ndamaged\nmuch too long\nd"));
        });
    }

    @Test
    void read_givesTheDecoderTheWholeRecord() {
        decoder = new Decoder<>() {
            @Override
            public void decode(SourceRecord source, Values<? super String> values) {
                values.accept(source + " " + source.timestampMillis());
            }

            @Override
            public void decode(ByteBuffer source, Values<? super String> values) {
                throw new AssertionError("only the bytes");
            }
        };

        read("x");

        assertThat(values()).containsExactly("t-0@7 5");
    }

    /** A value for {@code good}, a refusal of the kind {@code x}, y or z for these, else a count. */
    private static final Decoder<String> KINDS = (source, values) -> {
        for (String word : StandardCharsets.UTF_8.decode(source).toString().split(" ", -1)) {
            switch (word) {
                case "good" -> values.accept(word);
                case "x", "y", "z" -> values.refuse("line of " + word, word);
                default -> values.count(word, 2);
            }
        }
    };

    private static RecordCounts counts(int refused, int repetitions, Map<String, Integer> others) {
        return new RecordCounts(new SourcePartition("t", 0), 7, refused, repetitions, others);
    }

    @Test
    void read_leavesRepeatedRefusalsOutOfTheLetter() {
        decoder = KINDS;
        repeated.add("x");

        read("x good y x z");

        assertThat(deliveries).extracting(Delivery::index).containsExactly(1);
        assertThat(letters).singleElement().satisfies(letter -> {
            assertThat(letter.indexes()).containsExactly(2, 4);
            assertThat(letter.reasons()).containsExactly("line of y", "line of z");
        });
        assertThat(counts).containsExactly(counts(4, 2, Map.of()));
    }

    @Test
    void read_ofRepeatedRefusalsOnlyGivesNoLetter() {
        decoder = KINDS;
        repeated.add("x");

        read("x x");

        assertThat(letters).isEmpty();
        assertThat(counts).containsExactly(counts(2, 2, Map.of()));
    }

    @Test
    void read_leavesWhatAValidatorRepeatsOutOfTheLetter() {
        validator = SHORT_ONLY_OF_KINDS;
        repeated.add("m");

        read("much too long\ngood\nvery much too long\nmuch longer than that");

        assertThat(deliveries).extracting(Delivery::index).containsExactly(1);
        assertThat(letters).singleElement().satisfies(letter -> {
            assertThat(letter.indexes()).containsExactly(2);
            assertThat(letter.reasons()).containsExactly("value 2: too long", "value 2: too loud");
        });
        assertThat(counts).containsExactly(counts(3, 2, Map.of()));
    }

    @Test
    void read_countsNoRepetitionOfAValidatorThatGivesNoKind() {
        repeated.addAll(List.of("", "m"));

        read("much too long\ngood");

        assertThat(letters).hasSize(1);
        assertThat(counts).containsExactly(counts(1, 0, Map.of()));
    }

    @Test
    void read_countsAllValuesOfARecordThatIsRefusedWhole() {
        decoder = KINDS;
        keepsParts = false;
        repeated.add("x");

        read("good x good");

        assertThat(letters).singleElement().satisfies(letter -> {
            assertThat(letter.isPartial()).isFalse();
            assertThat(letter.reasons()).containsExactly("line of x");
        });
        assertThat(counts).containsExactly(counts(3, 0, Map.of()));
    }

    @Test
    void read_addsUpWhatTheDecoderCounts() {
        decoder = KINDS;

        read("none good none other");
        read("good");

        assertThat(counts).containsExactly(counts(0, 0, Map.of("none", 4, "other", 2)));
    }

    private Decoder<String> excerptOf(UnaryOperator<byte[]> excerpt) {
        return new Decoder<>() {
            @Override
            public void decode(ByteBuffer source, Values<? super String> values) {
                new LineDecoder().decode(source, values);
            }

            @Override
            public byte[] excerpt(byte[] source, SortedSet<Integer> indexes) {
                return excerpt.apply(source);
            }
        };
    }

    @Test
    void excerpt_holdsTheRefusedValuesOnly() {
        read("a\ndamaged\nmuch too long\nd");

        DeadLetter excerpt = reader().excerpt(letters.get(0));

        assertThat(excerpt.source().value())
                .hasValueSatisfying(bytes -> assertThat(text(bytes)).isEqualTo("damaged\nmuch too long"));
        assertThat(excerpt.indexes()).containsExactly(1, 2);
        assertThat(excerpt.offset()).isEqualTo(7);
    }

    @Test
    void excerpt_thatFailsIsTheWholeRecord() {
        decoder = excerptOf(source -> {
            throw new IllegalStateException("a defect");
        });
        read("a\ndamaged");

        assertThat(reader().excerpt(letters.get(0))).isSameAs(letters.get(0));
    }

    @Test
    void excerpt_throwsOnWhatConcernsTheJvm() {
        Error error = new OutOfMemoryError("heap");
        decoder = excerptOf(source -> {
            throw error;
        });
        read("a\ndamaged");

        assertThat(catchThrowable(() -> reader().excerpt(letters.get(0)))).isSameAs(error);
    }

    @Test
    void excerpt_leavesAThreadOfOursWithoutTheInterruptOfTheHost() throws InterruptedException {
        decoder = excerptOf(source -> {
            Thread.currentThread().interrupt();
            return source;
        });
        read("a\ndamaged");
        List<Boolean> interrupted = new ArrayList<>();
        OwnThread thread = new OwnThread(
                () -> {
                    reader().excerpt(letters.get(0));
                    interrupted.add(Thread.currentThread().isInterrupted());
                },
                "telemetry-test");
        thread.start();
        thread.join();

        assertThat(interrupted).containsExactly(false);
    }

    @Test
    void refused_areWhatASinkRefuses_whereAReplayRepeatsNothing() {
        read("a\ndamaged");

        assertThat(reader().keepsParts()).isTrue();
        assertThat(reader().refused(letters)).isEqualTo(letters);
        keepsParts = false;
        assertThat(reader().keepsParts()).isFalse();
        assertThat(reader().refused(letters)).extracting(DeadLetter::isPartial).containsExactly(false);
    }

    @Test
    void read_withoutPartsRefusesTheRecordWhole() {
        keepsParts = false;

        read("a\ndamaged\nc");

        assertThat(deliveries).isEmpty();
        assertThat(letters).singleElement().satisfies(letter -> {
            assertThat(letter.isPartial()).isFalse();
            assertThat(letter.stage()).isEqualTo(Stage.DECODE);
            assertThat(letter.reasons()).containsExactly("line 2: damaged");
        });
    }

    @Test
    void read_ofARecordWithoutAGoodValueRefusesItWhole() {
        read("much too long\ndamaged");

        assertThat(letters).singleElement().satisfies(letter -> {
            assertThat(letter.isPartial()).isFalse();
            assertThat(letter.stage()).isEqualTo(Stage.VALIDATE);
            assertThat(letter.reasons()).containsExactly("value 0: too long", "value 0: too loud", "line 2: damaged");
        });
    }

    /** Lines whose places are known, for as long as the decoder is in order. */
    private static final class PlacedLines implements Decoder<String> {
        private final Optional<RuntimeException> fault;

        PlacedLines(Optional<RuntimeException> fault) {
            this.fault = fault;
        }

        @Override
        public void decode(ByteBuffer source, Values<? super String> values) {
            new LineDecoder().decode(source, values);
        }

        @Override
        public Map<Integer, String> places(byte[] source, SortedSet<Integer> indexes) {
            fault.ifPresent(thrown -> {
                throw thrown;
            });
            assertThat(indexes).containsExactly(0, 2);
            return Map.of(2, "line 3");
        }
    }

    @Test
    void read_saysWhereRefusedValuesStand_asFarAsTheDecoderKnowsIt() {
        decoder = new PlacedLines(Optional.empty());
        read("much too long\nb\nmuch too long");
        List<DeadLetter> placed = List.copyOf(letters);
        letters.clear();
        decoder = new PlacedLines(Optional.of(new IllegalStateException("out of order")));
        read("much too long\nb\nmuch too long");

        assertThat(placed.get(0).reasons())
                .containsExactly("value 0: too long", "value 0: too loud", "line 3: too long", "line 3: too loud");
        assertThat(letters.get(0).reasons())
                .containsExactly("value 0: too long", "value 0: too loud", "value 2: too long", "value 2: too loud");
    }

    @Test
    void read_ofARecordThatBreaksOffKeepsWhatWasRead() {
        read("a\nb\nend\nd");

        assertThat(values()).containsExactly("a", "b");
        assertThat(letters).singleElement().satisfies(letter -> {
            assertThat(letter.stage()).isEqualTo(Stage.SAMPLE);
            assertThat(letter.indexes()).containsExactly(2);
            assertThat(letter.reasons()).containsExactly("line 3 ends the record at byte 9");
        });
    }

    @Test
    void read_ofADecoderWithADefectKeepsWhatWasRead() {
        decoder = (source, values) -> {
            values.accept("a");
            throw new IllegalStateException("a defect");
        };

        read("x");

        assertThat(values()).containsExactly("a");
        assertThat(letters.get(0).reasons()).containsExactly("java.lang.IllegalStateException: a defect");
    }

    @Test
    void read_passesOverFilteredValuesOfARecord() {
        filter = delivery -> !delivery.value().equals("b");

        read("a\nb\nc");

        assertThat(values()).containsExactly("a", "c");
        assertThat(deliveries).extracting(Delivery::index).containsExactly(0, 2);
        assertThat(skipped).isEqualTo(1);
    }

    @Test
    void reasons_areBounded() {
        read("a\n" + "damaged\n".repeat(5_000));

        assertThat(letters.get(0).reasons()).hasSize(100);
        assertThat(letters.get(0).indexes())
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, 5_000).boxed().toList());
    }

    @Test
    void decode_withAConsumerThrowsAtTheFirstBadValue() {
        List<String> read = new ArrayList<>();

        assertThatExceptionOfType(CodecException.class)
                .isThrownBy(() -> decoder.decode("a\ndamaged\nc".getBytes(StandardCharsets.UTF_8), read::add))
                .withMessageContaining("line 2: damaged");
        assertThat(read).containsExactly("a");
    }

    @Test
    void refused_isOfWholeRecordsWhereAReplayWouldRepeatTheOthers() {
        read("a\ndamaged");

        assertThat(reader().refused(letters)).isEqualTo(letters);
        keepsParts = false;
        assertThat(reader().refused(letters)).singleElement().satisfies(letter -> {
            assertThat(letter.isPartial()).isFalse();
            assertThat(letter.source()).isSameAs(letters.get(0).source());
        });
    }
}
