package io.gpufleet.telemetry.jdbc.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.codec.SampleJsonDecoder;
import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import io.gpufleet.telemetry.jdbc.gpu.SampleTables.Counts;
import io.gpufleet.telemetry.jdbc.gpu.SampleTables.Moved;
import org.junit.jupiter.api.Test;

/** A move of thousands of days, each in a partition of its own. */
final class YearsTest {
    private static final int DAYS = 2_000;

    private final Database database = PostgresVersion.POSTGRES_18.gpuDatabase(GpuLayout.NUMBERED);

    @Test
    void move_storesThousandsOfDays() {
        database.execute(
                "CREATE TABLE old AS SELECT n AS id, TIMESTAMPTZ '2026-10-01 12:00:00+00' - n * interval '1 day'"
                        + " AS ts, 'DCGM_FI_DEV_POWER_USAGE' AS metric, 'GPU-a' AS uuid, (n % 90)::float8 AS value"
                        + " FROM generate_series(1, " + DAYS + ") AS n");
        SampleTables tables = SampleTables.builder(
                        database.dataSource(), GpuSampleSink.create(database.dataSource()), SampleJsonDecoder.create())
                .build();
        Moved moved = tables.move("old");
        assertThat(moved.total()).isEqualTo(new Counts(DAYS, 0, 0, 0, 0, 0));
        assertThat(moved.comparison().compared()).isEqualTo(DAYS);
        assertThat(moved.comparison().holds()).isTrue();
        assertThat(database.count("gpu_sample")).isEqualTo(DAYS);
        assertThat(database.count("pg_inherits WHERE inhparent = 'gpu_sample'::regclass"))
                .isEqualTo(DAYS);
    }
}
