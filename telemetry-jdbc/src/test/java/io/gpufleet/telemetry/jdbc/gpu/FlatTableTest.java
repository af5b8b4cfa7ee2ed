package io.gpufleet.telemetry.jdbc.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/** The checksums that distinguish the hours of an old table, and the table itself, from others. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class FlatTableTest {
    private static final String ROLE = "flat_table_reader";

    @Parameter
    PostgresVersion version;

    private Database database;

    @BeforeEach
    void fill() {
        database = version.emptyDatabase();
        database.execute("CREATE TABLE old (id bigint, ts timestamptz, metric text, uuid text, value float8)");
        database.execute("INSERT INTO old SELECT 7, '2026-10-01 12:00:00+00', 'DCGM_FI_DEV_GPU_TEMP', 'GPU-a',"
                + " 0.30000000000000004 FROM generate_series(1, 2)");
    }

    private List<TableHour> hours(String... settings) {
        try (Connection connection = database.newConnections().getConnection();
                Statement statement = connection.createStatement()) {
            for (String setting : settings) {
                statement.execute("SET " + setting);
            }
            connection.setAutoCommit(false);
            return FlatTable.find(connection, "old", Map.of()).hours(connection);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "id = 8",
                "ts = ts + interval '1 us'",
                "metric = 'DCGM_FI_DEV_MEMORY_TEMP'",
                "uuid = 'GPU-b'",
                "value = 0.3",
                "value = NULL"
            })
    void hours_differByEachFieldOfASample_alsoOfEqualRows(String change) {
        List<TableHour> before = hours();
        database.execute("UPDATE old SET " + change);
        List<TableHour> after = hours();
        assertThat(after).hasSize(1).isNotEqualTo(before);
        assertThat(after.get(0).rows()).isEqualTo(2);
    }

    @Test
    void hours_tellNothingFromAnEmptyText() {
        database.execute("UPDATE old SET uuid = NULL");
        List<TableHour> before = hours();
        database.execute("UPDATE old SET uuid = ''");
        assertThat(hours()).isNotEqualTo(before);
    }

    @Test
    void hours_doNotDependOnTheSettingsOfASession() {
        database.execute("ALTER TABLE old RENAME uuid TO name");
        database.execute("ALTER TABLE old ADD uuid float8[] DEFAULT array[0.1::float8 + 0.2::float8],"
                + " ADD gpu timestamptz[] DEFAULT array[TIMESTAMPTZ '2026-10-01 12:00:00+00'],"
                + " ADD host interval DEFAULT '1 day 02:00:00'");
        assertThat(hours(
                        "TimeZone = 'Asia/Kolkata'",
                        "DateStyle = 'ISO, DMY'",
                        "IntervalStyle = 'sql_standard'",
                        "extra_float_digits = -15"))
                .hasSize(1)
                .isEqualTo(hours());
    }

    @Test
    void source_namesTheServer_byItsAddressWithoutTheRight() throws SQLException {
        String server = database.row("SELECT system_identifier FROM pg_control_system()");
        assertThat(source(database.newConnections())).matches(server + "/.+\\.public\\.old");
        database.execute(
                "DO $$ BEGIN CREATE ROLE " + ROLE + " LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
        database.execute("GRANT SELECT ON old TO " + ROLE);
        database.execute("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC");
        PGSimpleDataSource reader = new PGSimpleDataSource();
        reader.setUrl(database.url());
        reader.setUser(ROLE);
        String port = database.row("SELECT inet_server_port()");
        assertThat(source(reader)).matches("[^/?]+:" + port + "/.+\\.public\\.old");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.b.c", "a.b.c.d"})
    void find_refusesWhatIsNoName(String name) throws SQLException {
        try (Connection connection = database.newConnections().getConnection()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> FlatTable.find(connection, name, Map.of()))
                    .withMessageStartingWith("table \"" + name + "\": ")
                    .withMessageEndingWith("; allowed is the name of a table, with its schema or without");
        }
    }

    private static String source(DataSource connections) throws SQLException {
        try (Connection connection = connections.getConnection()) {
            return FlatTable.find(connection, "old", Map.of()).source();
        }
    }
}
