package io.gpufleet.telemetry.jdbc.gpu;

import static io.gpufleet.telemetry.jdbc.gpu.Samples.NOON;
import static io.gpufleet.telemetry.jdbc.gpu.Samples.gpu;
import static io.gpufleet.telemetry.jdbc.gpu.Samples.sample;
import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.Feed;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import io.gpufleet.telemetry.jdbc.RetentionJob;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Days of wide rows that are compacted by a run, in the layout that has no pieces of samples. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class CompactionOfWideRowsTest {
    private static final LocalDate DAY = LocalDate.ofInstant(NOON, ZoneOffset.UTC);
    private static final Clock LATER = Clock.fixed(NOON.plus(Duration.ofDays(4)), ZoneOffset.UTC);
    private static final String TEMP = "DCGM_FI_DEV_GPU_TEMP";
    private static final String ROWS =
            "SELECT (to_jsonb(m) - 'gpu_no')::text FROM gpu_metrics_by_uuid AS m" + " ORDER BY gpu_uuid, time";

    @Parameter
    PostgresVersion version;

    private Database database;
    private Messages messages;

    @BeforeEach
    void write() {
        database = version.gpuDatabase(GpuLayout.FLAT);
        messages = Messages.open(
                GpuMetricsSink.builder(database.dataSource(), WideRows.inGrid(Duration.ofSeconds(30)))
                        .build(),
                Feed.P0,
                "g");
        List<List<GpuSample>> all = new ArrayList<>();
        for (int i = 0; i < 600; i++) {
            for (int number = 1; number < 3; number++) {
                all.add(List.of(sample(gpu(number).build(), TEMP, i % 17, NOON.plusSeconds(30L * i))));
            }
        }
        messages.write(all);
    }

    private CompactionJob.Result run() {
        return run(database.dataSource());
    }

    private static CompactionJob.Result run(DataSource connections) {
        return CompactionJob.builder(connections).clock(LATER).build().runOnce();
    }

    @Test
    void runOnce_compactsWideRowsAndGivesTheirSpaceBack() {
        List<String> rows = database.rows(ROWS);
        CompactionJob.DayResult day = run().days().get(0);
        assertThat(day.table()).isEqualTo("gpu_metrics");
        assertThat(day.day()).isEqualTo(DAY);
        assertThat(day.samples()).isEqualTo(1_200);
        assertThat(day.failures()).isEmpty();
        assertThat(day.waiting()).isEmpty();
        assertThat(day.bytesAfter()).isLessThan(day.bytesBefore());
        assertThat(database.count("gpu_metrics")).isZero();
        assertThat(database.rows(ROWS)).isEqualTo(rows);
        assertThat(run().days()).isEmpty();
    }

    /** As a driver reads numbers as texts, their last digits would be missing. */
    @Test
    void runOnce_keepsEveryBitInADatabaseWithShortNumbers() {
        database.execute("UPDATE gpu_metrics SET power_usage = extract(epoch FROM time)::float8 / 7");
        List<String> rows = database.rows(ROWS);
        database.configure("extra_float_digits", -10);
        assertThat(run(database.newConnections()).failures()).isEmpty();
        assertThat(database.rows(ROWS)).isEqualTo(rows);
    }

    /** One late reading merges its hour, and no other. */
    @Test
    void runOnce_mergesHoursWithLateReadings() {
        run();
        messages.write(sample(gpu(1).build(), TEMP, 99, NOON.plusSeconds(31)));
        List<String> rows = database.rows(ROWS);
        assertThat(run().samples()).isEqualTo(120);
        assertThat(database.rows(ROWS)).isEqualTo(rows);
        assertThat(database.row("SELECT max(gpu_temp) FROM gpu_metrics_by_uuid"))
                .isEqualTo("99");
    }

    /** An array that is longer than the readings that are known stays a row until a run can keep it. */
    @Test
    void runOnce_tellsHoursThatDoNotComeBack() {
        database.execute("UPDATE gpu_metrics SET at = array_fill(1, ARRAY[80]) WHERE (gpu_no, time) IN (SELECT gpu_no,"
                + " time FROM gpu_metrics ORDER BY time LIMIT 1)");
        assertThat(run().failures()).hasSize(1);
        assertThat(database.rows("SELECT failure LIKE 'Wide rows % stay rows: 119 of 120%' FROM gpu_metrics_hour WHERE"
                        + " failure IS NOT NULL"))
                .containsExactly("t");
        assertThat(database.count("gpu_metrics")).isEqualTo(120);
        database.execute("UPDATE gpu_metrics SET at = at[:55]");
        assertThat(run().failures()).isEmpty();
        assertThat(database.count("gpu_metrics")).isZero();
    }

    @Test
    void retention_dropsCompactedDays_andALateReadingIsLeftOut() {
        run();
        RetentionJob.builder(database.dataSource())
                .keepGpuMetrics(2)
                .clock(LATER)
                .build()
                .runOnce();
        assertThat(database.count("gpu_metrics_by_uuid")).isZero();
        assertThat(database.count("gpu_metrics_compaction")).isZero();
        messages.write(sample(gpu(1).build(), TEMP, 99, NOON));
        assertThat(database.count("gpu_metrics_by_uuid")).isZero();
    }
}
