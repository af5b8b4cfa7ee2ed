package io.gpufleet.telemetry.examples;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.kafka.HeartbeatConsumer;

/**
 * How does a service embed the consumer? With these lines. The process may be killed at any time; when stopped
 * normally, it first writes its buffered records and leaves its group. It ends with a code other than 0 if the consumer
 * has failed.
 */
public final class EmbeddedInAService {
    private EmbeddedInAService() {}

    /**
     * Consumes until the process ends.
     *
     * @param arguments the brokers to ask first, and the JDBC URL of the database
     */
    public static void main(String[] arguments) {
        Arguments.require(arguments, EmbeddedInAService.class, "<brokers>", "<JDBC URL>");
        HikariConfig pool = new HikariConfig();
        pool.setJdbcUrl(arguments[1]);
        pool.setMaximumPoolSize(3); // one for each lane, and two
        pool.setConnectionTimeout(5_000); // the wait after which the log names the reason of an outage
        try (var database = new HikariDataSource(pool)) {
            TelemetrySchema.create(database).install();
            var builder = HeartbeatConsumer.builder(BincodeHeartbeatCodec.fixed(), HeartbeatSink.create(database));
            try (var consumer =
                    builder.bootstrapServers(arguments[0]).closeOnShutdown().start()) {
                consumer.termination().join();
            }
        }
    }
}
