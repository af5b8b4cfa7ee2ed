package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.TelemetryEvent.WriteRetried;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.testkit.Await;
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

/** A standby is promoted; the old server becomes read-only, and its sessions stay open. */
@TelemetryStackTest
final class FailoverIT {

    @Test
    void urlWithBothServers_findsTheOneThatTakesWrites(TelemetryStack stack) throws Exception {
        try (ServerPair servers = new ServerPair()) {
            PostgresDatabase database = servers.first().newDatabase();
            String url = "jdbc:postgresql://127.0.0.1:" + servers.first().port() + ",127.0.0.1:"
                    + servers.second().port() + "/" + database.name()
                    + "?user=postgres&targetServerType=primary&hostRecheckSeconds=1";
            failOver(stack, servers, database, url);
        }
    }

    @Test
    @EnabledIfSystemProperty(
            named = HaProxy.PROGRAM,
            matches = ".+",
            disabledReason = "no HAProxy is given: -D" + HaProxy.PROGRAM + "=<its program>")
    void proxyThatChecksRoles_findsTheOneThatTakesWrites(TelemetryStack stack, @TempDir Path directory)
            throws Exception {
        try (ServerPair servers = new ServerPair();
                Proxy proxy = HaProxy.start(servers.first(), servers.second(), directory)) {
            PostgresDatabase database = servers.first().newDatabase();
            failOver(stack, servers, database, proxy.jdbcUrl(database.name(), ""));
        }
    }

    private static void failOver(TelemetryStack stack, ServerPair servers, PostgresDatabase database, String url)
            throws SQLException {
        String topic = "failover-" + servers.first().port();
        stack.createTopic(topic, 2);
        try (HikariDataSource pool = pool(url)) {
            Pipeline pipeline = new Pipeline(stack.kafka(), Database.install(pool), topic);
            pipeline.publish(500);
            RecordedEvents events = new RecordedEvents();
            try (BatchingConsumer consumer =
                    pipeline.consumer().listener(events).start()) {
                pipeline.awaitEnd();
                servers.demoteFirst();
                pipeline.publish(500);
                Await.until("the old server refuses a write", Pipeline.LIMIT, () -> isReadOnly(events));
                servers.promoteSecond();
                pipeline.awaitEnd();
            }
            pipeline.assertApplied(1000);
        }
        assertThat(heartbeats(database)).as("heartbeats on the old server").isEqualTo(500);
    }

    private static boolean isReadOnly(RecordedEvents events) {
        return events.of(WriteRetried.class).stream()
                .anyMatch(retried -> retried.cause().getMessage().contains("SQLSTATE 25006"));
    }

    private static long heartbeats(PostgresDatabase database) throws SQLException {
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT count(*) FROM heartbeat")) {
            result.next();
            return result.getLong(1);
        }
    }

    private static HikariDataSource pool(String url) {
        HikariConfig settings = new HikariConfig();
        settings.setJdbcUrl(url);
        settings.setMaximumPoolSize(3);
        settings.setConnectionTimeout(30_000);
        return new HikariDataSource(settings);
    }
}
