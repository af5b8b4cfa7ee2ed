package io.gpufleet.telemetry.jdbc.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Days that are compacted by a run: which, how far, and what is left of them. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class CompactionJobTest {
    @Parameter
    PostgresVersion version;

    private CompactionFixture samples;

    @BeforeEach
    void create() {
        samples = new CompactionFixture(version.gpuDatabase(GpuLayout.NUMBERED)).with(CompactionFixture.DAY);
    }

    @Test
    void runOnce_compactsAnOldDayAndGivesItsSpaceBack() {
        samples.insert(2, "2026-03-01 11:50+00", 720);
        List<String> before = samples.samples();
        long bytesBefore = samples.bytes();
        List<CompactionJob.Progress> progress = new ArrayList<>();

        CompactionJob.Result result =
                samples.job().progress(progress::add).build().runOnce();

        assertThat(result.heldBy()).isEmpty();
        assertThat(result.samples()).isEqualTo(2 * 3 * 720);
        CompactionJob.DayResult day = result.days().get(0);
        assertThat(day.waiting()).isEmpty();
        assertThat(day.failures()).isEmpty();
        assertThat(day.bytesBefore()).isEqualTo(bytesBefore);
        assertThat(day.bytesAfter()).isEqualTo(samples.bytes()).isLessThan(bytesBefore / 2);
        assertThat(samples.rows()).isZero();
        assertThat(samples.samples()).isEqualTo(before);
        assertThat(progress).hasSize(2 * 3).last().satisfies(last -> {
            assertThat(last.done()).isEqualTo(last.hours()).isEqualTo(6);
            assertThat(last.samples()).isEqualTo(2 * 3 * 720);
        });
        assertThat(samples.database()
                        .row("SELECT day, compacted_at IS NOT NULL, samples, bytes_before, bytes_after FROM"
                                + " gpu_sample_compaction"))
                .isEqualTo("2026-03-01|t|4320|" + bytesBefore + "|" + day.bytesAfter());
    }
}
