package io.gpufleet.telemetry.jdbc.query;

import static io.gpufleet.telemetry.jdbc.Heartbeats.NOON;
import static io.gpufleet.telemetry.jdbc.Heartbeats.client;
import static io.gpufleet.telemetry.jdbc.Heartbeats.device;
import static io.gpufleet.telemetry.jdbc.Heartbeats.heartbeat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.Feed;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.ds.PGSimpleDataSource;

/** The rights, the time and the tables that questions about heartbeats take. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class HeartbeatQueriesTest {
    private static final String ID = client(1).toString();
    private static final LocalDate DAY = LocalDate.parse("2026-11-20");
    private static final List<String> TABLES =
            List.of("system_info", "device_info", "client_daily_stats", "device_daily_stats");

    @Parameter
    PostgresVersion version;

    /** Asks every question, and returns the number of rows of all answers. */
    static int askAll(HeartbeatQueries queries) {
        DailyQuery days = DailyQuery.builder(ID).build();
        return Stream.of(
                        queries.machines(MachineFilter.all()).rows(),
                        queries.devices(MachineFilter.builder().client(ID).build())
                                .rows(),
                        queries.state(ID).devices(),
                        queries.quiet(NOON, 1).rows(),
                        queries.dailyStatistics(days),
                        queries.deviceStatistics(days))
                .mapToInt(List::size)
                .sum();
    }

    private static DataSource asReader(Database database) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(database.url());
        source.setUser("heartbeat_reader");
        return source;
    }

    /** The role may read no heartbeat, so no question does. */
    @Test
    void rights_onFourTablesAreEnoughAndNeeded() {
        Database database = new StoredHeartbeats(version.database())
                .store(heartbeat(1, 10, device(10)), NOON.minusSeconds(1))
                .database();
        database.execute("DO $$ BEGIN CREATE ROLE heartbeat_reader LOGIN; EXCEPTION WHEN duplicate_object THEN NULL;"
                + " END $$; GRANT SELECT ON " + String.join(", ", TABLES) + " TO heartbeat_reader");
        HeartbeatQueries queries = StoredHeartbeats.queries(asReader(database));
        assertThat(askAll(queries)).isEqualTo(6);
        for (String table : TABLES) {
            database.execute("REVOKE SELECT ON " + table + " FROM heartbeat_reader");
            assertThatExceptionOfType(TelemetryException.class)
                    .isThrownBy(() -> askAll(queries))
                    .withMessageContaining("permission denied for table " + table);
            database.execute("GRANT SELECT ON " + table + " TO heartbeat_reader");
        }
    }

    @Test
    void tables_mayLieInDaysAndInASchema() {
        Database database = version.emptyDatabase();
        TelemetrySchema.builder(database.dataSource())
                .schema("telemetry")
                .heartbeats()
                .partitionedByDay()
                .build()
                .install();
        Feed.open(
                        HeartbeatSink.builder(database.dataSource())
                                .schema("telemetry")
                                .build(),
                        Feed.P0)
                .add(heartbeat(1, 10, device(10)), NOON.minusSeconds(1))
                .write();
        HeartbeatQueries queries = HeartbeatQueries.builder(database.dataSource())
                .schema("telemetry")
                .build();
        assertThat(queries.state(ID).devices()).hasSize(1);
        assertThat(queries.dailyStatistics(
                        DailyQuery.builder(ID).from(DAY).to(DAY).build()))
                .hasSize(1);
    }

    @Test
    void question_thatTakesTooLongIsCancelled() throws SQLException {
        Database database = new StoredHeartbeats(version.database())
                .store(heartbeat(1, 10), NOON)
                .database();
        HeartbeatQueries queries = HeartbeatQueries.builder(database.dataSource())
                .timeout(Duration.ofMillis(50))
                .build();
        try (Connection other = database.newConnections().getConnection();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("LOCK TABLE system_info");
            assertThatExceptionOfType(QueryTimeoutException.class)
                    .isThrownBy(() -> queries.machines(MachineFilter.all()))
                    .withMessage("machines: cancelled after 50 ms, its limit");
        }
        assertThat(queries.machines(MachineFilter.all()).total()).hasValue(1);
    }
}
