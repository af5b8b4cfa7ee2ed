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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    private static final String READ_AGAIN = "UPDATE \"telemetry\".sample_table_moves SET source_rows = -1, proved ="
            + " false WHERE (hour AT TIME ZONE 'UTC')::date IN ('2026-10-01')";

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
                        "gpu-samples move: old_samples: A DCGM_FI_DEV_GPU_TEMP 2026-10-01: 1 sample in the old"
                                + " table, 0 stored",
                        "gpu-samples move: old_samples: to move what is lacking: " + READ_AGAIN + " in psql, then"
                                + " gpu-samples move without --compare");
        assertThat(proof.out())
                .containsExactly("old_samples: 2 GPUs, metrics and days compared, 1 lacks samples, 0 lack labels");
        assertThat(Query.rows(target.dataSource(), "SELECT metric_value::int FROM telemetry.gpu_telemetry"))
                .containsExactly(List.of(7));
        assertThat(run(target, source).out().get(2))
                .isEqualTo("old_samples: not compared, since all days that were read are proved; --compare compares"
                        + " them all");
        execute(target, READ_AGAIN);
        Ended repaired = run(target, source);
        assertThat(repaired.out().get(1)).startsWith("old_samples: 7 rows of them read now, in ");
        assertThat(Query.rows(target.dataSource(), "SELECT metric_value::int FROM telemetry.gpu_telemetry"))
                .containsExactlyInAnyOrder(List.of(41), List.of(7));
        assertThat(repaired.code()).isEqualTo(ExitCodes.OK);
        assertThat(run(target, source, "--compare").code()).isEqualTo(ExitCodes.OK);
    }

    @Test
    void oneGpu_isOne(TelemetryStack stack) throws SQLException {
        PostgresDatabase source = stack.newDatabase();
        execute(source, OLD + "; DELETE FROM old_samples WHERE metric_name = 'node_load'");
        assertThat(run(target(stack, GpuLayout.NUMBERED), source).out().get(2))
                .isEqualTo("old_samples: 1 GPU, metric and day compared, 0 lack samples, 0 lack labels");
    }

    @Test
    void whatIsNoTable_isAnErrorOfTheCommandLine(TelemetryStack stack) {
        PostgresDatabase target = target(stack, GpuLayout.NUMBERED);
        Ended ended = Ended.of("move", "a.b.c", "--database-url", target.jdbcUrl(), "--schema", "telemetry");
        assertThat(ended.errors())
                .containsExactly("gpu-samples move: table \"a.b.c\": cross-database references are not implemented:"
                        + " \"a.b.c\"; allowed is the name of a table, with its schema or without");
        assertThat(ended.code()).isEqualTo(ExitCodes.USAGE);
    }

    @Test
    void columnsThatAreNotMeant_areErrorsOfTheCommandLine(TelemetryStack stack) {
        PostgresDatabase target = target(stack, GpuLayout.NUMBERED);
        Ended twice = run(target, target, "--column", "value=b");
        assertThat(twice.errors())
                .containsExactly(
                        "gpu-samples move: --column: value is column reading already, and cannot be column b, too");
        assertThat(twice.code()).isEqualTo(ExitCodes.USAGE);
        Ended mistyped = run(target, target, "--column", "valu=a");
        assertThat(mistyped.errors()).hasSize(1);
        assertThat(mistyped.errors().get(0))
                .startsWith("gpu-samples move: --column: valu is no field; did you mean value? Fields are id, ");
        assertThat(mistyped.code()).isEqualTo(ExitCodes.USAGE);
    }

    /** Each fails before a connection is made. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--grid 30s                        | --grid: has no effect with --layout=long, which has a row for each sample; allowed: --layout=both",
                "--layout wide --grid 30s          | --layout: wide has no row for each sample, by which a move proves itself; allowed: --layout=long and --layout=both",
                "--column value                    | Invalid value for option '--column' (<field>=<column>): \"value\" is no field with a column, as value=reading",
                "--column =a                       | Invalid value for option '--column' (<field>=<column>): \"=a\" is no field with a column, as value=reading"
            })
    void optionsThatDoNotFit_areRefused(String options, String words) {
        List<String> all = new ArrayList<>(List.of("move", "old", "--database-url", "postgres://a@127.0.0.1:1/b"));
        all.addAll(List.of(options.split(" ")));
        Ended ended = Ended.of(all.toArray(String[]::new));
        assertThat(ended.errors()).hasSize(1);
        assertThat(ended.errors().get(0)).startsWith("gpu-samples move: " + words);
        assertThat(ended.code()).isEqualTo(ExitCodes.USAGE);
    }
}
