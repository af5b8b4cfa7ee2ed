package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.Sink;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.DeadLetterReplayer;
import io.gpufleet.telemetry.jdbc.ReplayResult;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.kafka.producer.DeadLetterTopic;
import io.gpufleet.telemetry.kafka.producer.OriginalTopic;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;

/**
 * Dead letters that their target refuses for their own content: consumption continues, and each is kept as far as
 * possible.
 */
@TelemetryStackTest
final class RefusedLettersIT {
    private static final byte[] POISON = {1, 2, 3};
    private static final byte[] KEY = {'k'};
    private static final int LARGE = 2_000_000;
    private static final Map<String, String> ROOMY =
            Map.of("max.message.bytes", "5000000", "message.timestamp.after.max.ms", "9223372036854775807");

    private final Collection<Long> offsets = new ConcurrentLinkedQueue<>();
    private final Sink<Heartbeat> sink =
            batch -> batch.deliveries().forEach(delivery -> offsets.add(delivery.offset()));

    @Test
    void lettersThatTheirTopicRefuses_areKeptWithoutWhatItRefuses(TelemetryStack stack) {
        Pipeline pipeline = withTopics(stack, "unfit", Map.of());
        pipeline.publish(49);
        long late = System.currentTimeMillis() + TimeUnit.HOURS.toMillis(2);
        ProducerRecord<byte[], byte[]> largeHeader = new ProducerRecord<>(pipeline.topic(), KEY, POISON);
        largeHeader.headers().add("large", new byte[LARGE]);
        pipeline.send(List.of(
                new ProducerRecord<>(pipeline.topic(), KEY, POISON),
                new ProducerRecord<>(pipeline.topic(), KEY, new byte[LARGE]),
                new ProducerRecord<>(pipeline.topic(), new byte[LARGE], POISON),
                largeHeader,
                new ProducerRecord<>(pipeline.topic(), 0, late, KEY, POISON),
                new ProducerRecord<>(pipeline.topic(), KEY, POISON)));
        pipeline.publish(50);

        consume(stack, pipeline);

        assertThat(offsets).hasSize(99).doesNotHaveDuplicates();
        Map<String, ConsumerRecord<byte[], byte[]>> letters = lettersByOffset(stack, "unfit-invalid");
        assertThat(letters).containsOnlyKeys("49", "50", "51", "52", "53", "54");
        assertThat(letters.get("49").value()).isEqualTo(POISON);
        assertThat(leftOut(letters.get("49"))).isEqualTo("nothing");
        assertThat(letters.get("50").value()).isNull();
        assertThat(letters.get("50").key()).isEqualTo(KEY);
        assertThat(leftOut(letters.get("50")))
                .isEqualTo("value of 2000000 bytes; the record lies in partition 0 of topic unfit at offset 50");
        assertThat(leftOut(letters.get("51"))).contains("value of 3 bytes", "key of 2000000 bytes");
        assertThat(leftOut(letters.get("52"))).contains("value of 3 bytes", "1 header of 2000005 bytes");
        assertThat(letters.get("52").key()).isEqualTo(KEY);
        assertThat(letters.get("53").value()).isEqualTo(POISON);
        assertThat(letters.get("53").timestamp()).isLessThan(late - 1_000_000);
        assertThat(leftOut(letters.get("53"))).startsWith("timestamp ");
        assertThat(letters.get("54").value()).isEqualTo(POISON);
    }

    /** The broker refuses a record without a key, and the others of the same request. */
    @Test
    void letterWithoutAKey_getsOneInACompactedTopic(TelemetryStack stack) {
        Pipeline pipeline = withTopics(stack, "keyless", Map.of("cleanup.policy", "compact"));
        pipeline.publish(20);
        pipeline.send(List.of(
                new ProducerRecord<>(pipeline.topic(), KEY, POISON),
                new ProducerRecord<>(pipeline.topic(), POISON),
                new ProducerRecord<>(pipeline.topic(), KEY, POISON)));

        consume(stack, pipeline);

        Map<String, ConsumerRecord<byte[], byte[]>> letters = lettersByOffset(stack, "keyless-invalid");
        assertThat(letters).containsOnlyKeys("20", "21", "22");
        assertThat(new String(letters.get("21").key(), StandardCharsets.UTF_8)).isEqualTo("keyless-0@21");
        assertThat(letters.get("21").value()).isEqualTo(POISON);
        assertThat(leftOut(letters.get("21"))).startsWith("no key, which the topic demands");
    }

    /** A broker's refusal of the topic does not count as a fault of a record. */
    @Test
    void missingTopicOfLetters_isNamedInBoundedTime(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "placeless", 1);
        pipeline.publish(20);
        pipeline.send(List.of(
                new ProducerRecord<>(pipeline.topic(), KEY, POISON),
                new ProducerRecord<>(pipeline.topic(), KEY, POISON)));
        try (DeadLetterTopic place = DeadLetterTopic.builder(stack.bootstrapServers(), pipeline.group())
                        .overrides(Map.of("max.block.ms", 500))
                        .build();
                BatchingConsumer consumer =
                        pipeline.consumer(sink).deadLetters(place).start()) {
            assertThatThrownBy(() -> consumer.termination().get(20, TimeUnit.SECONDS))
                    .hasMessageContaining("the cluster has no such topic")
                    .hasMessageContaining("placeless-invalid");
        }
        assertThat(pipeline.kafka().committedLag(pipeline.group(), pipeline.topic()))
                .as("nothing was skipped")
                .isPositive();
    }

    /** Neither larger requests nor another topic would help: the client itself is configured to refuse. */
    @Test
    void clientsOwnLimit_isNoReasonToStop(TelemetryStack stack) {
        Pipeline pipeline = withTopics(stack, "narrow", Map.of());
        pipeline.send(List.of(new ProducerRecord<>(pipeline.topic(), KEY, new byte[500_000])));
        pipeline.publish(20);
        try (DeadLetterTopic place = DeadLetterTopic.builder(stack.bootstrapServers(), pipeline.group())
                        .overrides(Map.of("max.request.size", 100_000))
                        .build();
                BatchingConsumer consumer =
                        pipeline.consumer(sink).deadLetters(place).start()) {
            awaitCommitted(pipeline);
        }
        assertThat(leftOut(lettersByOffset(stack, "narrow-invalid").get("0"))).startsWith("value of 500000 bytes");
    }

    @Test
    void replayToTheTopic_leavesWhatTheBrokerRefuses(TelemetryStack stack) {
        stack.kafka().createTopic("refusing", 1, ROOMY);
        Pipeline pipeline = new Pipeline(stack.kafka(), Database.of(stack), "refusing");
        List<ProducerRecord<byte[], byte[]>> poison = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            poison.add(new ProducerRecord<>(pipeline.topic(), KEY, i == 3 ? new byte[LARGE] : POISON));
        }
        pipeline.send(poison);
        pipeline.consumeAll();
        stack.kafka().deleteTopic("refusing");
        stack.kafka().createTopic("refusing", 1, Map.of("cleanup.policy", "compact"));
        pipeline.database().execute("UPDATE dead_letters SET key = NULL WHERE kafka_offset = 6");

        ReplayResult result;
        try (OriginalTopic target = OriginalTopic.create(stack.bootstrapServers())) {
            result = DeadLetterReplayer.<Heartbeat>builder(pipeline.database().source(), pipeline.group())
                    .build()
                    .to(target);
        }

        assertThat(result.replayed()).isEqualTo(8);
        assertThat(result.stillRefused()).isEqualTo(2);
        assertThat(result.toString()).contains("refusing-0@3", "refusing-0@6");
        assertThat(stack.kafka().endOffsets("refusing")).as("each once").isEqualTo(Map.of(0, 8L));
        assertThat(pipeline.database()
                        .rows("SELECT kafka_offset FROM dead_letters WHERE replayed_at IS NULL ORDER BY 1"))
                .containsExactly("3", "6");
    }

    private static Pipeline withTopics(TelemetryStack stack, String topic, Map<String, String> ofLetters) {
        stack.createTopic(topic, 1, ROOMY);
        stack.createTopic(topic + "-invalid", 1, ofLetters);
        return new Pipeline(stack.kafka(), Database.of(stack), topic);
    }

    private void consume(TelemetryStack stack, Pipeline pipeline) {
        try (DeadLetterTopic place = DeadLetterTopic.builder(stack.bootstrapServers(), pipeline.group())
                        .build();
                BatchingConsumer consumer =
                        pipeline.consumer(sink).deadLetters(place).start()) {
            awaitCommitted(pipeline);
        }
    }

    private static void awaitCommitted(Pipeline pipeline) {
        Await.until(
                "all is committed",
                Pipeline.LIMIT,
                () -> pipeline.kafka().committedLag(pipeline.group(), pipeline.topic()) == 0);
    }

    private static String leftOut(ConsumerRecord<byte[], byte[]> letter) {
        return text(letter.headers(), "__dlq.errors.left.out");
    }

    private static String text(Headers headers, String name) {
        Header header = headers.lastHeader(name);
        return header == null ? "nothing" : new String(header.value(), StandardCharsets.UTF_8);
    }

    private static Map<String, ConsumerRecord<byte[], byte[]>> lettersByOffset(TelemetryStack stack, String topic) {
        Map<String, ConsumerRecord<byte[], byte[]>> letters = new HashMap<>();
        ByteArrayDeserializer bytes = new ByteArrayDeserializer();
        TopicPartition partition = new TopicPartition(topic, 0);
        try (KafkaConsumer<byte[], byte[]> reader =
                new KafkaConsumer<>(Map.of("bootstrap.servers", stack.bootstrapServers()), bytes, bytes)) {
            reader.assign(List.of(partition));
            reader.seekToBeginning(List.of(partition));
            long end = stack.kafka().endOffsets(topic).get(0);
            while (reader.position(partition) < end) {
                reader.poll(Duration.ofMillis(100))
                        .forEach(record -> letters.put(text(record.headers(), "__dlq.errors.offset"), record));
            }
        }
        return letters;
    }
}
