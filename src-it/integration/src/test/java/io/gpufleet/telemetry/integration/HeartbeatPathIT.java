package io.gpufleet.telemetry.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.kafka.HeartbeatConsumer;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.FleetGenerator;
import io.gpufleet.telemetry.testkit.FleetRecord;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** The way of a heartbeat through all modules, on real components. */
final class HeartbeatPathIT {

    @Test
    void published_fleet_is_in_the_tables() throws SQLException {
        try (TelemetryStack stack = TelemetryStack.start()) {
            stack.createTopic(HeartbeatConsumer.TOPIC, 4, Map.of("retention.ms", "-1"));
            DataSource database = stack.newDatabase().dataSource();
            TelemetrySchema.create(database).install();
            List<FleetRecord> fleet = FleetGenerator.builder()
                    .seed(7)
                    .clients(50)
                    .damageRate(0.02)
                    .refusalRate(0.02)
                    .start(Instant.now().minus(Duration.ofDays(1)))
                    .build()
                    .records(5000);
            stack.kafka().publish(HeartbeatConsumer.TOPIC, fleet);
            long good = fleet.stream()
                    .filter(r -> r.kind() == FleetRecord.Kind.GOOD)
                    .count();
            try (BatchingConsumer consumer = HeartbeatConsumer.builder(
                            BincodeHeartbeatCodec.fixed(), HeartbeatSink.create(database))
                    .bootstrapServers(stack.bootstrapServers())
                    .start()) {
                Await.until(
                        "all heartbeats are stored",
                        Duration.ofSeconds(30),
                        () -> count(database, "heartbeat"),
                        n -> n == good);
                Await.until(
                        "all others are dead letters",
                        Duration.ofSeconds(10),
                        () -> count(database, "dead_letters"),
                        n -> n == fleet.size() - good);
                assertThat(consumer.health().reasons()).isEmpty();
            }
        }
    }

    private static long count(DataSource database, String table) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("select count(*) from " + table)) {
            result.next();
            return result.getLong(1);
        }
    }
}
