package io.gpufleet.telemetry.examples;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.codec.ExpositionTextDecoder;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.gpu.GpuSampleSink;
import io.gpufleet.telemetry.kafka.GpuSampleConsumer;

/**
 * How does a service store the samples of GPUs? With these lines, which read the text that dcgm-exporter serves; other
 * decoders read CSV, JSON and the CSV of nvidia-smi. An unreadable line costs this line: the others are stored, and it
 * becomes a dead letter.
 */
public final class GpuSamplesInAService {
    private GpuSamplesInAService() {}

    /**
     * Consumes until the process ends.
     *
     * @param arguments the brokers to ask first, and the JDBC URL of the database
     */
    public static void main(String[] arguments) {
        Arguments.require(arguments, GpuSamplesInAService.class, "<brokers>", "<JDBC URL>");
        HikariConfig pool = new HikariConfig();
        pool.setJdbcUrl(arguments[1]);
        pool.setMaximumPoolSize(3); // one for each lane, and two
        pool.setConnectionTimeout(5_000); // the wait after which the log names the reason of an outage
        try (var database = new HikariDataSource(pool)) {
            TelemetrySchema.builder(database).gpuSamples().build().install();
            var builder = GpuSampleConsumer.builder(ExpositionTextDecoder.create(), GpuSampleSink.create(database));
            try (var consumer =
                    builder.bootstrapServers(arguments[0]).closeOnShutdown().start()) {
                consumer.termination().join();
            }
        }
    }
}
