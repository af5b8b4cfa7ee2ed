package io.gpufleet.telemetry.examples;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.jdbc.RetentionJob;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.kafka.HeartbeatConsumer;

/**
 * How does a service drop old heartbeats? It installs the tables partitioned by day, and drops old days beside its
 * consumer. Any number of such services may run at once.
 */
public final class RetentionInAService {
    private RetentionInAService() {}

    /**
     * Consumes, and keeps today and the 30 days before it, until the process ends.
     *
     * @param arguments the brokers to ask first, and the JDBC URL of the database
     */
    public static void main(String[] arguments) {
        Arguments.require(arguments, RetentionInAService.class, "<brokers>", "<JDBC URL>");
        HikariConfig pool = new HikariConfig();
        pool.setJdbcUrl(arguments[1]);
        pool.setMaximumPoolSize(4); // one for each lane, two, and one for retention
        pool.setConnectionTimeout(5_000); // the wait after which the log names the reason of an outage
        try (var database = new HikariDataSource(pool)) {
            TelemetrySchema.builder(database).partitionedByDay().build().install();
            var builder = HeartbeatConsumer.builder(BincodeHeartbeatCodec.fixed(), HeartbeatSink.create(database));
            try (var retention = RetentionJob.builder(database).keepDays(30).build();
                    var consumer = builder.bootstrapServers(arguments[0])
                            .closeOnShutdown()
                            .start()) {
                retention.start();
                consumer.termination().join();
            }
        }
    }
}
