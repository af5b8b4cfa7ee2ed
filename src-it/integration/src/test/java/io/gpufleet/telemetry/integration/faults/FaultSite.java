package io.gpufleet.telemetry.integration.faults;

import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.integration.audited.AuditHook;
import io.gpufleet.telemetry.integration.audited.AuditedConsumer;
import io.gpufleet.telemetry.integration.audited.Mutant;
import io.gpufleet.telemetry.integration.servers.LogSegment;
import io.gpufleet.telemetry.testkit.KafkaBroker;
import io.gpufleet.telemetry.testkit.KafkaCluster;
import io.gpufleet.telemetry.testkit.KafkaTopics;
import io.gpufleet.telemetry.testkit.PostgresDatabase;
import io.gpufleet.telemetry.testkit.PostgresServer;
import io.gpufleet.telemetry.testkit.PostgresSnapshot;
import io.gpufleet.telemetry.testkit.faults.PostgresFaults;
import io.gpufleet.telemetry.testkit.faults.PostgresProxy;
import io.gpufleet.telemetry.testkit.faults.TcpProxy;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Jdbi;

/**
 * The targets of faults: brokers, a database behind a proxy, a group of consumers, and their load. Belongs to the
 * thread of the test.
 */
final class FaultSite implements AutoCloseable {
    static final String TOPIC = "faulted";
    static final int MEMBERS = 2;

    /** The role of the consumers, the only one that faults of the database affect. */
    static final String ROLE = "consumer";

    private static final String GROUP = "faulted-group";
    private static final int PARTITIONS = 4;
    private static final Duration SHORT = Duration.ofMillis(500);
    private static final Duration LONG = Duration.ofSeconds(4);
    private static final String KNOWN_LOGS = "SELECT topic_id, partition FROM consumer_offsets"
            + " UNION SELECT topic_id, partition FROM audit"
            + " UNION SELECT topic_id, partition FROM dead_letters"
            + " UNION SELECT from_topic_id, partition FROM consumption_gaps";
    private static final Map<String, String> FOR_EVER = Map.of("retention.ms", "-1");

    private final Random random;
    private final Servers servers;
    private final Brokers brokers;
    private final PostgresServer postgres;
    private final PostgresProxy postgresProxy;
    private final PostgresDatabase database;
    private final PostgresFaults databaseFaults;
    private final ConsumerGroup consumers;
    private final Optional<Compactors> compactors;
    private final Load load;
    private final Progress progress;
    private final Cargo cargo;
    private final ReferenceModel model;
    private final LogReader log;
    private final LogLosses losses = new LogLosses();
    private Set<LogRecord.Log> forgotten = Set.of();
    private Optional<PostgresSnapshot> snapshot = Optional.empty();

    /**
     * Starts everything except the consumers.
     *
     * @param cargo the data that is sent
     * @param servers the targets; closed with this
     * @param patience the waits of the group and the database for a consumer
     * @param mutant the change of the consumers
     */
    FaultSite(long seed, Cargo cargo, Servers servers, Patience patience, Mutant mutant) throws Exception {
        this.random = new Random(seed);
        this.cargo = cargo;
        this.model = new ReferenceModel(cargo);
        this.servers = servers;
        this.brokers = servers.brokers();
        this.postgres = servers.postgres();
        this.postgresProxy = PostgresProxy.start(postgres.port());
        this.database = postgres.newDatabase();
        this.databaseFaults = PostgresFaults.of(database);
        install();
        createTopic(PARTITIONS);
        this.load = new Load(topics().bootstrapServers(), TOPIC, cargo, seed);
        this.log = new LogReader(topics().bootstrapServers(), TOPIC);
        this.progress = new Progress(topics(), database, TOPIC, log.topicId());
        this.consumers = new ConsumerGroup(
                owner -> AuditedConsumer.builder(owner)
                        .mutant(Optional.of(mutant))
                        .set(AuditedConsumer.BOOTSTRAP_SERVERS, brokers.consumersServers())
                        .set(
                                AuditedConsumer.JDBC_URL,
                                postgresProxy.jdbcUrl(database).replace("user=postgres", "user=" + ROLE))
                        .set(AuditedConsumer.CARGO, cargo.name())
                        .set(AuditedConsumer.TOPIC, TOPIC)
                        .set(AuditedConsumer.GROUP, GROUP)
                        .set(AuditedConsumer.SESSION_TIMEOUT, patience.session().toMillis())
                        .set(
                                AuditedConsumer.IDLE_TIMEOUT,
                                patience.idleInTransaction().toMillis()),
                random);
        this.compactors = cargo.isCompacted()
                ? Optional.of(new Compactors(database, postgresProxy.jdbcUrl(database)))
                : Optional.empty();
    }

    private void install() throws SQLException {
        cargo.install(database.dataSource(), servers.partitionedByDay());
        execute(AuditHook.TABLES);
        execute("CREATE ROLE " + ROLE + " LOGIN");
        execute("GRANT pg_read_all_data, pg_write_all_data TO " + ROLE);
        for (String table : partitionedTables()) {
            execute("GRANT CREATE ON SCHEMA public TO " + ROLE);
            execute("ALTER TABLE " + table + " OWNER TO " + ROLE);
        }
        if (cargo.isCompacted()) {
            for (String sql : Compactors.installation()) {
                execute(sql);
            }
        }
    }

    boolean hasOneBroker() {
        return servers.hasOneBroker();
    }

    boolean hasThreeBrokers() {
        return servers.hasThreeBrokers();
    }

    /** Returns whether a table is partitioned by day, and its days are not compacted. */
    boolean hasDays() {
        return !partitionedTables().isEmpty() && !isCompacted();
    }

    boolean isCompacted() {
        return compactors.isPresent();
    }

    Compactors compactors() {
        return compactors.orElseThrow();
    }

    List<String> partitionedTables() {
        return cargo.partitionedTables(servers.partitionedByDay());
    }

    Cargo cargo() {
        return cargo;
    }

    Random random() {
        return random;
    }

    /** Returns a random time between two. */
    Duration anyBetween(Duration least, Duration most) {
        return Duration.ofMillis(random.nextLong(least.toMillis(), most.toMillis() + 1));
    }

    /** Waits for the duration of the fault; there is no condition to await. */
    void waitAWhile() {
        LockSupport.parkNanos(anyBetween(SHORT, LONG).toNanos());
    }

    KafkaTopics topics() {
        return brokers.topics();
    }

    Servers servers() {
        return servers;
    }

    KafkaBroker broker() {
        return ((OneBroker) brokers).broker();
    }

    /** Returns the newest file of a partition on the disk of the single broker. */
    LogSegment segment(int partition) {
        return LogSegment.newest(((OneBroker) brokers).data(), TOPIC, partition);
    }

    TcpProxy brokerNetwork() {
        return ((OneBroker) brokers).network();
    }

    KafkaCluster cluster() {
        return ((ThreeBrokers) brokers).cluster();
    }

    PostgresServer postgres() {
        return postgres;
    }

    PostgresDatabase database() {
        return database;
    }

    PostgresFaults databaseFaults() {
        return databaseFaults;
    }

    PostgresProxy postgresProxy() {
        return postgresProxy;
    }

    ConsumerGroup consumers() {
        return consumers;
    }

    Load load() {
        return load;
    }

    Progress progress() {
        return progress;
    }

    ReferenceModel model() {
        return model;
    }

    LogLosses losses() {
        return losses;
    }

    /** Returns a partition of the current topic, valid until it is deleted. */
    LogRecord.Log presentLog(int partition) throws Exception {
        return new LogRecord.Log(log.topicId(), partition);
    }

    int anyPartition() {
        return random.nextInt(topics().endOffsets(TOPIC).size());
    }

    /** Moves the position of the group, like an operator. */
    void movePosition(int partition, long from, long to) {
        PositionMove.of(database.dataSource(), GROUP).move(new SourcePartition(TOPIC, partition), from, to);
    }

    /** Executes SQL as a role that faults of the consumers' role do not affect. */
    void execute(String sql) throws SQLException {
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Restarts the database to copy it, and replaces an earlier copy. */
    void takeSnapshot() {
        postgres.stop();
        snapshot = Optional.of(postgres.snapshot());
        postgres.start();
    }

    boolean hasSnapshot() {
        return snapshot.isPresent();
    }

    /** Replaces the database by the newest copy. */
    void restoreSnapshot() {
        postgres.stop();
        postgres.restore(snapshot.orElseThrow());
        postgres.start();
        Set<LogRecord.Log> known = knownLogs();
        forgotten = model.logs().stream()
                .filter(log -> losses.isDeleted(log.topicId()) && !known.contains(log))
                .collect(Collectors.toSet());
    }

    /** Returns the partitions with data in the tables. */
    private Set<LogRecord.Log> knownLogs() {
        return Jdbi.create(database.dataSource())
                .withHandle(handle -> handle.createQuery(KNOWN_LOGS)
                        .map((row, context) ->
                                new LogRecord.Log(row.getObject("topic_id", UUID.class), row.getInt("partition")))
                        .set());
    }

    /**
     * Returns the records whose loss is allowed: those in a gap, and those of a deleted log that is unknown to the
     * database restored from an older copy.
     */
    Predicate<LogRecord> lost() {
        return Gaps.read(database.dataSource()).or(record -> forgotten.contains(record.log()));
    }

    /** Reads the current log into the model, before some of it is removed. */
    void readLog() throws Exception {
        log.read(topics().endOffsets(TOPIC), model::add);
    }

    /** Deletes and recreates the topic; the load must pause. */
    void replaceTopic() throws Exception {
        int partitions = topics().endOffsets(TOPIC).size();
        losses.delete(log.topicId());
        topics().deleteTopic(TOPIC);
        createTopic(partitions);
        log.restart();
        progress.follow(log.topicId());
    }

    private void createTopic(int partitions) {
        Map<String, String> settings = new HashMap<>(FOR_EVER);
        settings.putAll(brokers.topicSettings());
        topics().createTopic(TOPIC, partitions, settings);
    }

    /** Deletes the records of each partition up to some offset, as retention does. */
    void expireRecords() throws Exception {
        UUID topicId = log.topicId();
        topics().endOffsets(TOPIC).forEach((partition, end) -> {
            long first = random.nextLong(end + 1);
            topics().deleteRecordsBefore(TOPIC, partition, first);
            losses.expire(new LogRecord.Log(topicId, partition), first);
        });
    }

    @Override
    public void close() throws IOException {
        progress.close();
        load.close();
        consumers.close();
        compactors.ifPresent(Compactors::close);
        postgresProxy.close();
        servers.close();
    }
}
