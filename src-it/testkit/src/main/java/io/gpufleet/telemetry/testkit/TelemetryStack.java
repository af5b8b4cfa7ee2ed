package io.gpufleet.telemetry.testkit;

import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElse;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import javax.sql.DataSource;

/**
 * A real Kafka broker and a real PostgreSQL for tests, started together in a few seconds.
 *
 * <pre>{@code
 * try (TelemetryStack stack = TelemetryStack.start()) {
 *     stack.createTopic("client-heartbeats", 4);
 *     DataSource database = stack.newDatabase().dataSource();
 *     // … a consumer of stack.bootstrapServers() that writes into the database
 * }
 * }</pre>
 *
 * <p>{@link #close()} and a shutdown hook end both and delete their data. Thread-safe.
 */
public final class TelemetryStack implements AutoCloseable {
    private final KafkaBroker kafka;
    private final PostgresServer postgres;

    private TelemetryStack(KafkaBroker kafka, PostgresServer postgres) {
        this.kafka = kafka;
        this.postgres = postgres;
    }

    /**
     * Starts a broker in this JVM, and PostgreSQL.
     *
     * @return the running stack
     * @throws IllegalStateException if one of them does not start; the other is closed then
     */
    public static TelemetryStack start() {
        return builder().start();
    }

    /**
     * Returns a builder with the defaults: a broker in this JVM, and PostgreSQL.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Returns the broker.
     *
     * @return the broker of this stack
     */
    public KafkaBroker kafka() {
        return kafka;
    }

    /**
     * Returns the database server.
     *
     * @return the server of this stack
     */
    public PostgresServer postgres() {
        return postgres;
    }

    /**
     * Returns the address of the broker for {@code bootstrap.servers}.
     *
     * @return host and port
     */
    public String bootstrapServers() {
        return kafka.bootstrapServers();
    }

    /**
     * Creates a topic with the broker's defaults and waits until it can be used.
     *
     * @param topic its name
     * @param partitions how many partitions it has
     * @throws IllegalStateException if the broker refuses
     */
    public void createTopic(String topic, int partitions) {
        kafka.createTopic(topic, partitions);
    }

    /**
     * Creates a topic with settings of its own and waits until it can be used.
     *
     * @param topic its name
     * @param partitions how many partitions it has
     * @param configuration settings as {@code cleanup.policy}
     * @throws IllegalStateException if the broker refuses
     */
    public void createTopic(String topic, int partitions, Map<String, String> configuration) {
        kafka.createTopic(topic, partitions, configuration);
    }

    /**
     * Sends records and waits until the broker has acknowledged every one.
     *
     * @param topic where to; it must exist
     * @param records what to send, in this order
     * @throws IllegalStateException if there is no such topic, or one was not acknowledged
     */
    public void publish(String topic, Iterable<? extends TestRecord> records) {
        kafka.publish(topic, records);
    }

    /**
     * Returns the JDBC URL of the database {@code postgres}, which all users of this stack share.
     *
     * @return a URL with the superuser
     */
    public String jdbcUrl() {
        return postgres.jdbcUrl();
    }

    /**
     * Returns a source of new connections to the database {@code postgres}.
     *
     * @return a source without a pool
     */
    public DataSource dataSource() {
        return postgres.dataSource();
    }

    /**
     * Creates an empty database.
     *
     * @return a database that no other caller gets
     */
    public PostgresDatabase newDatabase() {
        return postgres.newDatabase();
    }

    /** Ends both and deletes their data. */
    @Override
    public void close() {
        try (kafka) {
            postgres.close();
        }
    }

    @Override
    public String toString() {
        return kafka + " and " + postgres;
    }

    /** Builds a {@link TelemetryStack}. Not thread-safe. */
    public static final class Builder {
        private KafkaBroker.Builder kafka = KafkaBroker.builder();
        private PostgresServer.Builder postgres = PostgresServer.builder();

        private Builder() {}

        /**
         * Sets the broker to start.
         *
         * @param broker its options (default: {@code KafkaBroker.builder()})
         * @return this
         */
        public Builder kafka(KafkaBroker.Builder broker) {
            this.kafka = requireNonNull(broker, "broker");
            return this;
        }

        /**
         * Sets the database server to start.
         *
         * @param server its options (default: {@code PostgresServer.builder()})
         * @return this
         */
        public Builder postgres(PostgresServer.Builder server) {
            this.postgres = requireNonNull(server, "server");
            return this;
        }

        /**
         * Runs the broker in a JVM of its own; PostgreSQL always is a process of its own.
         *
         * @return this
         */
        public Builder forked() {
            kafka.forked();
            return this;
        }

        /**
         * Starts both at the same time.
         *
         * @return the running stack
         * @throws IllegalStateException if one of them does not start; the other is closed then
         */
        public TelemetryStack start() {
            CompletableFuture<PostgresServer> starting = inBackground(postgres::start);
            KafkaBroker broker;
            try {
                broker = kafka.start();
            } catch (RuntimeException | Error e) {
                starting.thenAccept(PostgresServer::close)
                        .exceptionally(ignored -> null)
                        .join();
                throw e;
            }
            return join(broker, starting);
        }

        private static TelemetryStack join(KafkaBroker broker, CompletableFuture<PostgresServer> starting) {
            try {
                return new TelemetryStack(broker, starting.join());
            } catch (CompletionException e) {
                broker.close();
                Throwable cause = requireNonNullElse(e.getCause(), e);
                throw new IllegalStateException("PostgreSQL does not start: " + cause.getMessage(), cause);
            }
        }

        private static <T> CompletableFuture<T> inBackground(Supplier<T> start) {
            CompletableFuture<T> result = new CompletableFuture<>();
            Runnable run = () -> {
                try {
                    result.complete(start.get());
                } catch (RuntimeException | Error e) {
                    result.completeExceptionally(e);
                }
            };
            new Thread(run, "telemetry-stack-start").start();
            return result;
        }
    }
}
