package io.gpufleet.telemetry.jdbc.gpu;

import static io.gpufleet.telemetry.jdbc.gpu.SampleCsv.BEGIN;
import static io.gpufleet.telemetry.jdbc.gpu.SampleCsv.HEADER;
import static io.gpufleet.telemetry.jdbc.gpu.SampleCsv.row;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.Decoder;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.gpu.GpuMetric;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Wide rows of files whose chunks end anywhere in a scrape. */
final class ImportedWideRowsTest {
    private static final List<String> METRICS =
            List.of("DCGM_FI_DEV_GPU_TEMP", "DCGM_FI_DEV_POWER_USAGE", "DCGM_FI_DEV_FB_USED", "DCGM_FI_DEV_GPU_UTIL");
    private static final int SCRAPES = 12;
    private static final int ROWS = SCRAPES * 2 * METRICS.size();
    private static final String GPUS = "SELECT (to_jsonb(m) - 'gpu_no' || jsonb_build_object('uuid', g.uuid))::text"
            + " FROM gpu_metrics AS m JOIN gpu AS g USING (gpu_no) ORDER BY g.uuid, m.time";

    @TempDir
    Path directory;

    private Database database = open();

    private static Database open() {
        return PostgresVersion.POSTGRES_18.gpuDatabase(GpuLayout.NUMBERED);
    }

    /** Writes scrapes of two GPUs, one each minute, whose metrics come one by one. */
    private Path scrapes(Duration betweenMetrics) throws IOException {
        StringBuilder text = new StringBuilder(HEADER);
        for (int scrape = 0; scrape < SCRAPES; scrape++) {
            for (int metric = 0; metric < METRICS.size(); metric++) {
                Instant time = BEGIN.plus(Duration.ofMinutes(scrape)).plus(betweenMetrics.multipliedBy(metric));
                for (String uuid : List.of("GPU-a", "GPU-b")) {
                    text.append(row(time, METRICS.get(metric), uuid, scrape + metric));
                }
            }
        }
        return Files.writeString(directory.resolve("a.csv"), text);
    }

    private SampleFiles files(WideRows rows, int chunkRows, Decoder<GpuSample> decoder) {
        PostgresSink<GpuSample> both = GpuMetricsSink.addTo(GpuSampleSink.builder(database.dataSource()), rows)
                .build();
        return SampleFiles.builder(database.dataSource(), both, decoder)
                .chunkRows(chunkRows)
                .build();
    }

    private List<String> imported(WideRows rows, int chunkRows, Path file) {
        database = open();
        files(rows, chunkRows, SampleCsv::decode).importFrom(file);
        return database.rows(GPUS);
    }

    private void assertSameRowsWhereverAChunkEnds(WideRows rows, Path file) {
        List<String> whole = imported(rows, 1_000, file);
        assertThat(whole).hasSize(2 * SCRAPES);
        assertThat(database.count("gpu_sample")).isEqualTo(ROWS);
        for (int chunkRows : new int[] {1, 3, 5, 7}) {
            assertThat(imported(rows, chunkRows, file))
                    .as("chunks of %d", chunkRows)
                    .isEqualTo(whole);
        }
    }

    @Test
    void grid_hasTheSameRowsWhereverAChunkEnds() throws IOException {
        assertSameRowsWhereverAChunkEnds(WideRows.inGrid(Duration.ofMinutes(1)), scrapes(Duration.ofSeconds(3)));
    }

    @Test
    void equalTimes_haveTheSameRowsWhereverAChunkEnds() throws IOException {
        assertSameRowsWhereverAChunkEnds(WideRows.ofMessages(Duration.ZERO), scrapes(Duration.ZERO));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 11})
    void grid_hasTheSameRowsAfterAnEndInTheMiddle(int chunks) throws IOException {
        WideRows grid = WideRows.inGrid(Duration.ofMinutes(1));
        Path file = scrapes(Duration.ofSeconds(3));
        List<String> whole = imported(grid, 1_000, file);
        database = open();
        Decoder<GpuSample> killed = (source, values) -> {
            if (database.count("gpu_sample") == 7L * chunks) {
                throw new OutOfMemoryError("killed");
            }
            SampleCsv.decode(source, values);
        };
        SampleFiles ending = files(grid, 7, killed);
        assertThatThrownBy(() -> ending.importFrom(file)).isInstanceOf(OutOfMemoryError.class);
        assertThat(database.count("gpu_sample")).isEqualTo(7L * chunks);
        files(grid, 5, SampleCsv::decode).importFrom(file);
        assertThat(database.rows(GPUS)).isEqualTo(whole);
    }

    /** The reason for the refusal: the same file, cut elsewhere, would have other rows. */
    @Test
    void tolerance_isRefusedForRows() throws IOException {
        Path file = scrapes(Duration.ofSeconds(3));
        SampleFiles files = files(WideRows.ofMessages(), 1_000, SampleCsv::decode);
        assertThatThrownBy(() -> files.importFrom(file))
                .isInstanceOf(TelemetryException.class)
                .hasMessageContaining("a.csv: rows of a file are not whole scrapes")
                .hasMessageContaining("WideRows.inGrid, --grid");
        assertThat(database.count("gpu_sample")).isZero();
        assertThat(database.count("sample_file_imports")).isZero();
    }

    @Test
    void tolerance_isForLinesOfJson() throws IOException {
        Decoder<GpuSample> scrapes = (source, values) -> {
            Instant time = Instant.parse(UTF_8.decode(source).toString().strip().replaceAll("[\\[\\]\"]", ""));
            for (int i = 0; i < METRICS.size(); i++) {
                values.accept(GpuSample.of(
                        time.plusSeconds(i),
                        GpuMetric.named(METRICS.get(i)),
                        i,
                        GpuSubject.builder("GPU-a").build()));
            }
        };
        List<List<String>> found = new ArrayList<>();
        for (int chunkRows : new int[] {1, 2, 1_000}) {
            database = open();
            Path file = Files.writeString(
                    directory.resolve("a.jsonl"), "[\"" + BEGIN + "\"]\n[\"" + BEGIN.plusSeconds(60) + "\"]\n");
            files(WideRows.ofMessages(), chunkRows, scrapes).importFrom(file);
            found.add(database.rows(GPUS));
        }
        assertThat(found.get(0)).hasSize(2);
        assertThat(found).containsOnly(found.get(0));
    }
}
