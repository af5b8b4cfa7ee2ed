package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.Health;
import io.gpufleet.telemetry.TelemetryEvent.BatchWritten;
import io.gpufleet.telemetry.TelemetryEvent.ClientReplaced;
import io.gpufleet.telemetry.TelemetryEvent.PartitionsAssigned;
import io.gpufleet.telemetry.TelemetryEvent.PartitionsRevoked;
import io.gpufleet.telemetry.TelemetryEvent.SettingChanged;
import io.gpufleet.telemetry.config.ConsumerSetting;
import io.gpufleet.telemetry.config.ConsumerSettings;
import io.gpufleet.telemetry.config.SettingOrigin;
import io.gpufleet.telemetry.jdbc.config.ConsumerConfigLoader;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A row of {@code pipeline_consumer_configs} is changed while its consumer runs. */
@TelemetryStackTest
final class ChangedSettingsIT {
    private static final String SERVICE = "my-service";

    /** A member hears of a rebalance with its next heartbeat. */
    private static void insertRow(Pipeline pipeline, String service) {
        pipeline.database()
                .execute("INSERT INTO pipeline_consumer_configs"
                        + " (service_name, consumer_group_id, batch_linger_ms, heartbeat_interval_ms)"
                        + " VALUES ('" + service + "', '" + pipeline.group() + "', 50, 500)");
    }

    private static void change(Pipeline pipeline, String service, String assignments) {
        pipeline.database()
                .execute("UPDATE pipeline_consumer_configs SET " + assignments + " WHERE service_name = '" + service
                        + "'");
    }

    private static ConsumerConfigLoader loader(Pipeline pipeline) {
        return ConsumerConfigLoader.create(pipeline.database().source());
    }

    private static void awaitReplaced(RecordedEvents events, int clients) {
        Await.until(
                "clients were replaced",
                Pipeline.LIMIT,
                () -> events.of(ClientReplaced.class).size(),
                count -> count >= clients);
    }

    private static void awaitTold(RecordedEvents events, String setting) {
        Await.until(
                setting + " is told",
                Pipeline.LIMIT,
                () -> events.of(SettingChanged.class).stream()
                        .anyMatch(change -> change.setting().equals(setting)));
    }

    @Test
    void changesUnderLoad_loseAndDoubleNothing(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "changed-under-load", 4);
        insertRow(pipeline, SERVICE);
        RecordedEvents events = new RecordedEvents();
        try (ConsumerConfigLoader loader = loader(pipeline);
                BatchingConsumer consumer = pipeline.consumer()
                        .concurrency(2)
                        .settings(loader, SERVICE)
                        .listener(events)
                        .start()) {
            for (int round = 1; round <= 10; round++) {
                pipeline.publish(10_000);
                change(
                        pipeline,
                        SERVICE,
                        "max_poll_records = " + 50 * round + ", batch_max_records = " + 70 * round
                                + ", session_timeout_ms = 60000 + " + round);
                awaitReplaced(events, round);
            }
            pipeline.awaitEnd();

            assertThat(consumer.settings().map(ConsumerSettings::maxPollRecords))
                    .contains(500);
        }
        assertThat(pipeline.published()).hasSize(100_000);
        pipeline.assertApplied(pipeline.accepted());
        assertThat(pipeline.database().count("dead_letters")).isEqualTo(pipeline.refused());
        assertThat(pipeline.gaps()).isEmpty();
    }

    @Test
    void twoReleasesOfSettings_shareAGroup(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "two-releases", 4);
        insertRow(pipeline, SERVICE);
        insertRow(pipeline, "next-release");
        change(
                pipeline,
                "next-release",
                "max_poll_records = 100, batch_max_records = 70, session_timeout_ms = 70000, batch_linger_ms = 10");
        pipeline.publish(2_000);
        try (ConsumerConfigLoader loader = loader(pipeline);
                BatchingConsumer older =
                        pipeline.consumer().settings(loader, SERVICE).start();
                BatchingConsumer newer =
                        pipeline.consumer().settings(loader, "next-release").start()) {
            for (BatchingConsumer consumer : List.of(older, newer)) {
                Await.until(
                        "each has its half",
                        Pipeline.LIMIT,
                        () -> consumer.snapshot().partitions().size() == 2);
            }
            pipeline.publish(2_000);
            pipeline.awaitEnd();
            assertThat(newer.settings().map(ConsumerSettings::maxPollRecords)).contains(100);
            assertThat(older.settings()).isPresent().isNotEqualTo(newer.settings());
        }
        pipeline.assertApplied(4_000);
    }

    @Test
    void batchSettings_areTakenBetweenTwoBatches(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "changed-batches", 1);
        insertRow(pipeline, SERVICE);
        change(pipeline, SERVICE, "batch_max_records = 10");
        pipeline.publish(100);
        RecordedEvents events = new RecordedEvents();
        try (ConsumerConfigLoader loader = loader(pipeline);
                BatchingConsumer consumer = pipeline.consumer()
                        .settings(loader, SERVICE)
                        .listener(events)
                        .start()) {
            pipeline.awaitEnd();
            assertThat(largestBatch(events)).isEqualTo(10);

            change(pipeline, SERVICE, "batch_max_records = 30, batch_linger_ms = 1000");
            awaitTold(events, "batch_linger_ms");
            pipeline.publish(90);
            pipeline.awaitEnd();

            assertThat(largestBatch(events)).isEqualTo(30);
            assertThat(events.of(ClientReplaced.class)).isEmpty();
            assertThat(events.of(SettingChanged.class))
                    .containsExactlyInAnyOrder(
                            new SettingChanged(
                                    SERVICE, "batch_max_records", Optional.of("10"), Optional.of("30"), true),
                            new SettingChanged(
                                    SERVICE, "batch_linger_ms", Optional.of("50"), Optional.of("1000"), true));
            assertThat(consumer.settings().map(s -> s.origin(ConsumerSetting.BATCH_MAX_RECORDS)))
                    .contains(SettingOrigin.ROW);
        }
        pipeline.assertApplied(pipeline.accepted());
        assertThat(pipeline.database()
                        .rows("SELECT setting, old_value, new_value FROM consumer_config_changes"
                                + " WHERE old_value = '10'"))
                .containsExactly("batch_max_records 10 30");
    }

    private static int largestBatch(RecordedEvents events) {
        return events.of(BatchWritten.class).stream()
                .mapToInt(batch -> batch.deliveries() + batch.deadLetters())
                .max()
                .orElse(0);
    }

    @Test
    void staticMember_takesAnotherClientWithoutARebalance(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "changed-static-member", 4);
        insertRow(pipeline, "one");
        insertRow(pipeline, "two");
        RecordedEvents one = new RecordedEvents();
        RecordedEvents two = new RecordedEvents();
        try (ConsumerConfigLoader loader = loader(pipeline);
                BatchingConsumer first = member(pipeline, loader, "one", one);
                BatchingConsumer second = member(pipeline, loader, "two", two)) {
            Await.until(
                    "both have partitions",
                    Pipeline.LIMIT,
                    () -> first.snapshot().partitions().size() == 2
                            && second.snapshot().partitions().size() == 2);
            int assignedBefore = two.of(PartitionsAssigned.class).size();
            int revokedBefore = two.of(PartitionsRevoked.class).size();
            double rebalancesBefore = Rebalances.of("two");
            pipeline.publish(5_000);

            change(pipeline, "one", "max_poll_records = 7");
            awaitReplaced(one, 1);
            pipeline.publish(5_000);
            pipeline.awaitEnd();

            assertThat(Rebalances.of("two")).isEqualTo(rebalancesBefore);
            assertThat(two.of(PartitionsAssigned.class)).hasSize(assignedBefore);
            assertThat(two.of(PartitionsRevoked.class)).hasSize(revokedBefore);
            assertThat(two.of(ClientReplaced.class)).isEmpty();
            assertThat(first.snapshot().partitions()).hasSize(2);
        }
        pipeline.assertApplied(pipeline.accepted());
    }

    private static BatchingConsumer member(
            Pipeline pipeline, ConsumerConfigLoader loader, String service, RecordedEvents events) {
        return pipeline.consumer()
                .settings(loader, service)
                .overrides(Map.of("group.instance.id", service, "metric.reporters", Rebalances.class.getName()))
                .listener(events)
                .start();
    }

    @Test
    void groupAndStrategy_waitForTheNextStart(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "changed-group", 1);
        insertRow(pipeline, SERVICE);
        RecordedEvents events = new RecordedEvents();
        try (ConsumerConfigLoader loader = loader(pipeline);
                BatchingConsumer consumer = pipeline.consumer()
                        .settings(loader, SERVICE)
                        .listener(events)
                        .start()) {
            change(pipeline, SERVICE, "consumer_group_id = 'other', partition_assignment_strategy = 'range'");
            awaitTold(events, "partition_assignment_strategy");
            pipeline.publish(100);
            pipeline.awaitEnd();

            assertThat(events.of(SettingChanged.class)).hasSize(2).noneMatch(SettingChanged::taken);
            assertThat(events.of(ClientReplaced.class)).isEmpty();
            assertThat(consumer.settings().map(ConsumerSettings::groupId)).contains(pipeline.group());
        }
        pipeline.assertApplied(pipeline.accepted());
    }

    @Test
    void invalidRow_leavesTheConsumerAsItIs(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "changed-to-nonsense", 1);
        insertRow(pipeline, SERVICE);
        pipeline.database().execute("ALTER TABLE pipeline_consumer_configs DROP CONSTRAINT max_poll_records_1_to_5000");
        RecordedEvents events = new RecordedEvents();
        try (ConsumerConfigLoader loader = loader(pipeline);
                BatchingConsumer consumer = pipeline.consumer()
                        .settings(loader, SERVICE)
                        .listener(events)
                        .start()) {
            change(pipeline, SERVICE, "max_poll_records = 0");
            Await.until(
                    "the row is refused",
                    Pipeline.LIMIT,
                    consumer::health,
                    health -> health.status() == Health.Status.DEGRADED
                            && health.reasons()
                                    .toString()
                                    .contains("Settings of service \"my-service\" cannot be used: max_poll_records:"
                                            + " 0 is not between 1 and 5000"));
            pipeline.publish(100);
            pipeline.awaitEnd();
            assertThat(consumer.settings().map(ConsumerSettings::maxPollRecords))
                    .contains(100);

            change(pipeline, SERVICE, "max_poll_records = 60");
            awaitReplaced(events, 1);
            Pipeline.awaitHealth(consumer, Health.Status.UP);
        }
        pipeline.assertApplied(pipeline.accepted());
    }

    @Test
    void otherColumns_reachNoClient(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "hostile-row", 1);
        insertRow(pipeline, SERVICE);
        pipeline.database()
                .execute(
                        "ALTER TABLE pipeline_consumer_configs ADD bootstrap_servers text, ADD \"bootstrap.servers\" text,"
                                + " ADD interceptor_classes text, ADD \"interceptor.classes\" text, ADD sasl_jaas_config text,"
                                + " ADD metric_reporters text, ADD config_providers text");
        change(
                pipeline,
                SERVICE,
                "bootstrap_servers = 'nowhere:1', \"bootstrap.servers\" = 'nowhere:1', interceptor_classes = 'no.Such',"
                        + " \"interceptor.classes\" = 'no.Such', sasl_jaas_config = 'file', metric_reporters = 'no.Such',"
                        + " config_providers = 'file', description = '${file:/etc/passwd:x}'");
        pipeline.publish(100);
        try (ConsumerConfigLoader loader = loader(pipeline);
                BatchingConsumer consumer =
                        pipeline.consumer().settings(loader, SERVICE).start()) {
            pipeline.awaitEnd();
            assertThat(consumer.settings().orElseThrow().toString()).doesNotContain("nowhere", "no.Such");
        }
        pipeline.assertApplied(pipeline.accepted());
    }
}
