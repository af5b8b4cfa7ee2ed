package io.gpufleet.telemetry.integration.exactlyonce;

import io.gpufleet.telemetry.codec.SampleCsvDecoder;
import io.gpufleet.telemetry.jdbc.gpu.GpuSampleSink;
import io.gpufleet.telemetry.jdbc.gpu.SampleFiles;
import io.gpufleet.telemetry.jdbc.gpu.SampleFiles.Imported;
import io.gpufleet.telemetry.testkit.ReusedConnections;
import java.nio.file.Path;
import javax.sql.DataSource;

/** An import in a JVM of its own, which says {@code stored <rows>} after each chunk. */
final class ImportMain {
    private ImportMain() {}

    /**
     * Imports a file.
     *
     * @param arguments the URL of the database, the file, and the rows of a chunk
     */
    public static void main(String[] arguments) {
        importFrom(ReusedConnections.source(arguments[0]), Path.of(arguments[1]), Integer.parseInt(arguments[2]));
    }

    static Imported importFrom(DataSource database, Path file, int chunkRows) {
        return SampleFiles.builder(database, GpuSampleSink.create(database), SampleCsvDecoder.create())
                .chunkRows(chunkRows)
                .progress(imported -> System.out.println("stored " + (imported.before() + imported.rows())))
                .build()
                .importFrom(file);
    }
}
