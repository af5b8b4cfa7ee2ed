package io.gpufleet.telemetry.benchmarks.pipeline;

import io.gpufleet.telemetry.testkit.FleetRecord;
import io.gpufleet.telemetry.testkit.KafkaBroker;
import io.gpufleet.telemetry.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.Set;

/**
 * A broker and a PostgreSQL in processes of their own, the database as durable as in production. Owned by the thread
 * that has started them.
 */
public final class Servers implements AutoCloseable {
    private final KafkaBroker broker;
    private final PostgresServer postgres;
    private final Set<Backlog> published = new HashSet<>();

    private Servers(KafkaBroker broker, PostgresServer postgres) {
        this.broker = broker;
        this.postgres = postgres;
    }

    /** Starts both servers. */
    public static Servers start() {
        return start("");
    }

    /**
     * Starts both servers, PostgreSQL with a preloaded library. The test kit starts brokers with the first compiler
     * only; here the broker runs with all compilers, as in production.
     *
     * @param library the library's name, or an empty text
     */
    public static Servers start(String library) {
        KafkaBroker broker = KafkaBroker.builder()
                .forked()
                // All threads of a row join before the first one polls: no rebalance is measured.
                .setting("group.initial.rebalance.delay.ms", "500")
                .jvmArguments("-XX:TieredStopAtLevel=4", "-XX:-UseSerialGC", "-XX:+UseG1GC", "-Xmx1g")
                .start();
        try {
            return new Servers(broker, startPostgres(library));
        } catch (RuntimeException | Error e) {
            broker.close();
            throw e;
        }
    }

    /** Starts PostgreSQL with the memory and the write-ahead log usual for a server of this size. */
    private static PostgresServer startPostgres(String library) {
        return PostgresServer.builder()
                .durable()
                .setting("shared_buffers", "1GB")
                .setting("max_wal_size", "8GB")
                .setting("shared_preload_libraries", library)
                .start();
    }

    public KafkaBroker broker() {
        return broker;
    }

    public PostgresServer postgres() {
        return postgres;
    }

    /** Publishes a backlog into a topic of its own. */
    public void publish(Backlog backlog) {
        broker.createTopic(backlog.topic(), backlog.partitions());
        Iterable<FleetRecord> records =
                () -> backlog.fleet().stream().limit(backlog.records()).iterator();
        broker.publish(backlog.topic(), records);
    }

    /** Publishes a backlog into a topic of its own, unless it is there. */
    void publishOnce(Backlog backlog) {
        if (published.add(backlog)) {
            publish(backlog);
        }
    }

    /** Runs a statement as the superuser. */
    public void execute(String sql) throws SQLException {
        try (Connection connection = postgres.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() {
        try (broker) {
            postgres.close();
        }
    }
}
