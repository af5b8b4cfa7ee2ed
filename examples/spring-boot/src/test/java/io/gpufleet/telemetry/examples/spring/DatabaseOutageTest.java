package io.gpufleet.telemetry.examples.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.DOUBLE;

import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.FleetGenerator;
import io.gpufleet.telemetry.testkit.FleetRecord;
import io.gpufleet.telemetry.testkit.PostgresDatabase;
import io.gpufleet.telemetry.testkit.PostgresServer;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A database outage makes the application unready; it stays alive, and still stops in time. */
@TelemetryStackTest
final class DatabaseOutageTest {
    private static final String TOPIC = "spring-outage";
    private static final Duration LIMIT = Duration.ofSeconds(100);
    private static final List<FleetRecord> FLEET =
            FleetGenerator.builder().startAgo(Duration.ofHours(1)).build().records(30);

    @Test
    void stoppedDatabase_changesReadinessAndNotLiveness(TelemetryStack stack) throws Exception {
        stack.createTopic(TOPIC, 1);
        try (PostgresServer postgres = PostgresServer.builder().start()) {
            PostgresDatabase created = postgres.newDatabase();
            Database database = new Database(created.dataSource());
            try (RunningHost host = start(stack, created)) {
                stack.publish(TOPIC, FLEET.subList(0, 10));
                awaitStored(database, 10);
                postgres.stop();
                stack.publish(TOPIC, FLEET.subList(10, 20));
                awaitReadiness(host, 503, "retrying a failed write");
                assertThat(host.readiness().body()).contains("\"status\":\"OUT_OF_SERVICE\"");
                assertThat(host.liveness().statusCode()).isEqualTo(200);
                assertThat(host.gauges("telemetry.buffered.bytes"))
                        .singleElement(DOUBLE)
                        .isPositive();
                Await.until("the lag is seen", LIMIT, () -> host.gauges("telemetry.lag"), List.of(10.0)::equals);

                postgres.start();
                awaitReadiness(host, 200, "\"status\":\"UP\"");
                awaitStored(database, 20);
                assertThat(host.counted("telemetry.retries")).isPositive();

                postgres.stop();
                stack.publish(TOPIC, FLEET.subList(20, 30));
                awaitReadiness(host, 503, "retrying a failed write");
                assertThat(timeToClose(host)).isLessThan(Duration.ofSeconds(30));
            }
        }
    }

    private static RunningHost start(TelemetryStack stack, PostgresDatabase database) {
        return RunningHost.start(RunningHost.arguments(
                stack,
                database,
                TOPIC,
                "--spring.datasource.hikari.connection-timeout=250",
                "--telemetry.close-limit=100ms"));
    }

    private static void awaitStored(Database database, long heartbeats) {
        Await.until(
                "the heartbeats are stored",
                LIMIT,
                () -> database.count("telemetry.heartbeat"),
                stored -> stored == heartbeats);
    }

    private static void awaitReadiness(RunningHost host, int code, String words) {
        Await.until(
                "the readiness is " + words,
                LIMIT,
                host::readiness,
                readiness -> readiness.statusCode() == code && readiness.body().contains(words));
    }

    private static Duration timeToClose(RunningHost host) {
        long begun = System.nanoTime();
        host.close();
        return Duration.ofNanos(System.nanoTime() - begun);
    }
}
