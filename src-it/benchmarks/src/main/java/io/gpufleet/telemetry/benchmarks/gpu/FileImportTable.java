package io.gpufleet.telemetry.benchmarks.gpu;

import io.gpufleet.telemetry.benchmarks.pipeline.Database;
import io.gpufleet.telemetry.benchmarks.pipeline.Figures;
import io.gpufleet.telemetry.benchmarks.pipeline.Goal;
import io.gpufleet.telemetry.benchmarks.pipeline.Measurement;
import io.gpufleet.telemetry.benchmarks.pipeline.Results;
import io.gpufleet.telemetry.benchmarks.pipeline.Servers;
import io.gpufleet.telemetry.benchmarks.report.Extent;
import io.gpufleet.telemetry.benchmarks.report.Table;
import io.gpufleet.telemetry.codec.SampleCsvDecoder;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.gpu.GpuSampleSink;
import io.gpufleet.telemetry.jdbc.gpu.SampleFiles;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Instant;
import java.util.List;
import org.postgresql.PGConnection;

/** The program that measures the import of a CSV file beside COPY of the same file into the flat table. */
public final class FileImportTable {
    private static final double GOAL = 0.4;
    private static final String COPY = "COPY into the flat table";
    private static final Instant BEGIN = Instant.parse("2026-03-01T00:00:00Z");
    private static final int GPUS = 1_000;
    private static final int METRICS = 25;

    /** What COPY needs of the table beside the columns of the file. */
    private static final String DEFAULTS = """
            ALTER TABLE gpu_telemetry ALTER device SET DEFAULT '', ALTER model_name SET DEFAULT '',
                ALTER container SET DEFAULT '', ALTER pod SET DEFAULT '', ALTER namespace SET DEFAULT '',
                ALTER labels_raw SET DEFAULT '{}', ALTER instance SET DEFAULT '', ALTER scope SET DEFAULT 0,
                ALTER quality SET DEFAULT 0, ALTER series_key SET DEFAULT 0;
            CREATE TABLE gpu_telemetry_day PARTITION OF gpu_telemetry
                FOR VALUES FROM ('2026-03-01 00:00:00+00') TO ('2026-03-02 00:00:00+00')""";

    private FileImportTable() {}

    /**
     * Runs the program.
     *
     * @param arguments the extent, and {@code rounds=5}
     */
    public static void main(String[] arguments) throws Exception {
        SampleProgram.run(
                "The import of a CSV file beside COPY, chunks of 10,000 rows", FileImportTable::measure, arguments);
    }

    static Table measure(Servers servers, Extent extent, int rounds) throws Exception {
        int scrapes = extent.choose(1, 8, 40);
        Path file = Files.createTempFile("samples", ".csv");
        try {
            write(file, scrapes);
            Results results = new Results();
            Round round = new Round(servers, file, scrapes * GPUS * METRICS);
            round.run(new Results());
            for (int i = 0; i < rounds; i++) {
                round.run(results);
            }
            System.out.println(
                    SampleProgram.rows(results, List.of(COPY, nameOf(GpuLayout.NUMBERED), nameOf(GpuLayout.FLAT))));
            return SampleProgram.goals(results, List.of(goal(GpuLayout.NUMBERED), goal(GpuLayout.FLAT)));
        } finally {
            Files.delete(file);
        }
    }

    private static Goal goal(GpuLayout layout) {
        return new Goal(nameOf(layout), GOAL, COPY, ScrapeBacklog.GPUS);
    }

    private static String nameOf(GpuLayout layout) {
        return layout == GpuLayout.FLAT ? "import, flat table" : "import, by numbers";
    }

    /** Writes scrapes of a fleet, a row for each sample. */
    private static void write(Path file, int scrapes) throws IOException {
        try (BufferedWriter text = Files.newBufferedWriter(file)) {
            text.write("timestamp,metric_name,uuid,Hostname,value\n");
            for (int row = 0; row < scrapes * GPUS * METRICS; row++) {
                int gpu = row / METRICS % GPUS;
                text.write(BEGIN.plusSeconds(30L * (row / (GPUS * METRICS))) + ",DCGM_FI_DEV_FIELD_" + row % METRICS
                        + String.format(",GPU-%08d-0000-4000-8000-000000000000", gpu) + ",node-" + gpu / 8 + ","
                        + (row * 31L % 1_000) / 10.0 + "\n");
            }
        }
    }

    /** A round: each row once, into a database of its own. */
    private record Round(Servers servers, Path file, int samples) {
        void run(Results results) throws Exception {
            SampleProgram.add(results, COPY, copy());
            for (GpuLayout layout : List.of(GpuLayout.NUMBERED, GpuLayout.FLAT)) {
                SampleProgram.add(results, nameOf(layout), importInto(layout));
            }
        }

        private Database newDatabase(GpuLayout layout) throws Exception {
            Database database = Database.installed(servers, 3, "", schema -> schema.gpuSamples(layout));
            servers.execute("CHECKPOINT");
            return database;
        }

        private Figures copy() throws Exception {
            try (Database database = newDatabase(GpuLayout.FLAT);
                    Connection connection = database.pool().getConnection();
                    InputStream text = Files.newInputStream(file)) {
                database.execute(DEFAULTS);
                Measurement measurement = Measurement.of(servers, samples);
                measurement.begin();
                measurement.done(connection
                        .unwrap(PGConnection.class)
                        .getCopyAPI()
                        .copyIn(
                                "COPY gpu_telemetry (ts, metric_name, uuid, hostname, metric_value) FROM STDIN"
                                        + " (FORMAT csv, HEADER)",
                                text,
                                1 << 16));
                return measurement.await();
            }
        }

        private Figures importInto(GpuLayout layout) throws Exception {
            try (Database database = newDatabase(layout)) {
                SampleFiles files = SampleFiles.builder(
                                database.pool(),
                                GpuSampleSink.builder(database.pool(), layout).build(),
                                SampleCsvDecoder.create())
                        .build();
                Measurement measurement = Measurement.of(servers, samples);
                measurement.begin();
                measurement.done(files.importFrom(file).samples());
                return measurement.await();
            }
        }
    }
}
