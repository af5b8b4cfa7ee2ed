package io.gpufleet.telemetry.kafka.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.kafka.Logs;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class DeadLetterTopicTest {
    private final MockProducer<byte[], byte[]> producer =
            new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());

    private static DeadLetterTopic.Builder builder() {
        return DeadLetterTopic.builder("localhost:1", "g");
    }

    private DeadLetterTopic target() {
        return new DeadLetterTopic(builder(), producer);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static DeadLetter letter(SourceRecord source) {
        return new DeadLetter(source, DeadLetter.Stage.VALIDATE, List.of("bad"));
    }

    private SinkException failingWith(RuntimeException failure) {
        producer.sendException = failure;
        return catchThrowableOfType(
                SinkException.class,
                () -> target().write(List.of(
                        letter(SourceRecord.builder(Logs.partition(0), 5).build()))));
    }

    @Test
    void write_keepsTheRecordAndSaysWhy() {
        SourceRecord source = SourceRecord.builder(Logs.partition(2), 5)
                .timestampMillis(1_234)
                .key(bytes("key"))
                .value(bytes("value"))
                .headers(List.of(new SourceRecord.Header("trace", bytes("1")), new SourceRecord.Header("trace", null)))
                .build();

        target().write(List.of(letter(source)));

        ProducerRecord<byte[], byte[]> sent = producer.history().get(0);
        assertThat(sent.topic()).isEqualTo("t-invalid");
        assertThat(sent.timestamp()).isEqualTo(1_234);
        assertThat(sent.key()).isEqualTo(bytes("key"));
        assertThat(sent.value()).isEqualTo(bytes("value"));
        assertThat(sent.headers())
                .extracting(Header::key)
                .containsExactly(
                        "trace",
                        "trace",
                        "__dlq.errors.group",
                        "__dlq.errors.topic",
                        "__dlq.errors.partition",
                        "__dlq.errors.offset",
                        "__dlq.errors.message",
                        "__dlq.errors.stage");
    }

    @Test
    void write_keepsWhatTheRecordDoesNotHave() {
        target().write(List.of(letter(SourceRecord.builder(Logs.partition(2), 5).build())));

        ProducerRecord<byte[], byte[]> sent = producer.history().get(0);
        assertThat(sent.timestamp()).isNull();
        assertThat(sent.key()).isNull();
        assertThat(sent.value()).isNull();
    }

    @Test
    void write_saysWhetherToTryAgain() {
        assertThat(failingWith(new TimeoutException("busy")).kind()).isEqualTo(SinkException.Kind.TRANSIENT);
        assertThat(failingWith(new TopicAuthorizationException("no right")))
                .hasMessage("Dead letters were not sent: no right");
        assertThat(failingWith(new TopicAuthorizationException("no right")).kind())
                .isEqualTo(SinkException.Kind.FATAL);
        SinkException noTopic = failingWith(new TimeoutException("t-invalid", new UnknownTopicOrPartitionException()));
        assertThat(noTopic.kind()).isEqualTo(SinkException.Kind.FATAL);
        assertThat(noTopic)
                .hasMessage("Dead letters were not sent: the cluster has no such topic, create it: t-invalid");
        assertThat(failingWith(new InterruptException("stop")).kind()).isEqualTo(SinkException.Kind.TRANSIENT);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void write_restoresAnInterrupt() {
        MockProducer<byte[], byte[]> silent =
                new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
        Thread.currentThread().interrupt();

        SinkException failure = catchThrowableOfType(
                SinkException.class,
                () -> new DeadLetterTopic(builder(), silent)
                        .write(List.of(letter(
                                SourceRecord.builder(Logs.partition(0), 5).build()))));

        assertThat(Thread.interrupted()).isTrue();
        assertThat(failure.kind()).isEqualTo(SinkException.Kind.TRANSIENT);
    }

    @Test
    void builder_checksItsArguments() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().suffix(""))
                .withMessage("suffix: empty; dead letters would go back to their own topic");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().overrides(Map.of("acks", "0")))
                .withMessageStartingWith("overrides: acks=0 cannot be set");
    }

    @Test
    void requireNames_refusesATopicWhoseLettersWouldHaveNone() {
        try (DeadLetterTopic letters =
                DeadLetterTopic.builder("localhost:1", "g").build()) {
            letters.requireNames(List.of("t".repeat(241)));

            assertThatExceptionOfType(IllegalStateException.class)
                    .isThrownBy(() -> letters.requireNames(List.of("a", "t".repeat(245))))
                    .withMessageContaining("t".repeat(245) + "-invalid, which is not a name for a topic: ")
                    .withMessageContaining("249")
                    .withMessageEndingWith(". Choose another suffix(…), or another place");
        }
    }
}
