package io.gpufleet.telemetry.integration.moving;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.FleetRecord;
import io.gpufleet.telemetry.testkit.KafkaBroker;
import io.gpufleet.telemetry.testkit.PostgresDatabase;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;

/**
 * A service that moves: its topic, the tables of its old consumer, and the steps of the guide. Belongs to one thread.
 */
final class MovingService implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(5);

    private static final int PARTITIONS = 3;
    private static final String DAYS = "'2026-01-03', '2026-01-06'";

    private final KafkaBroker kafka;
    private final Database database;
    private final String topic;
    private final GuideCode code;
    private final OldConsumer oldConsumer;
    private final List<FleetRecord> published = new ArrayList<>();

    private MovingService(KafkaBroker kafka, Database database, String topic, GuideCode code) {
        this.kafka = kafka;
        this.database = database;
        this.topic = topic;
        this.code = code;
        this.oldConsumer = OldConsumer.install(database);
    }

    /** Creates the topic, and old tables without rows. */
    static MovingService create(TelemetryStack stack, PostgresDatabase database, String topic, Path classes)
            throws IOException {
        stack.createTopic(topic, PARTITIONS);
        GuideCode code = GuideCode.compile(
                classes,
                source -> source.replace("\"localhost:9092\"", '"' + stack.bootstrapServers() + '"')
                        .replace("\"client-heartbeats\"", '"' + topic + '"')
                        .replace("\"telemetry-heartbeats\"", '"' + ownGroup(topic) + '"')
                        .replace("\"heartbeat-consumer-group\"", '"' + oldGroup(topic) + '"'));
        return new MovingService(stack.kafka(), new Database(database), topic, code);
    }

    private static String ownGroup(String topic) {
        return topic + "-own";
    }

    private static String oldGroup(String topic) {
        return topic + "-old";
    }

    Database database() {
        return database;
    }

    OldConsumer oldConsumer() {
        return oldConsumer;
    }

    /** Returns the records of the topic from a time on, as far as a consumer must store them. */
    List<FleetRecord> good(Instant from) {
        return published.stream()
                .filter(record -> record.kind() == FleetRecord.Kind.GOOD)
                .filter(record -> !record.timestamp().isBefore(from))
                .toList();
    }

    void publish(Instant from, Instant to) {
        List<FleetRecord> records = History.between(from, to);
        kafka.publish(topic, records);
        published.addAll(records);
    }

    /**
     * Runs the old consumer, which deletes its oldest heartbeats. Agents sent corrections for a day, stored under the
     * same times, and on the next day sent more bytes than a sum can hold.
     */
    void liveThrough(Instant from, Instant to) {
        oldConsumer.consume(from, to);
        database.execute("""
                DELETE FROM heartbeat WHERE "timestamp" < '2026-01-02 12:00+00';
                INSERT INTO heartbeat (client_id, cpu_usage, mem_usage, disk_usage, network_up, network_down, "timestamp")
                SELECT client_id, 0, mem_usage, disk_usage, network_up, network_down, "timestamp" FROM heartbeat
                WHERE "timestamp" >= '2026-01-03 00:00+00' AND "timestamp" < '2026-01-04 00:00+00'
                    AND cpu_usage <= 100;
                UPDATE heartbeat SET created_at = created_at + interval '1 second'
                WHERE "timestamp" >= '2026-01-03 00:00+00' AND "timestamp" < '2026-01-04 00:00+00' AND cpu_usage > 0;
                UPDATE heartbeat SET network_up = 9223372036854775807
                WHERE "timestamp" >= '2026-01-04 00:00+00' AND "timestamp" < '2026-01-05 00:00+00'""");
    }

    /** Installs our tables with the guide's code, and sets the days to copy. */
    void install(String days) throws Throwable {
        code.call(Void.class, "Install", "install", database.source());
        fillIn(days);
    }

    /** Installs our tables partitioned by day. */
    void installPartitioned(String days) {
        TelemetrySchema.builder(database.source())
                .schema("telemetry")
                .partitionedByDay()
                .build()
                .install();
        fillIn(days);
    }

    private void fillIn(String days) {
        String sql = MovingGuide.sql("Install", 0);
        assertThat(sql).contains(DAYS);
        database.execute(sql.replace(DAYS, days));
    }

    void makeDays() {
        database.execute(MovingGuide.sql("Copy", 0));
    }

    void copy() {
        database.execute(MovingGuide.sql("Copy", 1));
        database.execute(MovingGuide.sql("Copy", 2));
    }

    void takeOverTheRest() {
        database.execute(MovingGuide.sql("Take over the rest", 0));
        database.execute(MovingGuide.sql("Take over the rest", 1));
        database.execute(MovingGuide.sql("Take over the rest", 2));
    }

    /** Fails with the differences unless the invariant holds. */
    void prove() throws Throwable {
        code.call(Void.class, "Proof", "check", database.source());
    }

    /** Reads the topic to its end with our consumer, in a group of its own. */
    void consumeSideBySide() throws Throwable {
        consume("sideBySide", ownGroup(topic));
    }

    /** Reads the topic to its end with our consumer, in the old consumer's group. */
    void consumeInItsPlace() throws Throwable {
        consume("inItsPlace", oldGroup(topic));
    }

    private void consume(String way, String group) throws Throwable {
        try (BatchingConsumer consumer = code.call(BatchingConsumer.class, "Start", way, database.source())) {
            Await.until(
                    "group " + group + " is at the end",
                    LIMIT,
                    () -> database.positions("telemetry", group).equals(kafka.endOffsets(topic)));
            Await.until("Kafka knows it", LIMIT, () -> kafka.committedLag(group, topic) == 0);
        }
    }

    /** Commits the ends of the topic, as the old consumer would. */
    void commitTheEnd() throws Exception {
        commit(OffsetSpec.latest());
    }

    /** Commits the offsets of the first records at a time or later, like the guide's command. */
    void commitByTime(Instant time) throws Exception {
        commit(OffsetSpec.forTimestamp(time.toEpochMilli()));
    }

    private void commit(OffsetSpec where) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            commit(admin, oldGroup(topic), offsets(admin, where));
        }
    }

    /** Commits offsets for a group, like Kafka's tool. */
    static void commit(Admin admin, String group, Map<TopicPartition, OffsetAndMetadata> offsets) {
        Await.until("the group takes offsets", LIMIT, () -> {
            get(admin.alterConsumerGroupOffsets(group, offsets).all());
            return true;
        });
    }

    private Map<TopicPartition, OffsetAndMetadata> offsets(Admin admin, OffsetSpec where) throws Exception {
        Map<TopicPartition, OffsetSpec> question = new HashMap<>();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            question.put(new TopicPartition(topic, partition), where);
        }
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        get(admin.listOffsets(question).all())
                .forEach((partition, answer) -> offsets.put(partition, new OffsetAndMetadata(answer.offset())));
        return offsets;
    }

    private static <R> R get(KafkaFuture<R> answer) throws Exception {
        return answer.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    @Override
    public void close() throws IOException {
        code.close();
    }
}
