package io.gpufleet.telemetry.examples.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.examples.quickstart.Query;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.testkit.PostgresDatabase;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Old tables in the new ones, by the program. */
@TelemetryStackTest
final class MoveSamplesTest {
    private static final String OLD = """
            CREATE TABLE old_samples (id bigserial PRIMARY KEY, ts timestamptz, metric_name text, uuid text,
                reading float8, gpu text);
            INSERT INTO old_samples (ts, metric_name, uuid, reading)
            SELECT '2026-10-01 12:00:00+00', m, u, v FROM (VALUES
                ('DCGM_FI_DEV_GPU_TEMP', 'A', 41), ('DCGM_FI_DEV_GPU_TEMP', 'A', 41), ('DCGM_FI_DEV_GPU_TEMP', 'A', 42),
                ('DCGM_FI_DEV_GPU_TEMP', 'B', 'NaN'::float8), ('DCGM_FI_DEV_GPU_TEMP', '', 1), ('load', 'A', 1),
                ('node_load', 'A', 7)) AS v(m, u, v)""";

    private static Ended run(PostgresDatabase target, PostgresDatabase source, String... more) {
        List<String> all = new ArrayList<>(List.of("move", "old_samples", "--column", "value=reading"));
        all.addAll(List.of("--database-url", target.jdbcUrl(), "--schema", "telemetry"));
        all.addAll(List.of("--source-url", source.jdbcUrl(), "--prefix", "node_"));
        all.addAll(List.of(more));
        return Ended.of(all.toArray(String[]::new));
    }

    private static void execute(PostgresDatabase database, String sql) throws SQLException {
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static PostgresDatabase target(TelemetryStack stack, GpuLayout layout) {
        PostgresDatabase target = stack.newDatabase();
        TelemetrySchema.builder(target.dataSource())
                .schema("telemetry")
                .gpuSamples(layout)
                .build()
                .install();
        return target;
    }

    @Test
    void flatTables_areFilledAsNumberedOnes(TelemetryStack stack) throws SQLException {
        PostgresDatabase source = stack.newDatabase();
        execute(source, OLD);
        PostgresDatabase target = target(stack, GpuLayout.FLAT);
        Ended moved = run(target, source);
        assertThat(moved.code()).isEqualTo(ExitCodes.OK);
        assertThat(moved.out().get(0)).startsWith("old_samples: 7 rows read = 2 stored + 1 duplicate + 1 conflict");
        assertThat(moved.out().get(2))
                .isEqualTo("old_samples: 2 GPUs, metrics and days compared, 0 lack samples, 0 lack labels");
        assertThat(run(target, source).out().get(1)).startsWith("old_samples: 0 rows of them read now, in ");
        assertThat(Query.rows(target.dataSource(), "SELECT metric_value::int FROM telemetry.gpu_telemetry"))
                .containsExactlyInAnyOrder(List.of(41), List.of(7));
    }

    @Test
    void tableOfAnotherDatabase_isMovedOnceAndItsRowsAddUp(TelemetryStack stack) throws SQLException {
        PostgresDatabase source = stack.newDatabase();
        execute(source, OLD);
        PostgresDatabase target = target(stack, GpuLayout.NUMBERED);
        String sum =
                "old_samples: 7 rows read = 2 stored + 1 duplicate + 1 conflict + 1 without a value + 2 rejected + 0"
                        + " beyond retention";
        Ended moved = run(target, source);
        assertThat(moved.code()).isEqualTo(ExitCodes.OK);
        assertThat(moved.out().get(0)).isEqualTo(sum);
        assertThat(moved.out().get(1)).startsWith("old_samples: 7 rows of them read now, in ");
        assertThat(moved.out().get(2))
                .isEqualTo("old_samples: 2 GPUs, metrics and days compared, 0 lack samples, 0 lack labels");
        assertThat(moved.errors())
                .containsExactly(
                        "gpu-samples move: old_samples: id 5: no UUID",
                        "gpu-samples move: old_samples: id 6: other metric");
        Ended again = run(target, source);
        assertThat(again.out().get(0)).isEqualTo(sum);
        assertThat(again.out().get(1)).startsWith("old_samples: 0 rows of them read now, in ");
        Ended ofOtherName = run(target, source, "--source-name", "before the upgrade");
        assertThat(ofOtherName.out().get(0)).startsWith("old_samples: 7 rows read = 0 stored + 3 duplicates + ");
        execute(target, "DELETE FROM telemetry.gpu_sample WHERE metric_value = 41");
        Ended proof = run(target, source, "--compare");
        assertThat(proof.code()).isEqualTo(ExitCodes.NOT_SO);
        assertThat(proof.errors())
                .containsExactly(
                        "gpu-samples move: old_samples: A DCGM_FI_DEV_GPU_TEMP 2026-10-01: 1 samples in the old"
                                + " table, 0 stored");
        assertThat(Query.rows(target.dataSource(), "SELECT metric_value::int FROM telemetry.gpu_telemetry"))
                .containsExactly(List.of(7));
    }
}
