package io.gpufleet.telemetry.integration.exactlyonce;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.gpu.SampleFiles.Imported;
import io.gpufleet.telemetry.testkit.ForkedJvm;
import io.gpufleet.telemetry.testkit.PostgresDatabase;
import io.gpufleet.telemetry.testkit.ReusedConnections;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.zip.GZIPOutputStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The import of a packed file whose JVM is killed several times. {@code -Dimport.rows=1000000} makes it as long as
 * those in the field.
 */
@TelemetryStackTest
final class KilledImportIT {
    private static final Logger log = LoggerFactory.getLogger(KilledImportIT.class);
    private static final int ROWS = Integer.getInteger("import.rows", 40_000);
    private static final int CHUNK_ROWS = Math.max(500, ROWS / 100);
    private static final int KILLS = 3;
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final Instant BEGIN = Instant.parse("2026-03-01T00:00:00Z");

    @TempDir
    private Path directory;

    /** Writes rows with their number as value and time, in two members, the second one of which has a header, too. */
    private Path packedRows() throws IOException {
        Path file = directory.resolve("a.csv.gz");
        for (int from = 0; from < ROWS; from += ROWS / 2) {
            try (OutputStream packed = new GZIPOutputStream(
                    Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND))) {
                StringBuilder text = new StringBuilder("timestamp,metric_name,uuid,value\n");
                for (int row = from; row < from + ROWS / 2; row++) {
                    text.append(BEGIN.plusSeconds(row))
                            .append(",DCGM_FI_DEV_FB_USED,GPU-1,")
                            .append(row)
                            .append('\n');
                }
                packed.write(text.toString().getBytes(UTF_8));
            }
        }
        return file;
    }

    private static String row(DataSource database, String sql) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return result.getString(1);
        }
    }

    private static long storedRows(DataSource database) throws SQLException {
        return Long.parseLong(row(database, "SELECT coalesce(max(sample_rows), 0) FROM sample_file_imports"));
    }

    /** Kills the JVM of an import after some of its chunks. */
    private static void killAfter(int chunks, PostgresDatabase database, Path file, long before) {
        try (ForkedJvm jvm = ForkedJvm.builder(ImportMain.class)
                .arguments(database.jdbcUrl(), file.toString(), String.valueOf(CHUNK_ROWS))
                .start()) {
            jvm.awaitLine("stored " + (before + (long) chunks * CHUNK_ROWS), LIMIT);
            jvm.kill();
        }
    }

    @Test
    void killedImport_goesOnBehindItsLastChunk(TelemetryStack stack) throws IOException, SQLException {
        PostgresDatabase database = stack.newDatabase();
        DataSource source = ReusedConnections.source(database.jdbcUrl());
        TelemetrySchema.builder(source).gpuSamples().build().install();
        Path file = packedRows();
        long before = 0;
        for (int kill = 1; kill <= KILLS; kill++) {
            killAfter(2 + kill, database, file, before);
            long stored = storedRows(source);
            assertThat(stored).as("rows after kill %d", kill).isBetween(before + CHUNK_ROWS, ROWS - 1L);
            assertThat(row(source, "SELECT count(*) FROM gpu_sample")).isEqualTo(String.valueOf(stored));
            before = stored;
            log.info("killed behind row {}", stored);
        }
        Imported rest = ImportMain.importFrom(source, file, CHUNK_ROWS);
        assertThat(rest.before()).isEqualTo(before);
        assertThat(rest.samples()).isEqualTo(ROWS - before);
        assertThat(rest.duplicates()).isZero();
        assertThat(row(
                        source,
                        "SELECT count(*) || ' ' || count(DISTINCT metric_value) || ' ' || bool_and(ts ="
                                + " TIMESTAMPTZ '" + BEGIN + "' + metric_value * INTERVAL '1 s') FROM gpu_telemetry"))
                .isEqualTo(ROWS + " " + ROWS + " true");
    }
}
