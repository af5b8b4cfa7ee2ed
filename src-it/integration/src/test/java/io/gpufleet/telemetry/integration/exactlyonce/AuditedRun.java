package io.gpufleet.telemetry.integration.exactlyonce;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.integration.audited.AuditedConsumer;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.FleetGenerator;
import io.gpufleet.telemetry.testkit.FleetRecord;
import io.gpufleet.telemetry.testkit.KafkaBroker;
import io.gpufleet.telemetry.testkit.PostgresDatabase;
import io.gpufleet.telemetry.testkit.ReusedConnections;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import java.io.IOException;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A topic, a database with an audit, and the published records: the base of every exactly-once test. Closing it kills
 * its remaining consumers. Belongs to the thread of the test.
 */
final class AuditedRun implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final double WRONG = 0.01;

    private final KafkaBroker kafka;
    private final PostgresDatabase database;
    private final String topic;
    private final int partitions;
    private final Audit audit;
    private final Iterator<FleetRecord> fleet = FleetGenerator.builder()
            .clients(1_000)
            .damageRate(WRONG)
            .refusalRate(WRONG)
            .start(Instant.now().minus(Duration.ofDays(1)))
            .build()
            .stream()
            .iterator();
    private final List<AuditedConsumer> consumers = new ArrayList<>();
    private final Set<Long> accepted = new HashSet<>();
    private final List<String> refused = new ArrayList<>();
    private long devices;

    private AuditedRun(KafkaBroker kafka, PostgresDatabase database, String topic, int partitions) {
        this.kafka = kafka;
        this.database = database;
        this.topic = topic;
        this.partitions = partitions;
        TelemetrySchema.create(database.dataSource()).install();
        this.audit = Audit.install(ReusedConnections.source(database.jdbcUrl()));
        createTopic();
    }

    /** Creates a run with an empty topic and an empty database. */
    static AuditedRun create(TelemetryStack stack, String topic, int partitions) {
        return create(stack.kafka(), stack.newDatabase(), topic, partitions);
    }

    static AuditedRun create(KafkaBroker kafka, PostgresDatabase database, String topic, int partitions) {
        return new AuditedRun(kafka, database, topic, partitions);
    }

    private void createTopic() {
        kafka.createTopic(topic, partitions, Map.of("retention.ms", "-1"));
    }

    /** Deletes and recreates the topic. */
    void replaceTopic() {
        kafka.deleteTopic(topic);
        createTopic();
    }

    /** Returns a consumer of this run's group, to be started. */
    AuditedConsumer.Builder consumer() {
        return AuditedConsumer.builder(consumers::add)
                .set(AuditedConsumer.BOOTSTRAP_SERVERS, kafka.bootstrapServers())
                .set(AuditedConsumer.JDBC_URL, database.jdbcUrl())
                .set(AuditedConsumer.TOPIC, topic)
                .set(AuditedConsumer.GROUP, topic + "-group");
    }

    Audit audit() {
        return audit;
    }

    long accepted() {
        return accepted.size();
    }

    /** Sends the fleet's next records, some of them damaged, some invalid. */
    void publish(int count) {
        List<FleetRecord> records = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            FleetRecord record = fleet.next();
            records.add(record);
            expect(record);
        }
        kafka.publish(topic, records);
    }

    private void expect(FleetRecord record) {
        long millis = record.timestamp().toEpochMilli();
        if (record.kind() == FleetRecord.Kind.GOOD) {
            accepted.add(millis);
            devices += record.heartbeat().devices().size();
        } else {
            refused.add(millis + " " + md5(record.value()));
        }
    }

    private static String md5(byte[] bytes) {
        try {
            byte[] digest = MessageDigest.getInstance("MD5").digest(bytes);
            return "%032x".formatted(new BigInteger(1, digest));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    /** Returns the lag of a consumer's partitions. */
    long lagOf(AuditedConsumer consumer) {
        Map<Integer, Long> ends = kafka.endOffsets(topic);
        Map<Integer, Long> positions = audit.positions();
        return audit.partitionsOf(consumer).stream()
                .mapToInt(Long::intValue)
                .mapToLong(partition -> ends.get(partition) - positions.get(partition))
                .sum();
    }

    /** Waits until the positions are at the end of the log. */
    void awaitEnd() {
        Await.until("positions at the end", LIMIT, audit::positions, kafka.endOffsets(topic)::equals);
    }

    /** Waits until the offsets that the group has committed are at the end of the log. */
    void awaitCommittedEnd() {
        Await.until("commits at the end", LIMIT, () -> kafka.committedLag(topic + "-group", topic), lag -> lag == 0);
    }

    /** Waits until a record was applied twice. */
    long awaitDuplicates() {
        return Await.until("a duplicate in the audit", LIMIT, audit::duplicates, duplicates -> duplicates > 0);
    }

    /** Asserts that every published record was applied exactly once, in all views of the audit. */
    void assertExact(String... gaps) {
        assertThat(audit.rows()).as("audited records").isEqualTo(accepted.size());
        assertThat(audit.distinctOffsets()).as("audited offsets").isEqualTo(accepted.size());
        assertThat(missing(audit.records())).as("missing in the audit").isEmpty();
        assertThat(audit.counters()).as("counters").isEqualTo(audit.rowsByPartition());
        assertThat(audit.positions()).as("positions").isEqualTo(kafka.endOffsets(topic));
        assertThat(audit.gaps()).as("gaps").containsExactly(gaps);
        assertThat(audit.deadLetters().stream().sorted())
                .as("dead letters")
                .isEqualTo(refused.stream().sorted().toList());
        assertTablesExact();
    }

    private void assertTablesExact() {
        assertThat(audit.heartbeatRows()).as("heartbeats").isEqualTo(accepted.size());
        assertThat(missing(audit.heartbeats())).as("missing heartbeats").isEmpty();
        assertThat(audit.invariant().differences())
                .as(() -> audit.invariant().toString())
                .isZero();
        assertThat(audit.deviceHeartbeats()).as("readings of devices").isEqualTo(devices);
        assertThat(audit.staleStates()).as("states that are not the newest").isZero();
    }

    @Override
    public void close() throws IOException {
        for (AuditedConsumer consumer : consumers) {
            consumer.close();
        }
    }

    private Set<Long> missing(Set<Long> found) {
        Set<Long> missing = new HashSet<>(accepted);
        missing.removeAll(found);
        return missing;
    }
}
