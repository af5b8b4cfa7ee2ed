package io.gpufleet.telemetry.examples.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.testkit.PostgresDatabase;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The printed SQL creates tables that pass the check; other tables are reported. */
@TelemetryStackTest
final class SchemaTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--heartbeats",
                "--gpu-samples",
                "--gpu-samples=flat",
                "--consumer-configs",
                "--heartbeats --partitioned-by-day",
                "--gpu-samples --heartbeats --consumer-configs"
            })
    void printedSqlOfCapabilities_makesTheirTables_andTheCheckFindsThem(String options, TelemetryStack stack)
            throws SQLException {
        PostgresDatabase database = stack.newDatabase();
        String[] named = options.split(" ");

        execute(
                database,
                OperatorRun.of(Stream.concat(Stream.of("schema", "sql"), Stream.of(named))
                                .toArray(String[]::new))
                        .answer());

        String found = verify(database).answer();
        assertThat(found).startsWith("Tables match the expected schema: ");
        for (Capability capability : Capability.values()) {
            assertThat(found.contains(capability.toString()))
                    .as(capability + " in " + found)
                    .isEqualTo(options.contains(capability.option()));
            if (!options.contains(capability.option())) {
                verify(database, capability.option()).assertRefused(ExitCodes.NOT_SO, "is missing");
            }
        }
    }

    @Test
    void missingTableOfACapability_isNamed_inEitherLayout(TelemetryStack stack) throws SQLException {
        for (String option : List.of("--gpu-samples", "--gpu-samples=flat")) {
            PostgresDatabase database = stack.newDatabase();
            execute(database, OperatorRun.of("schema", "sql", option).answer());

            execute(database, "DROP TABLE gpu_metrics CASCADE");

            verify(database).assertRefused(ExitCodes.NOT_SO, "gpu_metrics");
            verify(database, "--json").assertFailed(ExitCodes.NOT_SO, "gpu_metrics");
        }
    }

    @Test
    void layoutOfHeartbeats_needsHeartbeats(TelemetryStack stack) {
        OperatorRun.of("schema", "sql", "--gpu-samples", "--partitioned-by-day")
                .assertRefused(ExitCodes.USAGE, "--partitioned-by-day: is of heartbeats");
        new Installation(stack, TelemetrySchema.Builder::gpuSamples)
                .run("schema", "verify", "--without-heartbeat-key")
                .assertRefused(ExitCodes.USAGE, "--without-heartbeat-key: is of heartbeats");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "--partitioned-by-day", "--without-heartbeat-key"})
    void printedSql_makesTablesThatAreVerified(String option, TelemetryStack stack) throws SQLException {
        PostgresDatabase database = stack.newDatabase();
        String[] layout = option.equals("--without-heartbeat-key") ? new String[] {option} : new String[] {};
        String sql = OperatorRun.of(
                        option.isEmpty() ? new String[] {"schema", "sql"} : new String[] {"schema", "sql", option})
                .answer();

        verify(database, layout).assertRefused(ExitCodes.NOT_SO, "Telemetry tables do not match the expected schema");
        execute(database, sql);

        assertThat(verify(database, layout).answer())
                .isEqualToNormalizingNewlines("Tables match the expected schema: heartbeats, consumer configs\n");
        assertThat(sql.contains("PARTITION BY RANGE")).isEqualTo(option.equals("--partitioned-by-day"));
    }

    @Test
    void tableWithoutItsKey_isNamed(TelemetryStack stack) throws SQLException {
        PostgresDatabase database = stack.newDatabase();
        execute(
                database,
                OperatorRun.of("schema", "sql", "--without-heartbeat-key").answer());
        verify(database).assertRefused(ExitCodes.NOT_SO, "table \"heartbeat\" has no primary key");
    }

    @Test
    void tableOfAnotherShape_isNamed(TelemetryStack stack) {
        Installation installation = new Installation(stack);
        assertThat(installation.run("schema", "verify").answer()).contains("match the expected schema");
        assertThat(installation
                        .run("schema", "verify", "--json")
                        .json()
                        .get("as_needed")
                        .asBoolean())
                .isTrue();

        installation.execute("ALTER TABLE telemetry.dead_letters DROP COLUMN stage");

        installation.run("schema", "verify").assertRefused(ExitCodes.NOT_SO, "dead_letters");
        OperatorRun inJson = installation.run("schema", "verify", "--json");
        inJson.assertFailed(ExitCodes.NOT_SO, "dead_letters");
        assertThat(inJson.json().get("as_needed").asBoolean()).isFalse();
        assertThat(inJson.json().get("faults"))
                .singleElement()
                .satisfies(fault -> assertThat(fault.asText()).contains("dead_letters"));
    }

    private static OperatorRun verify(PostgresDatabase database, String... options) {
        return OperatorRun.of(
                Stream.concat(Stream.of("schema", "verify", "--database-url", database.jdbcUrl()), Stream.of(options))
                        .toArray(String[]::new));
    }

    private static void execute(PostgresDatabase database, String sql) throws SQLException {
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
