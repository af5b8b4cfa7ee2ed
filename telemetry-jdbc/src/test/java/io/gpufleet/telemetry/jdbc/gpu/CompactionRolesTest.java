package io.gpufleet.telemetry.jdbc.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import java.time.Clock;
import java.time.ZoneOffset;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Three roles: one owns schema and tables, one writes and so owns a day, one compacts it. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class CompactionRolesTest {
    private static final String ROLES = """
            DO $$ BEGIN CREATE ROLE pieces_owner LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
            DO $$ BEGIN CREATE ROLE pieces_writer LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
            DO $$ BEGIN CREATE ROLE pieces_compactor LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
            REVOKE pieces_owner FROM pieces_compactor;
            REVOKE pieces_writer FROM pieces_compactor;
            GRANT pieces_owner TO pieces_writer;
            CREATE SCHEMA telemetry AUTHORIZATION pieces_owner""";

    private static final String DAY = """
            CREATE TABLE telemetry.gpu_sample_20260301 PARTITION OF telemetry.gpu_sample
                FOR VALUES FROM ('2026-03-01 00:00+00') TO ('2026-03-02 00:00+00');
            INSERT INTO telemetry.gpu_sample SELECT timestamptz '2026-03-01 12:00+00' + n * interval '1 second', 0, n,
                7, 1, 150, '', 0, 0 FROM generate_series(0, 9) AS n""";

    @Parameter
    PostgresVersion version;

    private Database database;

    @BeforeEach
    void writeADay() {
        database = version.emptyDatabase();
        database.execute(ROLES);
        TelemetrySchema schema = TelemetrySchema.builder(as("pieces_owner"))
                .gpuSamples(GpuLayout.NUMBERED)
                .build();
        database.execute("SET ROLE pieces_owner; SET search_path = telemetry; " + String.join("\n", schema.sql()));
        database.execute("SET ROLE pieces_owner; " + DAY + "; RESET ROLE; GRANT USAGE ON SCHEMA telemetry TO"
                + " pieces_compactor; GRANT SELECT ON ALL TABLES IN SCHEMA telemetry TO pieces_compactor");
    }

    private DataSource as(String role) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(database.url());
        source.setUser(role);
        return source;
    }

    private CompactionJob.Result run() {
        return CompactionJob.builder(as("pieces_compactor"))
                .schema("telemetry")
                .clock(Clock.fixed(CompactionFixture.NOW, ZoneOffset.UTC))
                .build()
                .runOnce();
    }

    private void assertUntouched() {
        assertThat(database.count("telemetry.gpu_sample")).isEqualTo(10);
        assertThat(database.count("telemetry.gpu_sample_compaction")).isZero();
        assertThat(database.count("pg_inherits WHERE inhparent = 'telemetry.gpu_sample_piece'::regclass"))
                .isZero();
        assertThat(database.count("telemetry.gpu_compaction_lease WHERE held_until >= now()"))
                .isZero();
    }

    @Test
    void runOnce_asAMemberOfTheOwnerCompacts() {
        database.execute("GRANT pieces_owner TO pieces_compactor");
        assertThat(run().days().get(0).waiting()).isEmpty();
        assertThat(database.count("telemetry.gpu_sample")).isZero();
        assertThat(database.count("telemetry.gpu_sample_unpacked")).isEqualTo(10);
        assertThat(database.row("SELECT tableowner FROM pg_tables WHERE tablename = 'gpu_sample_piece_20260301'"))
                .isEqualTo("pieces_compactor");
    }

    @ParameterizedTest
    @CsvSource({"gpu_sample_retention", "gpu_sample_20260301", "gpu_compaction_lease"})
    void runOnce_withoutARightOnATableNamesIt(String table) {
        database.execute("REVOKE ALL ON telemetry." + table + " FROM pieces_compactor");
        assertThatThrownBy(this::run)
                .isInstanceOf(TelemetryException.class)
                .hasMessageContaining("permission denied for table " + table)
                .hasMessageContaining("pieces_compactor");
        assertUntouched();
    }

    @Test
    void runOnce_withAllRightsOfAWriterNamesTheOwner() {
        database.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA telemetry TO pieces_compactor;"
                + " GRANT CREATE ON SCHEMA telemetry TO pieces_compactor");
        assertThatThrownBy(this::run)
                .isInstanceOf(TelemetryException.class)
                .hasMessageContaining("gpu_sample_hour")
                .hasMessageContaining("owner");
        assertUntouched();
    }

    @Test
    void runOnce_withoutTheRightToCreateNamesTheSchema() {
        database.execute("GRANT pieces_owner TO pieces_compactor; REVOKE CREATE ON SCHEMA telemetry FROM pieces_owner");
        assertThatThrownBy(this::run)
                .isInstanceOf(TelemetryException.class)
                .hasMessageContaining("permission denied for schema telemetry")
                .hasMessageContaining("CREATE");
        assertUntouched();
    }
}
