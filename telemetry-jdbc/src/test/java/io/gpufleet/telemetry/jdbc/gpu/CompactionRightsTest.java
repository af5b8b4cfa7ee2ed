package io.gpufleet.telemetry.jdbc.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.jdbc.CapturedLog;
import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.ds.PGSimpleDataSource;

/** The compaction as a role that does not own the tables: days become pieces, and the missing right is named. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class CompactionRightsTest {
    private static final String MISSING = "role day_compactor is not a member of postgres, the owner of"
            + " gpu_sample_20260301, and so cannot vacuum and truncate it: run GRANT postgres TO day_compactor, or"
            + " ALTER TABLE gpu_sample_20260301 OWNER TO day_compactor";

    @Parameter
    PostgresVersion version;

    private CompactionFixture samples;
    private Database database;

    @BeforeEach
    void create() {
        samples = new CompactionFixture(version.gpuDatabase(GpuLayout.NUMBERED)).with(CompactionFixture.DAY);
        database = samples.database();
        samples.insert(2, "2026-03-01 11:50+00", 120);
        database.execute(
                "DO $$ BEGIN CREATE ROLE day_compactor LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
        database.execute("REVOKE postgres FROM day_compactor");
    }

    private CompactionJob.DayResult run() {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(database.url());
        source.setUser("day_compactor");
        return samples.job(source).build().runOnce().days().get(0);
    }

    private void grant(String tables) {
        database.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON " + tables + " TO day_compactor");
    }

    private void createPieces(LocalDate day) {
        for (String piece : List.of("gpu_sample_hour", "gpu_sample_times", "gpu_sample_piece")) {
            database.execute(
                    "CREATE TABLE %1$s_%2$s PARTITION OF %1$s FOR VALUES FROM ('%3$s 00:00+00') TO ('%4$s 00:00+00')"
                            .formatted(piece, day.toString().replace("-", ""), day, day.plusDays(1)));
        }
    }

    @Test
    void runOnce_withRightsOnAllTablesNamesTheOwnerOfTheDay() {
        createPieces(CompactionFixture.DAY);
        grant("ALL TABLES IN SCHEMA public");
        assertStaysOnTheDisk();
        database.execute("GRANT postgres TO day_compactor");
        assertThat(run().waiting()).isEmpty();
        assertThat(database.row("SELECT pg_relation_size('gpu_sample_20260301')"))
                .isEqualTo("0");
    }

    private void assertStaysOnTheDisk() {
        List<String> before = samples.samples();
        try (CapturedLog log = new CapturedLog(MissingRights.class)) {
            CompactionJob.DayResult day = run();
            assertThat(day.samples()).isEqualTo(720);
            assertThat(day.failures()).isEmpty();
            assertThat(day.waiting())
                    .hasValueSatisfying(reason -> assertThat(reason).endsWith(MISSING));
            assertThat(log.linesWith(
                            "Space of compacted days of gpu_sample stays on the disk: role day_compactor is not a"
                                    + " member of postgres, the owner of gpu_sample_"))
                    .hasSize(1);
        }
        assertThat(samples.rows()).isZero();
        assertThat(samples.samples()).isEqualTo(before);
    }

    @Test
    void runOnce_withoutTheDaysOfPiecesNamesWhoCanCreateThem() {
        grant("ALL TABLES IN SCHEMA public");
        List<String> before = samples.samples();
        assertThatThrownBy(this::run)
                .hasMessageContaining("(SQLSTATE 42501)")
                .hasMessageEndingWith("; role day_compactor is not a member of postgres, the owner of gpu_sample_hour,"
                        + " and so cannot create its days: run GRANT postgres TO day_compactor, or ALTER TABLE"
                        + " gpu_sample_hour OWNER TO day_compactor");
        assertThat(samples.samples()).isEqualTo(before);
    }
}
