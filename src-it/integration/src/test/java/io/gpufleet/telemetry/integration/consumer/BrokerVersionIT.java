package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.heartbeat.ClientId;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.heartbeat.SystemInfo;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.kafka.producer.HeartbeatPublisher;
import io.gpufleet.telemetry.kafka.topic.TopicInstaller;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.KafkaBroker;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Heartbeats through brokers of other versions than the client's: each directory of the property
 * {@code telemetry.brokers} has the jars of the version in its name.
 */
@TelemetryStackTest
final class BrokerVersionIT {
    private static final Logger log = LoggerFactory.getLogger(BrokerVersionIT.class);

    static List<Path> brokers() throws IOException {
        try (Stream<Path> directories = Files.list(Path.of(System.getProperty("telemetry.brokers")))) {
            return directories.sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("brokers")
    void heartbeats_areStoredOnce(Path binaries, TelemetryStack stack) throws Exception {
        String version = binaries.getFileName().toString();
        try (KafkaBroker broker =
                KafkaBroker.builder().forked().binaries(binaries).start()) {
            assertAnotherVersion(broker, stack.kafka());
            consumeInTurns(create(broker, stack, "classic"));
            if (hasConsumerProtocol(version)) {
                consumeInTurns(create(broker, stack, "consumer"));
            } else {
                assertConsumerProtocolRefused(create(broker, stack, "consumer"));
            }
            log.info("Kafka {}: all heartbeats are stored once", version);
        }
    }

    /** Generally available since 4.0. */
    private static boolean hasConsumerProtocol(String version) {
        return !version.startsWith("3.");
    }

    /** The broker's newest metadata version differs from that of the client's version. */
    private static void assertAnotherVersion(KafkaBroker broker, KafkaBroker same) throws Exception {
        assertThat(metadataVersion(broker)).isPositive().isNotEqualTo(metadataVersion(same));
    }

    private static int metadataVersion(KafkaBroker broker) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            return admin.describeFeatures()
                    .featureMetadata()
                    .get(10, TimeUnit.SECONDS)
                    .supportedFeatures()
                    .get("metadata.version")
                    .maxVersion();
        }
    }

    /** Creates a topic that is named after the protocol of its group. */
    private static Pipeline create(KafkaBroker broker, TelemetryStack stack, String protocol) {
        TopicInstaller.builder(broker.bootstrapServers(), protocol)
                .partitions(2)
                .install();
        return new Pipeline(broker, Database.of(stack), protocol);
    }

    /** Runs one consumer, its successor, and then another beside it. */
    private static void consumeInTurns(Pipeline pipeline) {
        publish(pipeline);
        try (BatchingConsumer first = start(pipeline)) {
            pipeline.awaitEnd();
        }
        pipeline.publish(500);
        try (BatchingConsumer next = start(pipeline)) {
            pipeline.awaitEnd();
            try (BatchingConsumer another = start(pipeline)) {
                pipeline.publish(400);
                Await.until(
                        "each has a partition",
                        Pipeline.LIMIT,
                        () -> partitions(next) == 1 && partitions(another) == 1);
                pipeline.awaitEnd();
            }
        }
        pipeline.assertApplied(1000);
        assertThat(pipeline.kafka().committedLag(pipeline.group(), pipeline.topic()))
                .isZero();
    }

    /** Sends 100 heartbeats as agents do. */
    private static void publish(Pipeline pipeline) {
        try (HeartbeatPublisher publisher = HeartbeatPublisher.builder(
                        BincodeHeartbeatCodec.fixed(), pipeline.kafka().bootstrapServers())
                .topic(pipeline.topic())
                .build()) {
            Instant time = Instant.now();
            CompletableFuture.allOf(IntStream.range(0, 100)
                            .mapToObj(client -> publisher.send(heartbeat(client), time))
                            .toArray(CompletableFuture[]::new))
                    .join();
        }
    }

    private static Heartbeat heartbeat(int client) {
        return new Heartbeat(new ClientId(0, client), new SystemInfo(10, 20, 30, 1, 2), 0, 0, 0, List.of());
    }

    private static BatchingConsumer start(Pipeline pipeline) {
        return pipeline.consumer()
                .overrides(
                        pipeline.topic().equals("classic")
                                ? Pipeline.HEARS_SOON
                                : Map.of("group.protocol", pipeline.topic()))
                .start();
    }

    private static int partitions(BatchingConsumer consumer) {
        return consumer.snapshot().partitions().size();
    }

    private static void assertConsumerProtocolRefused(Pipeline pipeline) {
        publish(pipeline);
        BatchingConsumer consumer = start(pipeline);
        assertThatThrownBy(() -> consumer.termination().get(30, TimeUnit.SECONDS))
                .hasMessageContaining("group.protocol");
        pipeline.assertApplied(0);
    }
}
