package io.gpufleet.telemetry.integration.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.kafka.HeartbeatConsumer;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.FleetGenerator;
import io.gpufleet.telemetry.testkit.FleetRecord;
import io.gpufleet.telemetry.testkit.ForkedJvm;
import io.gpufleet.telemetry.testkit.PostgresDatabase;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jdbi.v3.core.Jdbi;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A newcomer's project, created from the README alone, compiles against the jars, consumes, and ends by itself when the
 * consumer fails: a remaining thread would keep the process alive.
 */
@TelemetryStackTest
final class HostProjectIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final List<FleetRecord> FLEET = FleetGenerator.builder()
            .clients(10)
            .startAgo(Duration.ofHours(1))
            .build()
            .records(100);

    @Test
    void readme_isEnoughForAHost(TelemetryStack stack, @TempDir Path directory) throws Exception {
        PostgresDatabase database = stack.newDatabase();
        Jdbi jdbi = Jdbi.create(database.dataSource());
        stack.createTopic(HeartbeatConsumer.TOPIC, 2);
        stack.publish(HeartbeatConsumer.TOPIC, FLEET);
        HostProject project = HostProject.create(directory, stack.bootstrapServers(), database.jdbcUrl());

        try (ForkedJvm host = project.start()) {
            awaitNumber(jdbi, "SELECT count(*) FROM heartbeat", FLEET.size());
            jdbi.useHandle(handle -> handle.execute("DROP TABLE heartbeat"));
            stack.publish(HeartbeatConsumer.TOPIC, FLEET.subList(0, 1));

            assertThat(host.awaitExit(LIMIT)).as(() -> host.errors().toString()).isEqualTo(1);
        }
        awaitNumber(jdbi, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()", 1);
    }

    private static void awaitNumber(Jdbi jdbi, String sql, long expected) {
        Await.until(
                sql + " gives " + expected,
                LIMIT,
                () -> jdbi.withHandle(
                        handle -> handle.createQuery(sql).mapTo(Long.class).one()),
                number -> number == expected);
    }
}
