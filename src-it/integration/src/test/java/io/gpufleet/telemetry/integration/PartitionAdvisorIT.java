package io.gpufleet.telemetry.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.TopicCluster.Topic;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.monitor.PartitionAdvisor;
import io.gpufleet.telemetry.jdbc.monitor.PartitionAdvisor.Change;
import io.gpufleet.telemetry.jdbc.monitor.PartitionAdvisor.Measurement;
import io.gpufleet.telemetry.kafka.topic.KafkaTopicCluster;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.FleetGenerator;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** A topic gets the partitions that its traffic needs, on a real broker. */
@TelemetryStackTest
final class PartitionAdvisorIT {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int RECORDS = 300;

    @Test
    void a_busy_topic_gets_more_partitions(TelemetryStack stack) {
        DataSource database = database(stack);
        stack.createTopic("busy", 1);
        try (KafkaTopicCluster cluster = KafkaTopicCluster.create(stack.bootstrapServers())) {
            PartitionAdvisor advisor = advisor(database, cluster);
            advisor.watch("busy");
            advisor.measure();
            publish(stack, "busy");
            Measurement measured = advisor.measure().get(0);
            assertThat(measured.partitions()).hasValue(1);
            assertThat(measured.eventsPerSecond().orElseThrow()).isBetween(10.0, (double) RECORDS);

            List<Change> changes = advisor.recommend();
            // The rate is stored in thousandths.
            double stored = Math.round(measured.eventsPerSecond().orElseThrow() * 1000) / 1000.0;
            int wanted = Math.max(3, (int) Math.ceil(stored / 10));
            assertThat(changes).hasSize(1);
            assertThat(changes.get(0).recommendedPartitions()).isEqualTo(wanted);
            assertThat(advisor.script()).containsExactly("kafka-topics --alter --topic busy --partitions " + wanted);
            assertThat(cluster.read(Set.of("busy")).get("busy").partitions()).isEqualTo(1);

            assertThat(advisor.apply("busy")).isEqualTo(changes.get(0));
            Topic raised = awaitPartitions(cluster, "busy", wanted);
            assertThat(raised.endOffset()).isEqualTo(RECORDS);
            assertThat(advisor.recommend()).isEmpty();
            assertThatThrownBy(() -> advisor.apply("busy")).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void a_change_that_somebody_has_made_is_only_marked(TelemetryStack stack) throws SQLException {
        DataSource database = database(stack);
        stack.createTopic("raised", 2);
        stack.kafka().addPartitions("raised", 5);
        execute(
                database,
                "INSERT INTO topic_partition_changes (topic_name, current_partitions, recommended_partitions, reason)"
                        + " VALUES ('raised', 2, 4, 'by hand'), ('missing', 1, 2, 'by hand')");
        try (KafkaTopicCluster cluster = KafkaTopicCluster.create(stack.bootstrapServers(), Map.of("client.id", "x"))) {
            PartitionAdvisor advisor = advisor(database, cluster);
            assertThat(advisor.apply("raised").recommendedPartitions()).isEqualTo(4);
            assertThat(cluster.read(Set.of("raised")).get("raised").partitions())
                    .isEqualTo(5);
            assertThatThrownBy(() -> advisor.apply("missing"))
                    .hasMessageStartingWith("Cannot raise the partitions of topic missing to 2: ");
            assertThat(advisor.recommend()).extracting(Change::topic).containsExactly("missing");
        }
    }

    @Test
    void a_topic_that_is_made_anew_has_no_negative_rate(TelemetryStack stack) {
        DataSource database = database(stack);
        stack.createTopic("anew", 1);
        publish(stack, "anew");
        try (KafkaTopicCluster cluster = KafkaTopicCluster.create(stack.bootstrapServers())) {
            PartitionAdvisor advisor = advisor(database, cluster);
            advisor.watch("anew");
            assertThat(advisor.measure().get(0).eventsPerSecond()).hasValue(0);
            stack.kafka().deleteTopic("anew");
            assertThat(advisor.measure().get(0).partitions()).isEmpty();
            stack.createTopic("anew", 2);

            Measurement measured = advisor.measure().get(0);
            assertThat(measured.partitions()).hasValue(2);
            assertThat(measured.eventsPerSecond()).hasValue(0);
            assertThat(cluster.read(Set.of())).isEmpty();
        }
    }

    private static DataSource database(TelemetryStack stack) {
        DataSource database = stack.newDatabase().dataSource();
        TelemetrySchema.create(database).install();
        return database;
    }

    private static PartitionAdvisor advisor(DataSource database, KafkaTopicCluster cluster) {
        return PartitionAdvisor.builder(database, cluster)
                .sampleFor(Duration.ofSeconds(1))
                .build();
    }

    private static void publish(TelemetryStack stack, String topic) {
        stack.kafka()
                .publish(
                        topic,
                        FleetGenerator.builder().seed(7).clients(50).build().records(RECORDS));
    }

    /** A broker learns of new partitions a moment after their creation. */
    private static Topic awaitPartitions(KafkaTopicCluster cluster, String topic, int count) {
        return Await.until(
                count + " partitions of " + topic,
                LIMIT,
                () -> cluster.read(Set.of(topic)).get(topic),
                read -> read.partitions() == count);
    }

    private static void execute(DataSource database, String sql) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
