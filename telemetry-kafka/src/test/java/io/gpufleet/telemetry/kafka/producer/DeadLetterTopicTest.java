package io.gpufleet.telemetry.kafka.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.kafka.GpuSampleConsumer;
import io.gpufleet.telemetry.kafka.HeartbeatConsumer;
import io.gpufleet.telemetry.kafka.Logs;
import io.gpufleet.telemetry.kafka.topic.TopicCatalogue;
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

    private String topicOf(DeadLetterTopic.Builder builder, String topic) {
        SourceRecord source =
                SourceRecord.builder(new SourcePartition(topic, 0), 5).build();
        new DeadLetterTopic(builder, producer).write(List.of(letter(source)));
        return producer.history().get(producer.history().size() - 1).topic();
    }

    @Test
    void write_sendsGpuSamplesToTheTopicOfTheCatalogue() {
        assertThat(topicOf(builder(), GpuSampleConsumer.TOPIC)).isEqualTo("gpu-metrics-invalid");
        assertThat(topicOf(builder(), HeartbeatConsumer.TOPIC)).isEqualTo("client-heartbeats-invalid");
        assertThat(topicOf(builder().suffix("-x"), GpuSampleConsumer.TOPIC)).isEqualTo("gpu-metrics-raw-x");
        assertThat(TopicCatalogue.TOPICS)
                .extracting(TopicCatalogue.Topic::name)
                .contains(GpuSampleConsumer.TOPIC, DeadLetterTopic.OF_GPU_SAMPLES);
    }

    @Test
    void topic_takesTheLettersOfAllTopics() {
        assertThat(topicOf(builder().topic("letters"), "t")).isEqualTo("letters");
        assertThat(topicOf(builder().topic("letters"), GpuSampleConsumer.TOPIC)).isEqualTo("letters");
    }

    @Test
    void builder_refusesATopicWithASuffix() {
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> builder().topic("letters").suffix("-x").build())
                .withMessage("topic: letters and suffix: -x exclude each other");
    }

    @Test
    void requireNames_refusesATopicThatIsConsumed() {
        DeadLetterTopic letters = new DeadLetterTopic(builder().topic("letters"), producer);
        letters.requireNames(List.of("a", "b"));

        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> letters.requireNames(List.of("a", "letters")))
                .withMessage("deadLetters: the dead letters of topic letters would go back to it, as it is consumed."
                        + " Choose another topic(…)");
    }

    @Test
    void builder_checksItsArguments() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().topic("a b"))
                .withMessageStartingWith("topic: \"a b\"");
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
