package io.gpufleet.telemetry.benchmarks.footprint;

import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.codec.ExpositionTextDecoder;
import io.gpufleet.telemetry.gpu.GpuSampleValidator;
import io.gpufleet.telemetry.jdbc.gpu.GpuSampleSink;
import io.gpufleet.telemetry.kafka.GpuSampleConsumer;

/**
 * A consumer of GPU samples in a JVM of its own, as in a host, with its defaults. It ends when it has written a number
 * of samples, and prints its use of resources.
 */
final class ScrapeConsumer {
    private ScrapeConsumer() {}

    /**
     * Runs the program.
     *
     * @param arguments servers, JDBC URL, topic, the samples to write
     */
    public static void main(String[] arguments) throws Exception {
        try (HikariDataSource pool = new HikariDataSource()) {
            pool.setJdbcUrl(arguments[1]);
            WatchedRun.run(
                    GpuSampleConsumer.builder(ExpositionTextDecoder.create(), GpuSampleSink.create(pool))
                            .validator(GpuSampleValidator.builder().anyAge().build())
                            .bootstrapServers(arguments[0])
                            .topics(arguments[2])
                            .groupId(arguments[2]),
                    Long.parseLong(arguments[3]));
        }
    }
}
