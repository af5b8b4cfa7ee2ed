package io.gpufleet.telemetry.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.gpufleet.telemetry.Codec;
import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.EventTime;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.Validator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RecordReaderTest {
    private static final SourcePartition PARTITION = new SourcePartition("t", 0);

    private final List<Delivery<String>> deliveries = new ArrayList<>();
    private final List<DeadLetter> deadLetters = new ArrayList<>();

    private final RecordReader.Target<String> target = new RecordReader.Target<>() {
        @Override
        public void add(Delivery<String> delivery) {
            deliveries.add(delivery);
        }

        @Override
        public void add(DeadLetter deadLetter) {
            deadLetters.add(deadLetter);
        }
    };

    /** A codec of texts: {@code damaged} is refused, {@code explodes} is a defect of the codec. */
    private static final class TextCodec implements Codec<String> {
        @Override
        public int encodedSize(String value) {
            return bytes(value).length;
        }

        @Override
        public void encode(String value, ByteBuffer target) {
            target.put(bytes(value));
        }

        @Override
        public String decode(ByteBuffer source) {
            String text = StandardCharsets.UTF_8.decode(source).toString();
            return switch (text) {
                case "damaged" -> throw new CodecException("no text", 7);
                case "explodes" -> throw new IllegalStateException("a defect");
                default -> text;
            };
        }
    }

    private static SourceRecord record(String value) {
        return SourceRecord.builder(PARTITION, 5)
                .timestampMillis(1_234)
                .value(bytes(value))
                .build();
    }

    private void read(EventTime<String> time, Validator<String> validator, SourceRecord record) {
        new RecordReader<>(new TextCodec(), time, validator, false).read(record, target);
    }

    private void read(SourceRecord record) {
        read(EventTime.recordTimestamp(), Validator.acceptAll(), record);
    }

    private void assertRefused(DeadLetter.Stage stage, String... reasons) {
        assertThat(deliveries).isEmpty();
        assertThat(deadLetters).hasSize(1);
        assertThat(deadLetters.get(0).stage()).isEqualTo(stage);
        assertThat(deadLetters.get(0).reasons()).containsExactly(reasons);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void read_carriesTheWholeRecord() {
        SourceRecord record = record("text");

        read(record);

        Delivery<String> delivery = deliveries.get(0);
        assertThat(delivery.value()).isEqualTo("text");
        assertThat(delivery.time()).isEqualTo(Instant.ofEpochMilli(1_234));
        assertThat(delivery.source()).isSameAs(record);
        assertThat(deadLetters).isEmpty();
    }

    @Test
    void read_refusesWhatDoesNotDecode() {
        read(record("damaged"));

        assertRefused(DeadLetter.Stage.DECODE, "no text at byte 7");
        assertThat(deadLetters.get(0).source().value()).contains(bytes("damaged"));
        assertThat(deadLetters.get(0).offset()).isEqualTo(5);
    }

    @Test
    void read_refusesWhatACodecFailsOn() {
        read(record("explodes"));

        assertRefused(DeadLetter.Stage.DECODE, "java.lang.IllegalStateException: a defect");
    }

    @Test
    void read_refusesWhatDoesNotValidate() {
        read(EventTime.recordTimestamp(), delivery -> List.of("too hot", "too late"), record("text"));

        assertRefused(DeadLetter.Stage.VALIDATE, "too hot", "too late");
    }

    @Test
    void read_refusesWhatAValidatorFailsOn() {
        Validator<String> failing = delivery -> {
            throw new IllegalStateException("a defect");
        };

        read(EventTime.recordTimestamp(), failing, record("text"));

        assertRefused(DeadLetter.Stage.VALIDATE, "java.lang.IllegalStateException: a defect");
    }

    @Test
    void read_refusesWhatNobodyJudges() {
        read(EventTime.recordTimestamp(), delivery -> null, record("text"));

        assertThat(deliveries).isEmpty();
        assertThat(deadLetters).extracting(DeadLetter::stage).containsExactly(DeadLetter.Stage.VALIDATE);
    }

    @Test
    void read_refusesARecordWithoutATime() {
        read(SourceRecord.builder(PARTITION, 5).value(bytes("text")).build());

        assertRefused(DeadLetter.Stage.VALIDATE, "the record has no timestamp");
    }

    private static SourceRecord timedByBroker() {
        return SourceRecord.builder(PARTITION, 5)
                .timestampMillis(1_234)
                .timestampType(SourceRecord.TimestampType.LOG_APPEND_TIME)
                .value(bytes("text"))
                .build();
    }

    @Test
    void read_refusesATimeOfTheBroker() {
        read(timedByBroker());

        assertRefused(
                DeadLetter.Stage.VALIDATE,
                "the record's timestamp 1970-01-01T00:00:01.234Z is the broker's (LogAppendTime), not the producer's");
        assertThat(deadLetters.get(0).source().timestamp()).contains(Instant.ofEpochMilli(1_234));
    }

    @Test
    void read_saysThatAnExtractorFoundNoTime() {
        read((value, source) -> Optional.empty(), Validator.acceptAll(), timedByBroker());

        assertRefused(DeadLetter.Stage.VALIDATE, "eventTime(…) found no time");
    }

    @Test
    void read_takesTheTimeOfTheHost() {
        Instant time = Instant.parse("2026-01-01T00:00:00Z");

        read((value, source) -> Optional.of(time), Validator.acceptAll(), timedByBroker());

        assertThat(deliveries).extracting(Delivery::time).containsExactly(time);
    }

    @Test
    void read_refusesWhatAnExtractorFailsOn() {
        EventTime<String> failing = (value, source) -> {
            throw new IllegalStateException("a defect");
        };

        read(failing, Validator.acceptAll(), record("text"));

        assertRefused(DeadLetter.Stage.VALIDATE, "java.lang.IllegalStateException: a defect");
    }

    /** Returns throwables of a host's code, undeclared checked exceptions among them. */
    static List<Throwable> faults() {
        return List.of(
                new StackOverflowError(),
                new NoClassDefFoundError("of the host"),
                new ExceptionInInitializerError("of the host"),
                new AssertionError("of the host"),
                new IOException("of the host"),
                new Error("of the host"));
    }

    /** An exception without a message, whose {@code toString} throws or returns null. */
    private static final class WithoutWords extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final transient RuntimeException thrown;

        WithoutWords(RuntimeException thrown) {
            super((String) null);
            this.thrown = thrown;
        }

        @Override
        public String getMessage() {
            return toString();
        }

        @Override
        @SuppressWarnings("ToStringReturnsNull") // what a host may get wrong
        public String toString() {
            if (thrown != null) {
                throw thrown;
            }
            return null;
        }
    }

    @Test
    void read_refusesWhatFailsWithoutAWord() {
        for (RuntimeException thrown :
                List.of(new WithoutWords(null), new WithoutWords(new IllegalStateException("of toString()")))) {
            deadLetters.clear();

            new RecordReader<>(codec(thrown), EventTime.recordTimestamp(), Validator.acceptAll(), false)
                    .read(record("x"), target);

            assertRefused(DeadLetter.Stage.DECODE, WithoutWords.class.getName());
        }
    }

    @Test
    void words_areNeverNull() {
        assertThat(HostFault.words(new IOException("gone"))).isEqualTo("gone");
        assertThat(HostFault.words(new IOException())).isEqualTo("java.io.IOException");
        assertThat(HostFault.words(new OutOfMemoryError())).isEqualTo("java.lang.OutOfMemoryError");
        assertThat(HostFault.words(new WithoutWords(null))).isEqualTo(WithoutWords.class.getName());
        assertThat(HostFault.words(new WithoutWords(new IllegalStateException())))
                .isEqualTo(WithoutWords.class.getName());
    }

    @Test
    void read_leavesAThreadOfOursWithoutTheInterruptOfTheHost() throws InterruptedException {
        List<Boolean> interrupted = new ArrayList<>();
        Validator<String> interrupting = delivery -> {
            Thread.currentThread().interrupt();
            return List.of();
        };
        OwnThread thread = new OwnThread(
                () -> {
                    read(EventTime.recordTimestamp(), interrupting, record("good"));
                    interrupted.add(Thread.currentThread().isInterrupted());
                },
                "telemetry-test");
        thread.start();
        thread.join();

        assertThat(interrupted).containsExactly(false);
        assertThat(deliveries).hasSize(1);
    }

    @SuppressWarnings("unchecked") // as compilers of other languages have it
    private static <E extends Throwable> RuntimeException sneak(Throwable thrown) throws E {
        throw (E) thrown;
    }

    static <E extends Throwable> void throwIt(Throwable thrown) throws E {
        throw RecordReaderTest.<E>sneak(thrown);
    }

    private static Codec<String> codec(Throwable thrown) {
        return new Codec<>() {
            @Override
            public int encodedSize(String value) {
                return 0;
            }

            @Override
            public void encode(String value, ByteBuffer target) {}

            @Override
            public String decode(ByteBuffer source) {
                throw RecordReaderTest.<RuntimeException>sneak(thrown);
            }
        };
    }

    private void readWith(Codec<String> codec) {
        new RecordReader<>(codec, EventTime.recordTimestamp(), Validator.acceptAll(), false)
                .read(record("text"), target);
    }

    @ParameterizedTest
    @MethodSource("faults")
    void read_setsTheRecordAsideWhateverTheCodecThrows(Throwable thrown) {
        readWith(codec(thrown));

        assertRefused(DeadLetter.Stage.DECODE, thrown.toString());
    }

    @ParameterizedTest
    @MethodSource("faults")
    void read_setsTheRecordAsideWhateverTheValidatorThrows(Throwable thrown) {
        read(
                EventTime.recordTimestamp(),
                delivery -> {
                    throw RecordReaderTest.<RuntimeException>sneak(thrown);
                },
                record("text"));

        assertRefused(DeadLetter.Stage.VALIDATE, thrown.toString());
    }

    @ParameterizedTest
    @MethodSource("faults")
    void read_setsTheRecordAsideWhateverTheExtractorThrows(Throwable thrown) {
        read(
                (value, source) -> {
                    throw RecordReaderTest.<RuntimeException>sneak(thrown);
                },
                Validator.acceptAll(),
                record("text"));

        assertRefused(DeadLetter.Stage.VALIDATE, thrown.toString());
    }

    @Test
    void read_setsTheRecordAsideWhenTheFaultHasNoWords() {
        readWith(codec(new Speechless()));

        assertRefused(DeadLetter.Stage.DECODE, Speechless.class.getName());
    }

    private static final class Speechless extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @Override
        public String getMessage() {
            throw new IllegalStateException("no words");
        }
    }

    @Test
    void read_throwsOnWhatConcernsTheJvm() {
        for (Error error : List.of(new OutOfMemoryError("heap"), new InternalError("JVM"))) {
            assertThat(catchThrowable(() -> readWith(codec(error)))).isSameAs(error);
            assertThat(catchThrowable(() -> read(
                            EventTime.recordTimestamp(),
                            delivery -> {
                                throw error;
                            },
                            record("text"))))
                    .isSameAs(error);
        }
        assertThat(deadLetters).isEmpty();
    }

    private int skipped(Predicate<Delivery<String>> filter, String... texts) {
        AtomicInteger skipped = new AtomicInteger();
        RecordReader.Target<String> counting = new RecordReader.Target<>() {
            @Override
            public void add(Delivery<String> delivery) {
                target.add(delivery);
            }

            @Override
            public void add(DeadLetter deadLetter) {
                target.add(deadLetter);
            }

            @Override
            public void skip() {
                skipped.incrementAndGet();
            }
        };
        Validator<String> none = delivery -> List.of("refused");
        RecordReader<String> reader =
                new RecordReader<>(new TextCodec(), EventTime.recordTimestamp(), filter, none, false);
        Stream.of(texts).forEach(text -> reader.read(record(text), counting));
        return skipped.get();
    }

    @Test
    void filter_passesOverWhatIsNotWanted_beforeItIsValidated() {
        int skipped = skipped(delivery -> delivery.value().startsWith("a"), "a", "b", "c", "damaged");

        assertThat(skipped).isEqualTo(2);
        assertThat(deadLetters)
                .extracting(DeadLetter::stage)
                .containsExactly(DeadLetter.Stage.VALIDATE, DeadLetter.Stage.DECODE);
    }

    @Test
    void filter_thatThrows_setsItsRecordAside() {
        int skipped = skipped(
                delivery -> {
                    throw new AssertionError("a defect");
                },
                "a");

        assertThat(skipped).isZero();
        assertThat(deadLetters)
                .singleElement()
                .satisfies(
                        letter -> assertThat(letter.reasons()).containsExactly("java.lang.AssertionError: a defect"));
    }

    @Test
    void read_doesNotBlameARecordForItsTarget() {
        RecordReader.Target<String> full = new RecordReader.Target<>() {
            @Override
            public void add(Delivery<String> delivery) {
                throw new IllegalStateException("full");
            }

            @Override
            public void add(DeadLetter deadLetter) {
                deadLetters.add(deadLetter);
            }
        };

        assertThat(catchThrowable(() -> new RecordReader<>(
                                new TextCodec(), EventTime.recordTimestamp(), Validator.acceptAll(), false)
                        .read(record("text"), full)))
                .hasMessage("full");
        assertThat(deadLetters).isEmpty();
    }
}
