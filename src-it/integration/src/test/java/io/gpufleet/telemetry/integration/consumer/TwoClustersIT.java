package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatInvariant;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.testkit.FleetRecord;
import io.gpufleet.telemetry.testkit.KafkaBroker;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import io.gpufleet.telemetry.testkit.faults.TcpProxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Two clusters with topics and groups of the same names, and one database: a cluster and its mirror. */
@TelemetryStackTest
final class TwoClustersIT {
    private static final int PARTITIONS = 2;
    private static final int CONSUMED = 400;
    private static final int MORE = 100;
    private static final int OTHER_RECORDS = 700;
    private static final Duration MARGIN = Duration.ofSeconds(20);

    private static KafkaBroker mirror;

    @BeforeAll
    static void startMirror() {
        mirror = KafkaBroker.builder().start();
    }

    @AfterAll
    static void closeMirror() {
        mirror.close();
    }

    @Test
    void groupThatMovesToAMirror_losesNothingAndCountsNothingTwice(TelemetryStack stack) {
        Pipeline pipeline = consumed(stack, "moving-group");
        pipeline.publish(MORE);
        Pipeline there = mirrored(pipeline);
        try (BatchingConsumer consumer =
                there.consumer().moveCluster(idOf(stack.kafka()), MARGIN).start()) {
            there.awaitEnd();
            there.publish(MORE);
            there.awaitEnd();
        }
        assertThat(pipeline.database().count("heartbeat")).isEqualTo(CONSUMED + 2 * MORE);
        assertThat(HeartbeatInvariant.check(pipeline.database().source()))
                .matches(HeartbeatInvariant.Result::holds, "holds");
        assertThat(moves(pipeline))
                .as("each partition moved once, and not to the log's beginning")
                .hasSize(PARTITIONS)
                .allSatisfy(offset -> assertThat(Long.parseLong(offset)).isGreaterThan(OTHER_RECORDS / PARTITIONS / 2));
    }

    @Test
    void consumerOfAnotherCluster_isRefusedAtItsStart(TelemetryStack stack) {
        Pipeline pipeline = consumed(stack, "refused-group");
        Pipeline there = mirrored(pipeline);

        assertThatThrownBy(() -> there.consumer().start())
                .isInstanceOf(TelemetryException.class)
                .hasMessageContaining(idOf(stack.kafka()))
                .hasMessageContaining(idOf(mirror))
                .hasMessageContaining("moveCluster");
        assertThatThrownBy(() -> there.consumer().moveCluster(idOf(mirror)).start())
                .isInstanceOf(TelemetryException.class);
        assertThat(pipeline.positions()).isEqualTo(stack.kafka().endOffsets(pipeline.topic()));
        assertThat(moves(pipeline)).isEmpty();
    }

    /** The consumer that is left behind ends, and does not take the positions back. */
    @Test
    void runningConsumerOfTheClusterThatIsLeft_ends(TelemetryStack stack) {
        Pipeline pipeline = consumed(stack, "left-group");
        Pipeline there = mirrored(pipeline);
        String left = idOf(stack.kafka());
        try (BatchingConsumer here = pipeline.consumer().moveCluster(left).start();
                BatchingConsumer consumer =
                        there.consumer().moveCluster(left, MARGIN).start()) {
            there.awaitEnd();
            pipeline.publish(MORE);

            assertThatThrownBy(() -> here.termination().get(60, TimeUnit.SECONDS))
                    .cause()
                    .hasMessageContaining(left)
                    .hasMessageContaining(idOf(mirror));
            there.publish(MORE);
            there.awaitEnd();
            assertThat(consumer.health().reasons()).isEmpty();
        }
        assertThat(moves(pipeline)).hasSize(PARTITIONS);
    }

    /** Positions of one cluster's log would be stored under the other's id. */
    @Test
    void bootstrapListWithBrokersOfBothClusters_isRefused(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "listed-group", PARTITIONS);
        pipeline.publish(CONSUMED);
        Pipeline there = pipeline.at(mirror);
        mirror.createTopic(pipeline.topic(), PARTITIONS);
        there.publish(MORE);
        List<String> addresses = List.of(stack.bootstrapServers(), mirror.bootstrapServers());
        for (int first = 0; first < 2; first++) {
            String servers = addresses.get(first) + "," + addresses.get(1 - first);
            assertThatThrownBy(() ->
                            closed(pipeline.consumer().bootstrapServers(servers).start()))
                    .isInstanceOf(TelemetryException.class)
                    .hasMessageContaining(addresses.get(0) + " is of cluster " + idOf(stack.kafka()))
                    .hasMessageContaining(addresses.get(1) + " is of cluster " + idOf(mirror));
        }
        assertThat(pipeline.positions()).isEmpty();
    }

    private static void closed(BatchingConsumer consumer) {
        consumer.close();
    }

    /** The DNS alias is moved between two connections of one start. */
    @Test
    void addressThatMovesToTheOtherClusterWhileAConsumerStarts_endsIt(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "alias-group", PARTITIONS);
        Pipeline there = pipeline.at(mirror);
        mirror.createTopic(pipeline.topic(), PARTITIONS);
        there.publish(MORE);
        try (TcpProxy alias = TcpProxy.start(port(stack.bootstrapServers()));
                BatchingConsumer consumer = pipeline.consumer()
                        .bootstrapServers("localhost:" + alias.port())
                        .listener(event -> moveAtTheStart(event, alias))
                        .start()) {
            assertThatThrownBy(() -> consumer.termination().get(60, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOf(TelemetryException.class)
                    .hasMessageContaining(idOf(stack.kafka()))
                    .hasMessageContaining(idOf(mirror));
        }
        assertThat(pipeline.database().count("heartbeat")).isZero();
    }

    private static void moveAtTheStart(TelemetryEvent event, TcpProxy alias) {
        if (event instanceof TelemetryEvent.ConsumerStarted) {
            alias.passTo(port(mirror.bootstrapServers()));
        }
    }

    private static int port(String address) {
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    private static Pipeline consumed(TelemetryStack stack, String topic) {
        Pipeline pipeline = Pipeline.create(stack, topic, PARTITIONS);
        pipeline.publish(CONSUMED);
        pipeline.consumeAll();
        return pipeline;
    }

    /** Publishes the same records in the same partitions of the other cluster, after others that its logs have lost. */
    private static Pipeline mirrored(Pipeline pipeline) {
        String topic = pipeline.topic();
        mirror.createTopic(topic, PARTITIONS);
        List<FleetRecord> records = pipeline.published();
        for (int sent = 0; sent < OTHER_RECORDS; sent += records.size()) {
            mirror.publish(topic, records);
        }
        mirror.endOffsets(topic).forEach((partition, end) -> mirror.deleteRecordsBefore(topic, partition, end));
        mirror.publish(topic, records);
        return pipeline.at(mirror);
    }

    private static String idOf(KafkaBroker broker) {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            return admin.describeCluster().clusterId().get(30, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns the offsets of the partitions after their move from the other cluster. */
    private static List<String> moves(Pipeline pipeline) {
        return pipeline.database()
                .rows("SELECT to_offset FROM consumption_gaps WHERE reason = 'cluster_moved'"
                        + " AND from_cluster_id <> to_cluster_id");
    }
}
