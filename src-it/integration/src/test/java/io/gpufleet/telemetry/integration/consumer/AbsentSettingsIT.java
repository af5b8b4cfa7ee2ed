package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.BatchPolicy;
import io.gpufleet.telemetry.Health;
import io.gpufleet.telemetry.TelemetryEvent.ClientReplaced;
import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.config.ConsumerSettings;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.heartbeat.HeartbeatValidator;
import io.gpufleet.telemetry.jdbc.config.ConsumerConfigLoader;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.kafka.HeartbeatConsumer;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.KafkaBroker;
import io.gpufleet.telemetry.testkit.PostgresServer;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.time.Duration;
import java.util.Map;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The database of the settings is down, or has no row of the service. */
@TelemetryStackTest
@Execution(ExecutionMode.CONCURRENT)
final class AbsentSettingsIT {
    private static final String SERVICE = "my-service";

    private static BatchingConsumer.Builder<Heartbeat> withoutGroup(Pipeline pipeline) {
        return HeartbeatConsumer.builder(
                        BincodeHeartbeatCodec.fixed(), pipeline.sink().build())
                .bootstrapServers(pipeline.kafka().bootstrapServers())
                .topics(pipeline.topic())
                .validator(HeartbeatValidator.builder().anyAge().build())
                .batching(BatchPolicy.builder().linger(Duration.ofMillis(50)).build());
    }

    private static DataSource settings(PostgresServer server, Pipeline pipeline) {
        Database database = Database.of(server);
        database.execute(
                "INSERT INTO pipeline_consumer_configs (service_name, consumer_group_id, max_poll_records) VALUES ('"
                        + SERVICE + "', '" + pipeline.group() + "', 77)");
        return database.source();
    }

    @Test
    void databaseDownAtStart_isNotWaitedForWithAGroup(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "settings-down-with-a-group", 2);
        pipeline.publish(200);
        RecordedEvents events = new RecordedEvents();
        try (PostgresServer server = PostgresServer.builder().start()) {
            DataSource source = settings(server, pipeline);
            server.stop();
            try (ConsumerConfigLoader loader = ConsumerConfigLoader.create(source);
                    BatchingConsumer consumer = withoutGroup(pipeline)
                            .groupId(pipeline.group())
                            .settings(loader, SERVICE)
                            .listener(events)
                            .start()) {
                pipeline.awaitEnd();
                assertThat(consumer.health().status()).isEqualTo(Health.Status.DEGRADED);
                assertThat(consumer.settings().map(ConsumerSettings::maxPollRecords))
                        .contains(100);

                server.start();
                Await.until(
                        "the row is taken",
                        Pipeline.LIMIT,
                        () -> events.of(ClientReplaced.class).size() == 1);
                assertThat(consumer.settings().map(ConsumerSettings::maxPollRecords))
                        .contains(77);
                pipeline.publish(200);
                pipeline.awaitEnd();
            }
        }
        pipeline.assertApplied(pipeline.accepted());
    }

    @Test
    void databaseAndBrokerDownAtStart_areWaitedFor(TelemetryStack stack) {
        try (KafkaBroker broker = KafkaBroker.builder().forked().start();
                PostgresServer server = PostgresServer.builder().start()) {
            broker.createTopic("all-down", 2);
            Pipeline pipeline = new Pipeline(broker, Database.of(stack), "all-down");
            pipeline.publish(200);
            DataSource source = settings(server, pipeline);
            server.stop();
            broker.stop();
            try (ConsumerConfigLoader loader = ConsumerConfigLoader.create(source);
                    BatchingConsumer consumer = withoutGroup(pipeline)
                            .settings(loader, SERVICE)
                            .overrides(Map.of("request.timeout.ms", 2000, "default.api.timeout.ms", 2000))
                            .start()) {
                awaitReason(consumer, "settings of service \"my-service\" cannot be read");
                server.start();
                awaitReason(consumer, "consumer cannot start yet: Brokers at " + broker.bootstrapServers());
                broker.start();
                pipeline.awaitEnd();
                assertThat(consumer.termination()).isNotDone();
            }
            pipeline.assertApplied(pipeline.accepted());
        }
    }

    private static void awaitReason(BatchingConsumer consumer, String reason) {
        Await.until(
                "the health says " + reason,
                Pipeline.LIMIT,
                consumer::health,
                health -> health.status() == Health.Status.DEGRADED
                        && health.reasons().toString().contains(reason));
    }

    @Test
    void databaseDownAtStart_isWaitedForWithoutAGroup(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "settings-down-without-a-group", 2);
        pipeline.publish(200);
        try (PostgresServer server = PostgresServer.builder().start()) {
            DataSource source = settings(server, pipeline);
            server.stop();
            try (ConsumerConfigLoader loader = ConsumerConfigLoader.create(source);
                    BatchingConsumer consumer =
                            withoutGroup(pipeline).settings(loader, SERVICE).start()) {
                assertThat(consumer.health().status()).isEqualTo(Health.Status.DEGRADED);
                assertThat(consumer.health().reasons().toString())
                        .contains("settings of service \"my-service\" cannot be read");
                assertThat(pipeline.positions()).isEmpty();

                server.start();
                pipeline.awaitEnd();
                assertThat(consumer.settings().map(ConsumerSettings::maxPollRecords))
                        .contains(77);
            }
        }
        pipeline.assertApplied(pipeline.accepted());
        assertThat(pipeline.database().rows("SELECT DISTINCT group_id FROM consumer_offsets"))
                .containsExactly(pipeline.group());
    }

    @Test
    void noRow_givesTheDefaultsInTheGroupOfTheService(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "settings-without-a-row", 1);
        pipeline.publish(100);
        try (ConsumerConfigLoader loader =
                        ConsumerConfigLoader.create(pipeline.database().source());
                BatchingConsumer consumer = withoutGroup(pipeline)
                        .settings(loader, "settings-without-a-row")
                        .start()) {
            Await.until(
                    "all is applied", Pipeline.LIMIT, () -> pipeline.database().count("audit") == pipeline.accepted());
            assertThat(consumer.settings().map(ConsumerSettings::groupId))
                    .contains("settings-without-a-row-consumer-group");
        }
    }
}
