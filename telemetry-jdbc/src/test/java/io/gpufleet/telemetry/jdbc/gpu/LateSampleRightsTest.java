package io.gpufleet.telemetry.jdbc.gpu;

import static io.gpufleet.telemetry.jdbc.gpu.Samples.NOON;
import static io.gpufleet.telemetry.jdbc.gpu.Samples.gpu;
import static io.gpufleet.telemetry.jdbc.gpu.Samples.sample;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.TelemetryEvent.DuplicatesDropped;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.Feed;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.ds.PGSimpleDataSource;

/** The rights that samples of compacted days need: a missing one is named at the start. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class LateSampleRightsTest {
    private static final String ROLE = "late_writer";
    private static final GpuSample SAMPLE = sample(gpu(1).build(), "DCGM_FI_DEV_GPU_TEMP", 40, NOON);

    @Parameter
    PostgresVersion version;

    private Database database;

    @BeforeEach
    void grant() {
        database = version.gpuDatabase(GpuLayout.NUMBERED);
        database.execute(
                "DO $$ BEGIN CREATE ROLE " + ROLE + " LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
        database.execute("GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO " + ROLE
                + "; REVOKE ALL ON gpu_sample_compaction, gpu_sample_hour, gpu_sample_times, gpu_sample_piece FROM "
                + ROLE + "; GRANT SELECT ON gpu_sample_compaction, gpu_sample_times, gpu_sample_piece TO " + ROLE
                + "; GRANT SELECT, INSERT, UPDATE ON gpu_sample_hour TO " + ROLE);
    }

    private Feed<GpuSample> feed() {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(database.url());
        source.setUser(ROLE);
        return Feed.open(GpuSampleSink.create(source), Feed.P0, "late");
    }

    @Test
    void theseRights_areEnough() {
        Samples.write(Feed.open(GpuSampleSink.create(database.dataSource()), Feed.P0), List.of(SAMPLE));
        CompactedDay.ofSamples(database, LocalDate.parse("2026-11-20")).open().compact();
        Feed<GpuSample> late = feed();
        Samples.write(late, List.of(SAMPLE, sample(gpu(1).build(), "DCGM_FI_DEV_GPU_TEMP", 41, NOON.plusSeconds(1))));
        assertThat(late.events()).containsExactly(new DuplicatesDropped(1, 0));
        assertThat(database.count("gpu_sample")).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "SELECT, gpu_sample_compaction",
        "INSERT, gpu_sample_hour",
        "UPDATE, gpu_sample_hour",
        "SELECT, gpu_sample_times",
        "SELECT, gpu_sample_piece"
    })
    void missingRight_isNamedAtTheStart(String right, String table) {
        database.execute("REVOKE " + right + " ON " + table + " FROM " + ROLE);
        assertThatThrownBy(this::feed)
                .isInstanceOf(SinkException.class)
                .hasMessageEndingWith("GRANT " + right + " ON \"" + table + "\" TO " + ROLE);
    }
}
