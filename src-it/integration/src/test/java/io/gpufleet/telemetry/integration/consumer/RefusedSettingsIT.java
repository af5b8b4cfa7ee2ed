package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.Health;
import io.gpufleet.telemetry.config.ConsumerSettings;
import io.gpufleet.telemetry.jdbc.config.ConsumerConfigLoader;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.KafkaBroker;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Rows of {@code pipeline_consumer_configs} with values that no client could work with: the consumer continues. The
 * broker has Kafka's default limits for the sessions of members, and room for two members in a group.
 */
@TelemetryStackTest
final class RefusedSettingsIT {
    private static final String SERVICE = "my-service";

    /** Returns every setting at both ends of its range. */
    private static final List<String> EXTREMES = List.of(
            "max_poll_records = 1, session_timeout_ms = 6000, heartbeat_interval_ms = 1, max_poll_interval_ms = 6001,"
                    + " fetch_min_bytes = 0, fetch_max_bytes = 1, fetch_max_wait_ms = 0, max_partition_fetch_bytes = 1,"
                    + " request_timeout_ms = 1000, retry_backoff_ms = 0, reconnect_backoff_ms = 0,"
                    + " reconnect_backoff_max_ms = 0, connections_max_idle_ms = 1000, enable_auto_commit = true,"
                    + " auto_commit_interval_ms = 0, auto_offset_reset = 'none', isolation_level = 'read_committed',"
                    + " batch_max_records = 1, batch_max_bytes = 1, batch_linger_ms = 0",
            "max_poll_records = 5000, session_timeout_ms = 1800000, heartbeat_interval_ms = 899999,"
                    + " max_poll_interval_ms = 2147483647, fetch_min_bytes = 2147483647, fetch_max_bytes = 2147483647,"
                    + " fetch_max_wait_ms = 1000, max_partition_fetch_bytes = 2147483647,"
                    + " request_timeout_ms = 2147483647, retry_backoff_ms = 60000, reconnect_backoff_ms = 60000,"
                    + " reconnect_backoff_max_ms = 60000, connections_max_idle_ms = 2147483647,"
                    + " enable_auto_commit = true, auto_commit_interval_ms = 2147483647, auto_offset_reset = 'latest',"
                    + " batch_max_records = 1000000, batch_max_bytes = 9223372036854775807, batch_linger_ms = 50");

    /** The settings of the row, and the expected health. */
    private static final List<List<String>> REFUSED = List.of(
            List.of("fetch_max_wait_ms = 2147483647", "fetch_max_wait_ms: 2147483647 is not between 0 and 30000"),
            List.of(
                    "fetch_min_bytes = 2147483647",
                    "max_partition_fetch_bytes: 1048576 is not at least fetch_min_bytes (2147483647)"),
            List.of("request_timeout_ms = 1", "request_timeout_ms: 1 is not more than fetch_max_wait_ms (500)"),
            List.of(
                    "connections_max_idle_ms = 1",
                    "connections_max_idle_ms: 1 is not more than fetch_max_wait_ms (500)"),
            List.of("retry_backoff_ms = 2147483647", "retry_backoff_ms: 2147483647 is not between 0 and 60000"),
            List.of(
                    "reconnect_backoff_ms = 2147483647, reconnect_backoff_max_ms = 2147483647",
                    "reconnect_backoff_ms: 2147483647 is not between 0 and 60000"),
            List.of(
                    "session_timeout_ms = 3000, heartbeat_interval_ms = 1000",
                    "session_timeout_ms=3000",
                    "The session timeout is not within the range allowed by the broker"),
            List.of(
                    "max_poll_interval_ms = 2147483647, session_timeout_ms = 2147483646",
                    "session_timeout_ms=2147483646",
                    "The session timeout is not within the range allowed by the broker"));

    private static KafkaBroker broker;

    @BeforeAll
    static void start() {
        broker = KafkaBroker.builder()
                .setting("group.min.session.timeout.ms", "6000")
                .setting("group.max.session.timeout.ms", "1800000")
                .setting("group.max.size", "2")
                .start();
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    private static Pipeline pipeline(TelemetryStack stack, String topic, int partitions) {
        broker.createTopic(topic, partitions);
        return new Pipeline(broker, Database.of(stack), topic);
    }

    private static void insertRow(Pipeline pipeline, String service) {
        pipeline.database()
                .execute("INSERT INTO pipeline_consumer_configs"
                        + " (service_name, consumer_group_id, heartbeat_interval_ms, batch_max_records,"
                        + " batch_linger_ms) VALUES ('" + service + "', '" + pipeline.group() + "', 500, 10, 50)");
    }

    private static void change(Pipeline pipeline, String assignments) {
        pipeline.database()
                .execute("UPDATE pipeline_consumer_configs SET " + assignments + " WHERE service_name = '" + SERVICE
                        + "'");
    }

    private static void replaceRow(Pipeline pipeline, String assignments) {
        pipeline.database().execute("DELETE FROM pipeline_consumer_configs");
        insertRow(pipeline, SERVICE);
        change(pipeline, assignments);
    }

    private static void awaitDegraded(BatchingConsumer consumer, List<String> words) {
        Await.until(
                "the health says " + words,
                Pipeline.LIMIT,
                consumer::health,
                health -> health.status() == Health.Status.DEGRADED
                        && words.stream().allMatch(health.reasons().toString()::contains));
    }

    @Test
    void valuesThatCannotWork_leaveTheConsumerAsItIs(TelemetryStack stack) {
        Pipeline pipeline = pipeline(stack, "refused-while-running", 1);
        insertRow(pipeline, SERVICE);
        try (ConsumerConfigLoader loader =
                        ConsumerConfigLoader.create(pipeline.database().source());
                BatchingConsumer consumer =
                        pipeline.consumer().settings(loader, SERVICE).start()) {
            for (List<String> refused : REFUSED) {
                replaceRow(pipeline, refused.get(0));
                awaitDegraded(consumer, refused.subList(1, refused.size()));
                assertThat(consumer.health().reasons().toString()).contains("service \"" + SERVICE + "\"");
                assertConsumes(pipeline, consumer, refused.get(0));
                assertThat(consumer.settings().map(ConsumerSettings::sessionTimeout))
                        .as("what it has")
                        .contains(Duration.ofMinutes(1));
            }
            replaceRow(pipeline, "batch_linger_ms = 40");
            Pipeline.awaitHealth(consumer, Health.Status.UP);
            assertConsumes(pipeline, consumer, "a row that can be used");
            assertThat(consumer.close(Duration.ofSeconds(Long.MAX_VALUE))).isZero();
            assertThat(consumer.termination()).isCompleted();
        }
        pipeline.assertApplied(pipeline.accepted());
    }

    private static void assertConsumes(Pipeline pipeline, BatchingConsumer consumer, String row) {
        pipeline.publish(100);
        pipeline.awaitEnd();
        assertThat(consumer.termination()).as(row).isNotDone();
    }

    @Test
    void valuesAtTheEndsOfWhatIsAllowed_work(TelemetryStack stack) {
        Pipeline pipeline = pipeline(stack, "extreme-settings", 2);
        insertRow(pipeline, SERVICE);
        try (ConsumerConfigLoader loader =
                        ConsumerConfigLoader.create(pipeline.database().source());
                BatchingConsumer consumer =
                        pipeline.consumer().settings(loader, SERVICE).start()) {
            for (String extremes : EXTREMES) {
                replaceRow(pipeline, extremes);
                int polled = extremes.contains("max_poll_records = 1,") ? 1 : 5000;
                Await.until(
                        "the row is taken",
                        Pipeline.LIMIT,
                        () -> consumer.settings().map(ConsumerSettings::maxPollRecords),
                        records -> records.filter(n -> n == polled).isPresent());
                assertConsumes(pipeline, consumer, extremes);
            }
        }
        pipeline.assertApplied(pipeline.accepted());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            wait    | fetch_max_wait_ms = 2147483647                          | fetch_max_wait_ms: 2147483647
            session | session_timeout_ms = 3000, heartbeat_interval_ms = 1000 | session_timeout_ms=3000
            """)
    void rowThatCannotWorkAtTheStart_givesWayToTheDefaults(
            String name, String row, String words, TelemetryStack stack) {
        Pipeline pipeline = pipeline(stack, "refused-at-the-start-" + name, 1);
        insertRow(pipeline, SERVICE);
        change(pipeline, row);
        pipeline.publish(100);
        try (ConsumerConfigLoader loader =
                        ConsumerConfigLoader.create(pipeline.database().source());
                BatchingConsumer consumer =
                        pipeline.consumer().settings(loader, SERVICE).start()) {
            pipeline.awaitEnd();
            awaitDegraded(consumer, List.of("service \"" + SERVICE + "\"", words));
            assertThat(consumer.settings().map(ConsumerSettings::sessionTimeout))
                    .contains(Duration.ofMinutes(1));
            replaceRow(pipeline, "batch_linger_ms = 40");
            Pipeline.awaitHealth(consumer, Health.Status.UP);
        }
        pipeline.assertApplied(pipeline.accepted());
    }

    @Test
    void anotherStrategy_isTakenByOneMemberAfterTheOther(TelemetryStack stack) {
        Pipeline pipeline = pipeline(stack, "another-strategy", 4);
        insertRow(pipeline, SERVICE);
        try (ConsumerConfigLoader loader =
                ConsumerConfigLoader.create(pipeline.database().source())) {
            BatchingConsumer first =
                    pipeline.consumer().settings(loader, SERVICE).start();
            awaitPartitions(first, 4);
            change(pipeline, "partition_assignment_strategy = 'range'");
            try (BatchingConsumer second =
                    pipeline.consumer().settings(loader, SERVICE).start()) {
                awaitPartitions(second, 2);
                awaitPartitions(first, 2);
                assertConsumes(pipeline, first, "with the strategy before");
                first.close();
                try (BatchingConsumer third =
                        pipeline.consumer().settings(loader, SERVICE).start()) {
                    awaitPartitions(third, 2);
                    assertConsumes(pipeline, second, "with the new strategy");
                    Pipeline.awaitHealth(second, Health.Status.UP);
                }
            }
        }
        pipeline.assertApplied(pipeline.accepted());
    }

    private static void awaitPartitions(BatchingConsumer consumer, int partitions) {
        Await.until(
                "it has " + partitions + " partitions",
                Pipeline.LIMIT,
                () -> consumer.snapshot().partitions().size(),
                count -> count == partitions);
    }

    @Test
    void groupThatIsFull_isWaitedFor(TelemetryStack stack) {
        Pipeline pipeline = pipeline(stack, "full-group", 4);
        BatchingConsumer first = pipeline.consumer().start();
        try (BatchingConsumer second = pipeline.consumer().start()) {
            awaitPartitions(first, 2);
            awaitPartitions(second, 2);
            try (BatchingConsumer third = pipeline.consumer().start()) {
                awaitDegraded(third, List.of("the group does not admit this member yet", "maximum number of members"));
                first.close();
                awaitPartitions(third, 2);
                Pipeline.awaitHealth(third, Health.Status.UP);
                assertConsumes(pipeline, third, "in the place of the first");
            }
        }
        pipeline.assertApplied(pipeline.accepted());
    }
}
