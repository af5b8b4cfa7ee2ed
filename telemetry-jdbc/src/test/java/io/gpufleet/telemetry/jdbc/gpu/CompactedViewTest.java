package io.gpufleet.telemetry.jdbc.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Queries of {@code gpu_telemetry} by name and UUID, which unpack no other pieces than those they ask for. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class CompactedViewTest {
    private static final int GPUS = 20;
    private static final Pattern UNPACKED = Pattern.compile("Function Scan on [ad] .*loops=(\\d+)\\)");

    @Parameter
    PostgresVersion version;

    private Database database;

    @BeforeEach
    void compact() {
        database = version.gpuDatabase(GpuLayout.NUMBERED);
        CompactionFixture samples =
                new CompactionFixture(database).with(CompactionFixture.DAY).insert(GPUS, "2026-03-01 11:00+00", 720);
        // The first metric has differences, the others have values.
        database.execute("UPDATE gpu_sample SET metric_value = 5e9 + metric_value * 1000 WHERE metric_no = 1");
        database.execute(
                "INSERT INTO gpu (gpu_no, uuid) SELECT n, 'GPU-' || n FROM generate_series(1, " + GPUS + ") AS n");
        database.execute(
                "INSERT INTO gpu_metric SELECT n, 'METRIC_' || n, 'gauge', '' FROM generate_series(1, 3) AS n");
        database.execute("INSERT INTO gpu_labels VALUES (7, 'n1', '', '', '', 0, '', '', '', '{}', '2026-03-01')");
        samples.job().build().runOnce();
        database.execute("ANALYZE");
        assertThat(samples.rows()).isZero();
        assertThat(database.row("SELECT count(*) FROM gpu_sample_piece WHERE base IS NOT NULL"))
                .isEqualTo(Integer.toString(2 * GPUS));
    }

    private int unpacked(String condition) {
        String plan = String.join(
                "\n",
                database.rows("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) SELECT ts, metric_value FROM"
                        + " gpu_telemetry WHERE " + condition));
        Matcher scans = UNPACKED.matcher(plan);
        int pieces = 0;
        while (scans.find()) {
            pieces += Integer.parseInt(scans.group(1));
        }
        assertThat(pieces).as(plan).isPositive();
        return pieces;
    }

    @Test
    void view_byMetricUnpacksItsPieces() {
        assertThat(unpacked("metric_name = 'METRIC_1'")).isEqualTo(2 * GPUS);
        assertThat(unpacked("metric_name = 'METRIC_3'")).isEqualTo(2 * GPUS);
    }

    @Test
    void view_byGpuAndHourUnpacksItsPieces() {
        assertThat(unpacked("uuid = 'GPU-7' AND hour = '2026-03-01 12:00+00'")).isEqualTo(3);
        assertThat(unpacked("uuid = 'GPU-7' AND metric_name = 'METRIC_2'")).isEqualTo(2);
    }

    /** A range of hours says nothing of the times of pieces, unless it is given for them, too. */
    @Test
    void range_readsNoOtherDays() {
        CompactionFixture samples = new CompactionFixture(database);
        for (int day = 2; day <= 4; day++) {
            samples.with(CompactionFixture.DAY.minusDays(day)).insert(1, "2026-02-2" + (9 - day) + " 11:00+00", 3);
        }
        samples.job().build().runOnce();
        assertThat(database.rows("EXPLAIN SELECT * FROM gpu_samples_between(1, 2, '2026-03-01 11:30+00',"
                        + " '2026-03-01 12:30+00')"))
                .anyMatch(line -> line.contains(" gpu_sample_times_20260301 "))
                .noneMatch(line -> line.matches(".* gpu_sample_(times|piece)_202602.*"))
                .as("planned for these days only")
                .noneMatch(line -> line.contains("Subplans Removed"));
    }

    @Test
    void view_returnsEverySampleOnce() {
        assertThat(database.rows("SELECT metric_name, count(*), count(DISTINCT (uuid, ts)) FROM gpu_telemetry GROUP BY"
                        + " 1 ORDER BY 1"))
                .containsExactly("METRIC_1|14400|14400", "METRIC_2|14400|14400", "METRIC_3|14400|14400");
    }
}
