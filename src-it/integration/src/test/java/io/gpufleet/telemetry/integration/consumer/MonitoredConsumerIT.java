package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.AlarmPolicy;
import io.gpufleet.telemetry.Health;
import io.gpufleet.telemetry.TelemetryEvent.Activity;
import io.gpufleet.telemetry.TelemetryEvent.ActivityChanged;
import io.gpufleet.telemetry.TelemetryEvent.LagAlarm;
import io.gpufleet.telemetry.TelemetryEvent.LagMeasured;
import io.gpufleet.telemetry.TelemetryEvent.Severity;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.monitor.ConsumerMonitor;
import io.gpufleet.telemetry.jdbc.monitor.ConsumerReports;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.PostgresServer;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.time.Duration;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** The reports of a consumer about itself. */
@TelemetryStackTest
final class MonitoredConsumerIT {
    private static final String SERVICE = "my-service";

    @Test
    void monitor_reportsLagAndBatches(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "monitored", 2);
        DataSource source = pipeline.database().source();
        pipeline.publish(1_000);
        try (ConsumerMonitor monitor = ConsumerMonitor.create(source, SERVICE);
                BatchingConsumer consumer =
                        pipeline.consumer().listener(monitor).start()) {
            pipeline.awaitEnd();
            Await.until(
                    "both partitions have no lag",
                    Pipeline.LIMIT,
                    () -> pipeline.database()
                            .rows("SELECT partition, consumer_offset, lag, behind_ms FROM consumer_lag_history"
                                    + " WHERE service_name = '" + SERVICE + "' AND lag = 0"),
                    rows -> rows.stream().distinct().count() == 2);
            Await.until(
                    "all batches are reported",
                    Pipeline.LIMIT,
                    () -> pipeline.database()
                            .rows("SELECT sum(messages_processed), sum(messages_failed)"
                                    + " FROM consumer_processing_metrics"),
                    rows -> rows.contains(pipeline.accepted() + " " + pipeline.refused()));
            assertThat(ConsumerReports.create(source).performance())
                    .singleElement()
                    .satisfies(service -> {
                        assertThat(service.serviceName()).isEqualTo(SERVICE);
                        assertThat(service.groupId()).isEqualTo(pipeline.group());
                        assertThat(service.currentTotalLag()).hasValue(0);
                        assertThat(service.lagStatus()).isEqualTo("HEALTHY");
                    });
            assertThat(consumer.health().status()).isEqualTo(Health.Status.UP);
        }
    }

    @Test
    void monitorWithoutItsDatabase_isNotInTheWay(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "monitored-without-database", 2);
        try (PostgresServer server = PostgresServer.builder().start()) {
            DataSource source = server.newDatabase().dataSource();
            TelemetrySchema.create(source).install();
            try (ConsumerMonitor monitor = ConsumerMonitor.create(source, SERVICE);
                    BatchingConsumer consumer =
                            pipeline.consumer().listener(monitor).start()) {
                server.stop();
                pipeline.publish(1_000);
                pipeline.awaitEnd();
                assertThat(consumer.health().status()).isEqualTo(Health.Status.UP);
            }
        }
        pipeline.assertApplied(pipeline.accepted());
    }

    @Test
    void lagAndStandstill_areEventsAndShowInTheHealth(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "alarmed", 1);
        Valve<Heartbeat> valve = new Valve<>();
        RecordedEvents events = new RecordedEvents();
        AlarmPolicy alarms = AlarmPolicy.builder()
                .lagWarning(10)
                .stuckAfter(Duration.ofSeconds(1))
                .build();
        valve.close();
        try (BatchingConsumer consumer = pipeline.consumer(
                        pipeline.sink().inTransaction(valve).build())
                .listener(events)
                .alarms(alarms)
                .start()) {
            pipeline.publish(100);
            Await.until(
                    "lag and standstill show",
                    Pipeline.LIMIT,
                    consumer::health,
                    health -> health.reasons().toString().contains("lag: more than 10 messages behind")
                            && health.reasons().toString().contains("stuck: "));
            valve.open();
            pipeline.awaitEnd();
            Pipeline.awaitHealth(consumer, Health.Status.UP);
            Await.until(
                    "the next measurement",
                    Pipeline.LIMIT,
                    () -> events.of(LagAlarm.class).size() > 1);
        }
        assertThat(events.of(LagAlarm.class))
                .extracting(LagAlarm::severity)
                .containsExactly(Severity.WARNING, Severity.NONE);
        assertThat(events.of(ActivityChanged.class))
                .extracting(ActivityChanged::activity)
                .containsExactly(Activity.STUCK, Activity.ACTIVE);
        assertThat(events.of(LagMeasured.class)).isNotEmpty();
    }
}
