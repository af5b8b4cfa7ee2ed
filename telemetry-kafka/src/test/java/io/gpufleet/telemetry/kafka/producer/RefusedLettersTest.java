package io.gpufleet.telemetry.kafka.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.kafka.Logs;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Letters that a {@link DeadLetterTopic} cannot send unchanged, since they are refused for their own fault. */
class RefusedLettersTest {
    private static final String LEFT_OUT = "__dlq.errors.left.out";

    /** A producer whose broker refuses records by a rule. */
    private static final class Broker extends MockProducer<byte[], byte[]> {
        private final Function<ProducerRecord<byte[], byte[]>, Exception> rule;
        private int refused;

        private Broker(Function<ProducerRecord<byte[], byte[]>, Exception> rule) {
            super(true, null, new ByteArraySerializer(), new ByteArraySerializer());
            this.rule = rule;
        }

        @Override
        public synchronized Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> message) {
            Exception refusal = rule.apply(message);
            if (refusal == null) {
                return super.send(message);
            }
            refused++;
            return CompletableFuture.failedFuture(refusal);
        }
    }

    private static Broker broker(Function<ProducerRecord<byte[], byte[]>, Exception> rule) {
        return new Broker(rule);
    }

    /** Returns a broker that accepts records up to a size. */
    private static Broker broker(int limit) {
        return new Broker(message -> size(message) > limit ? new RecordTooLargeException("large") : null);
    }

    private static int size(ProducerRecord<byte[], byte[]> message) {
        int size = length(message.key()) + length(message.value());
        for (Header header : message.headers()) {
            size += header.key().length() + length(header.value());
        }
        return size;
    }

    private static int length(byte[] bytes) {
        return bytes == null ? 0 : bytes.length;
    }

    private static DeadLetter letter(SourceRecord.Builder source, String... reasons) {
        return new DeadLetter(source.build(), DeadLetter.Stage.DECODE, List.of(reasons));
    }

    private static SourceRecord.Builder source(int key, int value, int header) {
        return SourceRecord.builder(Logs.partition(0), 5)
                .timestampMillis(7)
                .key(new byte[key])
                .value(new byte[value])
                .headers(List.of(new SourceRecord.Header("h", new byte[header])));
    }

    private static DeadLetterTopic topic(Broker broker) {
        return new DeadLetterTopic(DeadLetterTopic.builder("localhost:1", "g"), broker);
    }

    private static ProducerRecord<byte[], byte[]> written(Broker broker, DeadLetter letter) {
        topic(broker).write(List.of(letter));
        assertThat(broker.history()).hasSize(1);
        return broker.history().get(0);
    }

    private static String header(ProducerRecord<byte[], byte[]> message, String name) {
        return Optional.ofNullable(message.headers().lastHeader(name))
                .map(header -> new String(header.value(), StandardCharsets.UTF_8))
                .orElse("nothing");
    }

    @Test
    void largeLetter_losesNoMoreThanItMust() {
        ProducerRecord<byte[], byte[]> withoutValue = written(broker(2_000), letter(source(9, 5_000, 99), "bad"));
        assertThat(withoutValue.value()).isNull();
        assertThat(withoutValue.key()).hasSize(9);
        assertThat(withoutValue.timestamp()).isEqualTo(7);
        assertThat(header(withoutValue, LEFT_OUT))
                .isEqualTo("value of 5000 bytes; the record lies in partition 0 of topic t at offset 5");
        assertThat(header(withoutValue, "__dlq.errors.message")).isEqualTo("bad");

        ProducerRecord<byte[], byte[]> withoutHeaders = written(broker(2_000), letter(source(9, 5, 5_000), "bad"));
        assertThat(withoutHeaders.key()).hasSize(9);
        assertThat(withoutHeaders.headers().headers("h")).isEmpty();
        assertThat(header(withoutHeaders, LEFT_OUT)).startsWith("value of 5 bytes, 1 header of 5001 bytes; ");

        ProducerRecord<byte[], byte[]> withoutKey = written(broker(2_000), letter(source(5_000, 5, 9), "bad"));
        assertThat(new String(withoutKey.key(), StandardCharsets.UTF_8)).isEqualTo("t-0@5");
        assertThat(header(withoutKey, LEFT_OUT)).startsWith("key of 5000 bytes, replaced by the record's place, value");
    }

    @Test
    void longReasons_areCutBeforeAnythingOfTheRecordIs() {
        ProducerRecord<byte[], byte[]> sent =
                written(broker(3_000), letter(source(9, 99, 9), "é".repeat(3_000), "second"));
        assertThat(sent.value()).hasSize(99);
        assertThat(header(sent, "__dlq.errors.message")).isEqualTo("é".repeat(1_000));
        assertThat(header(sent, LEFT_OUT)).startsWith("reasons of 6008 bytes behind the first 2000; ");
    }

    @Test
    void whatStillFitsNowhere_namesTheTopicAndStops() {
        SinkException failure = catchThrowableOfType(
                SinkException.class, () -> written(broker(100), letter(source(9, 5_000, 99), "bad")));
        assertThat(failure.kind()).isEqualTo(SinkException.Kind.FATAL);
        assertThat(failure)
                .hasMessageStartingWith("Topic t-invalid refuses the dead letter of t-0@5, also without key of 9")
                .hasMessageEndingWith(": large");
    }

    @Test
    void timestampThatIsRefused_isLeftOutAlone() {
        Broker broker = broker(message -> message.timestamp() == null ? null : new InvalidTimestampException("late"));
        ProducerRecord<byte[], byte[]> sent = written(broker, letter(source(9, 99, 9), "bad"));
        assertThat(sent.value()).hasSize(99);
        assertThat(header(sent, LEFT_OUT)).startsWith("timestamp 1970-01-01T00:00:00.007Z; ");
    }

    /** The producer's own clock is wrong: no part of a letter is to blame. */
    @Test
    void timeThatIsRefusedWithoutATimestamp_stops() {
        Broker broker = broker(message -> new InvalidTimestampException("late"));
        assertThat(catchThrowableOfType(SinkException.class, () -> written(broker, letter(source(9, 99, 9), "bad"))))
                .hasMessageContaining("t-0@5, also without timestamp");
        assertThat(broker.refused).isEqualTo(2);
    }

    @Test
    void timestampThatNoProducerMaySend_isLeftOut() {
        ProducerRecord<byte[], byte[]> sent =
                written(broker(9_999), letter(source(9, 99, 9).timestampMillis(-5), "bad"));
        assertThat(sent.timestamp()).isNull();
        assertThat(header(sent, LEFT_OUT)).startsWith("timestamp 1969-12-31T23:59:59.995Z; ");
    }

    @Test
    void topicThatDemandsAKey_getsThePlace() {
        Broker broker = broker(message -> message.key() == null ? new InvalidRecordException("no key") : null);
        ProducerRecord<byte[], byte[]> sent = written(
                broker, letter(SourceRecord.builder(Logs.partition(0), 5).value(new byte[3]), "bad"));
        assertThat(sent.key()).asString(StandardCharsets.UTF_8).isEqualTo("t-0@5");
        assertThat(sent.value()).hasSize(3);
        assertThat(header(sent, LEFT_OUT)).startsWith("no key, which the topic demands");
    }

    @Test
    void unknownRefusal_leavesOutOnePartAfterTheOther() {
        Broker broker = broker(message -> message.timestamp() == null ? null : new InvalidRecordException("policy"));
        assertThat(header(written(broker, letter(source(9, 99, 9), "bad")), LEFT_OUT))
                .startsWith("key of 9 bytes, replaced by the record's place, value of 99 bytes, 1 header of 10 bytes, "
                        + "timestamp 1970");
    }

    @ParameterizedTest
    @EnumSource
    void everyFamilyOfHeaders_saysWhatIsLeftOut(DeadLetterHeaders names) {
        Broker broker = broker(2_000);
        new DeadLetterTopic(DeadLetterTopic.builder("localhost:1", "g").headers(names), broker)
                .write(List.of(letter(source(9, 5_000, 9), "bad")));
        assertThat(header(broker.history().get(0), names.leftOut())).startsWith("value of 5000 bytes");
    }

    /** A broker refuses a request for one record; the client reports no fault of the others. */
    @Test
    void neighbours_areSentAgainWhole() {
        List<String> requests = new ArrayList<>();
        Broker broker = broker(message -> {
            String offset = header(message, "__dlq.errors.offset");
            requests.add(offset);
            if (offset.equals("2")) {
                return message.value() == null ? null : new RecordTooLargeException("large");
            }
            return requests.size() <= 4 ? new KafkaException("part of a batch") : null;
        });
        List<DeadLetter> letters = new ArrayList<>();
        for (int offset = 0; offset < 4; offset++) {
            letters.add(letter(SourceRecord.builder(Logs.partition(0), offset).value(new byte[9]), "bad"));
        }

        topic(broker).write(letters);

        assertThat(requests).containsExactly("0", "1", "2", "3", "2", "0", "1", "3", "2");
        assertThat(broker.history()).hasSize(4);
        assertThat(broker.history()).filteredOn(sent -> sent.value() == null).hasSize(1);
    }

    /** Brokers before 2.4 do not name the refused record of a request. */
    @Test
    void lettersThatAreRefusedTogether_areTriedAlone() {
        List<Object> requests = new ArrayList<>();
        Broker broker = broker(message -> {
            requests.add(message);
            return requests.size() <= 3 ? new InvalidTimestampException("one of you") : null;
        });
        List<DeadLetter> letters = new ArrayList<>();
        for (int offset = 0; offset < 3; offset++) {
            letters.add(letter(SourceRecord.builder(Logs.partition(0), offset).timestampMillis(7), "bad"));
        }

        topic(broker).write(letters);

        assertThat(broker.history()).extracting(ProducerRecord::timestamp).containsExactly(7L, 7L, 7L);
    }

    @Test
    void neighboursOfNothing_areAFailure() {
        Broker broker = broker(message -> new KafkaException("closed"));
        assertThat(catchThrowableOfType(SinkException.class, () -> written(broker, letter(source(1, 1, 1), "bad"))))
                .hasMessage("Dead letters were not sent: closed");
    }
}
