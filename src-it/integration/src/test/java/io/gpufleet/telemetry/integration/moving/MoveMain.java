package io.gpufleet.telemetry.integration.moving;

import io.gpufleet.telemetry.codec.SampleJsonDecoder;
import io.gpufleet.telemetry.jdbc.gpu.GpuSampleSink;
import io.gpufleet.telemetry.jdbc.gpu.SampleTables;
import io.gpufleet.telemetry.testkit.ReusedConnections;
import javax.sql.DataSource;

/** A move of the table {@code gpu_telemetry} of a database, in a JVM that a test kills. */
final class MoveMain {
    private MoveMain() {}

    /** Moves the table of the database whose URL is given. */
    public static void main(String[] arguments) {
        DataSource source = ReusedConnections.source(arguments[0]);
        SampleTables.builder(
                        source,
                        GpuSampleSink.builder(source).schema("telemetry").build(),
                        SampleJsonDecoder.create())
                .schema("telemetry")
                .chunkRows(20)
                .build()
                .move("public.gpu_telemetry");
    }
}
