package io.gpufleet.telemetry.jdbc;

import static io.gpufleet.telemetry.jdbc.Heartbeats.NOON;
import static io.gpufleet.telemetry.jdbc.Heartbeats.heartbeat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.ds.PGSimpleDataSource;

/** A missing right is found before a record is read, and reported as the statement that grants it. */
final class RightsTest {
    private static final String ROLE = "rights_writer";
    private Database database;

    @BeforeEach
    void install() {
        database = PostgresVersion.POSTGRES_18.database();
        database.execute(
                "DO $$ BEGIN CREATE ROLE " + ROLE + " LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
        database.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO " + ROLE);
    }

    private DataSource writer() {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(database.url());
        source.setUser(ROLE);
        return source;
    }

    private void open() {
        Feed.open(HeartbeatSink.create(writer()), Feed.P0);
    }

    @Test
    void allRights_areEnough() {
        Feed.open(HeartbeatSink.create(writer()), Feed.P0)
                .add(heartbeat(1, 7), NOON)
                .write();

        assertThat(database.count("heartbeat WHERE cpu_usage = 7")).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "INSERT, heartbeat",
        "SELECT, heartbeat",
        "UPDATE, consumer_offsets",
        "INSERT, dead_letters",
        "INSERT, consumption_gaps",
        "UPDATE, client_daily_stats",
        "DELETE, device_info"
    })
    void missingRight_isNamedAtTheStart_asWhatGrantsIt(String right, String table) {
        database.execute("REVOKE " + right + " ON " + table + " FROM " + ROLE);

        assertThatExceptionOfType(SinkException.class)
                .isThrownBy(this::open)
                .withMessageEndingWith(
                        "the owner of the tables runs: GRANT " + right + " ON \"" + table + "\" TO " + ROLE);
    }

    /** The schema was created by another role. */
    @Test
    void missingRightOnTheSchema_isNamedWithSchemaAndRole() {
        database.execute("CREATE SCHEMA \"Own\"");
        TelemetrySchema.builder(database.dataSource()).schema("Own").build().install();

        assertThatExceptionOfType(SinkException.class)
                .isThrownBy(() ->
                        Feed.open(HeartbeatSink.builder(writer()).schema("Own").build(), Feed.P0))
                .withMessageContaining("GRANT USAGE ON SCHEMA \"Own\" TO " + ROLE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "             |          | GRANT CREATE ON SCHEMA public TO rights_writer",
                "             | absent   | GRANT CREATE ON DATABASE",
                "USAGE        | present  | GRANT CREATE ON SCHEMA present TO rights_writer",
                "CREATE       | present  | GRANT USAGE ON SCHEMA present TO rights_writer",
                "             | Present  | GRANT USAGE, CREATE ON SCHEMA \"Present\" TO rights_writer"
            })
    void installWithoutARight_isRefusedBeforeAnythingIsMade(String granted, String schema, String grant) {
        Database empty = PostgresVersion.POSTGRES_18.emptyDatabase();
        empty.execute("CREATE SCHEMA present; CREATE SCHEMA \"Present\"");
        if (granted != null) {
            empty.execute("GRANT " + granted + " ON SCHEMA present TO " + ROLE);
        }
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(empty.url());
        source.setUser(ROLE);
        TelemetrySchema.Builder builder = TelemetrySchema.builder(source);
        if (schema != null) {
            builder.schema(schema);
        }

        assertThatExceptionOfType(TelemetryException.class)
                .isThrownBy(() -> builder.build().install())
                .withMessageContaining(grant)
                .withMessageContaining(ROLE)
                .withMessageNotContaining("…");
        assertThat(empty.rows("SELECT relname FROM pg_class WHERE relname LIKE 'telemetry%'"))
                .isEmpty();
    }

    @Test
    void installWhereAllIsThere_needsNoRightToMakeAnything() {
        database.execute("GRANT SELECT ON telemetry_base_history, telemetry_heartbeats_history,"
                + " telemetry_consumer_configs_history TO " + ROLE);

        TelemetrySchema.create(writer()).install();
    }

    @Test
    void rightThatNobodyNeeds_isNotAskedFor() {
        database.execute("REVOKE UPDATE, DELETE ON heartbeat FROM " + ROLE);

        open();
    }

    @Test
    void rightsOnColumns_areEnough() {
        database.execute("REVOKE INSERT ON heartbeat FROM " + ROLE);
        database.execute("GRANT INSERT (client_id, cpu_usage, mem_usage, disk_usage, network_up, network_down,"
                + " \"timestamp\") ON heartbeat TO " + ROLE);

        open();
    }

    @Test
    void serverOfBefore14_isRefused() {
        assertThatExceptionOfType(TelemetryException.class)
                .isThrownBy(() -> Catalog.requireServer(130_011))
                .withMessage("Server is PostgreSQL 13.11; 14 or newer is needed. Nothing was changed");
        Catalog.requireServer(140_000);
    }

    @Test
    void stringsWithoutTheStandard_changeNothing() {
        Database other = PostgresVersion.POSTGRES_18.emptyDatabase();
        // from a session of its own: it is for later ones
        new Database(other.url() + "&ApplicationName=operator")
                .execute("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET standard_conforming_strings = off',"
                        + " current_database()); END $$");
        TelemetrySchema.builder(other.dataSource()).partitionedByDay().build().install();
        assertThat(other.row("SHOW standard_conforming_strings")).isEqualTo("off");

        Feed.open(HeartbeatSink.create(other.dataSource()), Feed.P0)
                .add(heartbeat(1, 7), NOON)
                .write();
        Feed.open(HeartbeatSink.create(other.dataSource()), Feed.P1)
                .add(heartbeat(2, 8), NOON)
                .write();

        assertThat(other.count("heartbeat")).isEqualTo(2);
        RetentionJob.builder(other.dataSource()).keepDays(1).build().runOnce();
        assertThat(other.count("heartbeat")).as("their day was dropped").isZero();
        assertThatExceptionOfType(RuntimeException.class)
                .isThrownBy(
                        () -> other.execute("INSERT INTO pipeline_consumer_configs (service_name, consumer_group_id)"
                                + " VALUES (' ', 'g')"))
                .havingRootCause()
                .withMessageContaining("service_name_not_blank");
        other.execute("INSERT INTO pipeline_consumer_configs (service_name, consumer_group_id) VALUES ('x', 'g')");
    }
}
