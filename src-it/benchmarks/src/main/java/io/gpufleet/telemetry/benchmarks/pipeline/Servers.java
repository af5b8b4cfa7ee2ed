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
 * that has started it.
 */
public final class Servers implements AutoCloseable {
    private final KafkaBroker broker;
    private final PostgresServer postgres;
    private final Set<Backlog> published = new HashSet<>();

    private Servers(KafkaBroker broker, PostgresServer postgres) {
        this.broker = broker;
        this.postgres = postgres;
    }

    /** Starts both. */
    public static Servers start() {
        return start("");
    }

    /**
     * Starts both, PostgreSQL with a library that it loads at its start. The test kit starts a broker with the first
     * compiler only; here it runs as it does elsewhere.
     *
     * @param library its name, or nothing
     */
    public static Servers start(String library) {
        KafkaBroker broker = KafkaBroker.builder()
                .forked()
                // All threads of a row join before the first of them polls: no rebalance is measured.
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

    /** With memory, and room in the write-ahead log, as a server of this size is given. */
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

    /** Puts a backlog into a topic of its own. */
    public void publish(Backlog backlog) {
        broker.createTopic(backlog.topic(), backlog.partitions());
        Iterable<FleetRecord> records =
                () -> backlog.fleet().stream().limit(backlog.records()).iterator();
        broker.publish(backlog.topic(), records);
    }

    /** Puts a backlog into a topic of its own, unless it is there. */
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
