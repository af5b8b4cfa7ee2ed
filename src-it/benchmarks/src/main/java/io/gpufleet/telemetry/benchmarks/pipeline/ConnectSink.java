package io.gpufleet.telemetry.benchmarks.pipeline;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Kafka Connect with Debezium's JDBC sink and one task, into the table {@code heartbeat} alone: the rows arrive as JSON
 * with their schema, and are upserted, so that a repeated delivery does no harm.
 *
 * <p>It runs in a process of its own, with jars of its own. The times of its first poll and last commit are unknown, so
 * the clock starts at the first row that has a number, and ends when all rows can be seen.
 */
final class ConnectSink implements Contestant {
    static final String NAME = "Connect";

    private static final Map<String, String> WORKER = new TreeMap<>(Map.of(
            "key.converter", "org.apache.kafka.connect.converters.ByteArrayConverter",
            "value.converter", "org.apache.kafka.connect.json.JsonConverter",
            "value.converter.schemas.enable", "true",
            "plugin.discovery", "service_load",
            "consumer.max.poll.records", "5000"));

    private static final Map<String, String> CONNECTOR = new TreeMap<>(Map.of(
            "connector.class", "io.debezium.connector.jdbc.JdbcSinkConnector",
            "tasks.max", "1",
            "connection.username", "postgres",
            "connection.password", "none",
            "collection.name.format", "heartbeat",
            "insert.mode", "upsert",
            "primary.key.mode", "record_value",
            "primary.key.fields", "client_id,timestamp",
            "schema.evolution", "none",
            "batch.size", "1000"));

    private static final Path JARS = Path.of(System.getProperty("benchmarks.connect", "connect/target/connect"));
    private static final Duration LIMIT = Duration.ofMinutes(30);
    private static final long PAUSE_NANOS = Duration.ofMillis(20).toNanos();
    private static final double NANOS_PER_SECOND = 1e9;

    private @Nullable ConnectProcess process;
    private @Nullable Stage publishedOn;
    private String topic = "";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String settings() {
        return "1 task, batches of 1,000 of polls of 5,000";
    }

    @Override
    public String details() {
        return jars() + ", " + WORKER + ", " + CONNECTOR + ", reWriteBatchedInserts=true, -Xmx2g";
    }

    /** Returns the names of its main jars; none if they were not copied. */
    private static List<String> jars() {
        try (Stream<Path> jars = Files.list(JARS)) {
            return jars.map(jar -> jar.getFileName().toString())
                    .filter(name -> name.matches("(connect-runtime|debezium-connector-jdbc|postgresql)-.*"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    /** Returns true for one device only, because its rows hold no devices. */
    @Override
    public boolean takes(Backlog backlog) {
        return backlog.devices() == 1 && Files.isDirectory(JARS);
    }

    @Override
    public Figures run(Stage stage) throws IOException, InterruptedException, SQLException {
        if (publishedOn != stage) {
            topic = JsonBacklog.publish(stage.servers(), stage.backlog());
            publishedOn = stage;
        }
        ConnectProcess connect = process(stage);
        String connector = stage.newGroup();
        try (Database database = stage.newDatabase(1)) {
            connect.create(connector, connector(database));
            Figures figures = measure(stage, database, connect);
            connect.delete(connector);
            Contents.ofHeartbeatsOnly(stage.backlog().records()).requireAtLeastIn(database, name());
            return figures;
        }
    }

    private ConnectProcess process(Stage stage) throws IOException {
        ConnectProcess running = process;
        if (running == null) {
            running = ConnectProcess.start(JARS, worker(stage));
            process = running;
        }
        return running;
    }

    private static Figures measure(Stage stage, Database database, ConnectProcess connect) throws SQLException {
        long records = stage.backlog().records();
        ServerCpu server = ServerCpu.of(stage.servers().postgres());
        awaitNumbered(1, database, connect);
        long begun = System.nanoTime();
        double client = connect.cpuSeconds();
        OptionalDouble serverAtFirst = server.seconds();
        awaitNumbered(records, database, connect);
        await(() -> database.numbers("SELECT count(*) FROM heartbeat").get(0) >= records, connect);
        return new Figures(
                records,
                (System.nanoTime() - begun) / NANOS_PER_SECOND,
                connect.cpuSeconds() - client,
                Measurement.difference(server.seconds(), serverAtFirst));
    }

    /** Waits for the sequence, a cheap count of inserted rows, committed or not; it runs ahead by its cache. */
    private static void awaitNumbered(long rows, Database database, ConnectProcess connect) throws SQLException {
        String query = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM heartbeat_id_seq";
        await(() -> database.numbers(query).get(0) >= rows, connect);
    }

    private interface Look {
        boolean isEnough() throws SQLException;
    }

    private static void await(Look look, ConnectProcess connect) throws SQLException {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!look.isEnough()) {
            connect.failure().ifPresent(failure -> {
                throw new IllegalStateException(NAME + " failed: " + failure);
            });
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException(NAME + " has not finished after " + LIMIT);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private static Map<String, String> worker(Stage stage) {
        Map<String, String> worker = new HashMap<>(WORKER);
        worker.put("bootstrap.servers", stage.servers().broker().bootstrapServers());
        return worker;
    }

    private Map<String, String> connector(Database database) {
        Map<String, String> connector = new HashMap<>(CONNECTOR);
        connector.put("topics", topic);
        connector.put("connection.url", database.jdbcUrl() + SpringBatch.REWRITTEN);
        return connector;
    }
}
