package io.gpufleet.telemetry.benchmarks.footprint;

import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.heartbeat.HeartbeatValidator;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.kafka.HeartbeatConsumer;
import java.sql.Statement;

/**
 * A consumer in a JVM of its own, as in a host, with its defaults and a slow database. It ends when it has written a
 * number of heartbeats, and prints its use of resources.
 */
final class SlowConsumer {
    private SlowConsumer() {}

    /**
     * Runs the program.
     *
     * @param arguments servers, JDBC URL, topic, the heartbeats to write, milliseconds that each write waits
     */
    public static void main(String[] arguments) throws Exception {
        long wanted = Long.parseLong(arguments[3]);
        double delay = Integer.parseInt(arguments[4]) / 1_000.0;
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl(arguments[1]);
        var sink = HeartbeatSink.builder(pool)
                .inTransaction((connection, batch) -> {
                    try (Statement statement = connection.createStatement()) {
                        statement.execute("SELECT pg_sleep(" + delay + ")");
                    }
                })
                .build();
        try (pool) {
            WatchedRun.run(
                    HeartbeatConsumer.builder(BincodeHeartbeatCodec.fixed(), sink)
                            .validator(HeartbeatValidator.builder().anyAge().build())
                            .bootstrapServers(arguments[0])
                            .topics(arguments[2])
                            .groupId(arguments[2]),
                    wanted);
        }
    }
}
