package io.gpufleet.telemetry.jdbc;

import static io.gpufleet.telemetry.jdbc.Heartbeats.heartbeat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import java.time.Instant;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Three roles: one owns schema and tables, one writes and so owns the days, one drops them. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class RetentionRightsTest {
    private static final String ROLES = """
            DO $$ BEGIN CREATE ROLE days_owner LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
            DO $$ BEGIN CREATE ROLE days_writer LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
            DO $$ BEGIN CREATE ROLE days_dropper LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
            REVOKE days_owner FROM days_dropper;
            GRANT days_owner TO days_writer;
            CREATE SCHEMA telemetry AUTHORIZATION days_owner""";

    private static final String GRANTS = """
            GRANT USAGE ON SCHEMA telemetry TO days_writer, days_dropper;
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA telemetry TO days_writer, days_dropper""";

    @Parameter
    PostgresVersion version;

    private Database database;

    @BeforeEach
    void writeADay() {
        database = version.emptyDatabase();
        database.execute(ROLES);
        TelemetrySchema schema =
                TelemetrySchema.builder(as("days_owner")).partitionedByDay().build();
        database.execute("SET ROLE days_owner; SET search_path = telemetry; " + String.join("\n", schema.sql()));
        database.execute(GRANTS);
        Feed.open(HeartbeatSink.builder(as("days_writer")).schema("telemetry").build(), Feed.P0)
                .add(heartbeat(1, 1), Instant.parse("2024-02-27T12:00:00Z"))
                .write();
        assertThat(database.row("SELECT tableowner FROM pg_tables WHERE tablename = 'heartbeat_20240227'"))
                .isEqualTo("days_writer");
    }

    @Test
    void runOnce_asAMemberOfTheOwnerDropsWhatAnotherMemberMade() {
        database.execute("GRANT days_owner TO days_dropper");
        assertThat(drop().dropped()).containsExactly("heartbeat_20240227");
        assertThat(database.row("SELECT kept_from FROM telemetry.heartbeat_retention"))
                .isEqualTo("2024-02-29");
    }

    @Test
    void runOnce_asAnyOtherRoleSaysWhatIsMissing() {
        assertThatThrownBy(this::drop)
                .hasMessageContaining("must be owner of table heartbeat_20240227 (SQLSTATE 42501)")
                .hasMessageContaining("only a member of the table's owner can create or drop days");
        assertThat(database.row("SELECT kept_from FROM telemetry.heartbeat_retention"))
                .isEqualTo("1970-01-01");
    }

    private RetentionJob.Result drop() {
        return RetentionJob.builder(as("days_dropper"))
                .schema("telemetry")
                .keepDays(1)
                .clock(RetentionFixture.at(RetentionFixture.NOW))
                .build()
                .runOnce();
    }

    private DataSource as(String role) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(database.url());
        source.setUser(role);
        return source;
    }
}
