package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.testkit.PostgresDatabase;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Writes through a Pgpool-II that sends reads to a standby, which is behind. */
@TelemetryStackTest
@EnabledIfSystemProperty(
        named = PgPool.PROGRAM,
        matches = ".+",
        disabledReason = "no Pgpool-II is given: -D" + PgPool.PROGRAM + "=<its program>")
final class PgPoolIT {

    @Test
    void standbyThatIsBehind_isNotAskedForPositions(TelemetryStack stack, @TempDir Path directory) throws Exception {
        stack.createTopic("splitter", 2);
        try (ServerPair servers = new ServerPair();
                Proxy proxy = PgPool.start(servers, directory)) {
            PostgresDatabase database = servers.first().newDatabase();
            Pipeline pipeline = new Pipeline(stack.kafka(), Database.install(database), "splitter");
            servers.awaitStandby();
            try (HikariDataSource pool = pool(proxy.jdbcUrl(database.name(), ""))) {
                assertThat(portOf(pool)).isEqualTo(servers.second().port());
                pipeline.publish(500);
                consumeAll(pipeline, pool);
                servers.pauseReplay();
                pipeline.publish(500);
                consumeAll(pipeline, pool);
                pipeline.publish(500);
                consumeAll(pipeline, pool);
            }
            pipeline.assertApplied(1500);
        }
    }

    /** Consumes all records, without any fence. */
    private static void consumeAll(Pipeline pipeline, HikariDataSource pool) {
        try (BatchingConsumer consumer = pipeline.consumer(
                        HeartbeatSink.builder(pool).inTransaction(new Audit<>()).build())
                .start()) {
            pipeline.awaitEnd();
            assertThat(consumer.snapshot().counts().fences()).isZero();
        }
    }

    /** Returns the port of the server that gets a read-only statement. */
    private static int portOf(HikariDataSource pool) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT inet_server_port()")) {
            result.next();
            return result.getInt(1);
        }
    }

    private static HikariDataSource pool(String url) {
        HikariConfig settings = new HikariConfig();
        settings.setJdbcUrl(url);
        settings.setMaximumPoolSize(3);
        return new HikariDataSource(settings);
    }
}
