package io.gpufleet.telemetry.jdbc.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.codec.SampleJsonDecoder;
import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import io.gpufleet.telemetry.jdbc.gpu.SampleTables.Comparison;
import io.gpufleet.telemetry.jdbc.gpu.SampleTables.Counts;
import io.gpufleet.telemetry.jdbc.gpu.SampleTables.Moved;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Moves of rows with labels, which the comparison looks for. */
final class MoveLabelsTest {
    private static final String LABELS = "jsonb_build_object('job', 'dgx', 'GPU_I_ID', (n % 2)::text, 'GPU_I_PROFILE',"
            + " '1g.5gb', 'DCGM_FI_DRIVER_VERSION', CASE WHEN n < 10 THEN '535' ELSE '550' END, 'odd', e'\"\\n')";

    private Database database = PostgresVersion.POSTGRES_18.emptyDatabase();

    private void open(GpuLayout layout) {
        database = PostgresVersion.POSTGRES_18.gpuDatabase(layout);
        database.execute(
                "CREATE TABLE old (id bigint, ts timestamptz, metric text, gpu_id integer, device text, uuid text,"
                        + " model_name text, hostname text, container text, pod text, namespace text, pci_bus_id text,"
                        + " value float8, labels_raw jsonb)");
        database.execute("INSERT INTO old SELECT n, TIMESTAMPTZ '2026-10-01 12:00:00+00' + n * interval '1 s',"
                + " 'DCGM_FI_DEV_POWER_USAGE', 3, 'nvidia3', 'GPU-a', 'H100', 'n1', 'main', 'p1', 'ml',"
                + " '00000000:1B:00.0', n, " + LABELS + " FROM generate_series(0, 19) AS n");
    }

    private SampleTables tables(GpuLayout layout) {
        return SampleTables.builder(
                        database.dataSource(),
                        GpuSampleSink.builder(database.dataSource(), layout).build(),
                        SampleJsonDecoder.create())
                .build();
    }

    @ParameterizedTest
    @EnumSource
    void move_provesLabels(GpuLayout layout) {
        open(layout);
        Moved moved = tables(layout).move("old");
        assertThat(moved.total()).isEqualTo(new Counts(20, 0, 0, 0, 0, 0));
        assertThat(moved.comparison().differences()).isEmpty();
        assertThat(moved.comparison().holds()).isTrue();
    }

    @Test
    void compare_namesLostLabels() {
        open(GpuLayout.NUMBERED);
        SampleTables tables = tables(GpuLayout.NUMBERED);
        tables.move("old");
        database.execute("UPDATE gpu_labels SET labels = labels || '{\"rack\":\"7\"}'");
        assertThat(tables.compare("old").holds()).isTrue();
        database.execute(
                "UPDATE gpu_labels SET labels = labels - 'job' WHERE labels ->> 'DCGM_FI_DRIVER_VERSION' = '535'");
        Comparison lost = tables.compare("old");
        assertThat(lost.holds()).isFalse();
        assertThat(lost.lacking()).isZero();
        assertThat(lost.relabelled()).isEqualTo(1);
        assertThat(lost.differences().get(0))
                .hasToString("GPU-a DCGM_FI_DEV_POWER_USAGE 2026-10-01: 20 samples in the"
                        + " old table, 20 stored, 10 of them without labels of the old table");
    }

    @Test
    void compare_namesChangedColumns() {
        for (String column :
                new String[] {"hostname", "pod", "namespace", "container", "device", "model_name", "pci_bus_id"}) {
            open(GpuLayout.NUMBERED);
            SampleTables tables = tables(GpuLayout.NUMBERED);
            tables.move("old");
            database.execute("UPDATE gpu_labels SET " + column + " = 'other'");
            assertThat(tables.compare("old").relabelled()).as(column).isEqualTo(1);
        }
    }

    @Test
    void move_takesTextsWithSignsAndColumnsOfAnyType() {
        database = PostgresVersion.POSTGRES_18.gpuDatabase(GpuLayout.NUMBERED);
        database.execute("CREATE TABLE old (id uuid, ts timestamp, metric text, gpu text, uuid uuid, node varchar(9),"
                + " pod text, since date, tags integer[], spare boolean, value numeric, labels text)");
        database.execute(
                "INSERT INTO old VALUES (gen_random_uuid(), '2026-10-01 12:00:00.123456', 'DCGM_FI_DEV_GPU_TEMP',"
                        + " '3', '00000000-0000-0000-0000-00000000000a', e'n\"\\\\', e'p\\t\\u20ac\\U0001F600', '2026-01-01', '{1,2}', true, 41.50,"
                        + " e'job=\"dgx\",path=\"a\\\\\\\\b\"')");
        Moved moved = SampleTables.builder(
                        database.dataSource(), GpuSampleSink.create(database.dataSource()), SampleJsonDecoder.create())
                .column("since", "since")
                .column("tags", "tags")
                .column("spare", "spare")
                .build()
                .move("old");
        assertThat(moved.total()).isEqualTo(new Counts(1, 0, 0, 0, 0, 0));
        assertThat(moved.comparison().holds()).isTrue();
        assertThat(database.row("SELECT ts, metric_value, uuid, gpu_id, hostname, pod, labels_raw FROM gpu_telemetry"))
                .isEqualTo(
                        "2026-10-01 12:00:00.123456+00|41.5|00000000-0000-0000-0000-00000000000a|3|n\"\\|p\t\u20ac\ud83d\ude00|"
                                + "{\"job\": \"dgx\", \"path\": \"a\\\\b\", \"tags\": \"[1,2]\", \"since\": \"2026-01-01\", \"spare\": \"true\"}");
    }

    /** Its samples are stored already, so that the first labels stay; this is said once. */
    @Test
    void move_readsRowsAgainWhoseLabelsHaveChanged() {
        open(GpuLayout.NUMBERED);
        SampleTables tables = tables(GpuLayout.NUMBERED);
        tables.move("old");
        database.execute("UPDATE old SET labels_raw = labels_raw || '{\"job\":\"other\"}' WHERE id = 7");
        Moved moved = tables.move("old");
        assertThat(moved.run()).isEqualTo(new Counts(0, 20, 0, 0, 0, 0));
        assertThat(moved.comparison().relabelled()).isEqualTo(1);
        Moved again = tables.move("old");
        assertThat(again.run()).isEqualTo(Counts.NONE);
        assertThat(again.comparison().holds()).isTrue();
    }
}
