package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.BatchPolicy;
import io.gpufleet.telemetry.Health;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.FleetGenerator;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import io.gpufleet.telemetry.testkit.TestRecord;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Records that cannot be stored are dead-lettered, and consumption continues. */
@TelemetryStackTest
final class RefusedRecordsIT {
    private static final byte[] POISON = {1, 2, 3};

    /** More bytes than a fetch returns, and more than a lane may hold. */
    private static final int OVERSIZED = 3 << 20;

    @ParameterizedTest
    @ValueSource(ints = {1, 4997})
    void rowThatTheStoreRefuses_isFoundInFewAttempts(int bad, TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "bisected-" + bad, 1);
        pipeline.publish(5000);
        pipeline.database().execute("ALTER TABLE audit ADD CONSTRAINT host_rule CHECK (kafka_offset <> " + bad + ")");
        Queue<Integer> attempts = new ConcurrentLinkedQueue<>();
        try (BatchingConsumer consumer = inOneBatch(pipeline, attempts)) {
            pipeline.awaitEnd();
        }
        assertThat(attempts.poll()).as("the whole batch").isEqualTo(5000);
        assertThat(attempts).as("further attempts").hasSizeLessThanOrEqualTo(26);
        pipeline.assertApplied(4999);
        assertThat(pipeline.database().rows("SELECT kafka_offset, stage, reasons FROM dead_letters"))
                .singleElement()
                .asString()
                .startsWith(bad + " write ")
                .contains("host_rule");
    }

    /**
     * Writes 5,000 records at once, also into a host's own table with a rule, and records the size of every attempt.
     */
    private static BatchingConsumer inOneBatch(Pipeline pipeline, Queue<Integer> attempts) {
        return pipeline.consumer(HeartbeatSink.builder(pipeline.database().source())
                        .inTransaction((connection, batch) ->
                                attempts.add(batch.deliveries().size()))
                        .inTransaction(new Audit<>())
                        .build())
                .batching(BatchPolicy.builder()
                        .maxRecords(5000)
                        .linger(Duration.ofMinutes(1))
                        .build())
                .start();
    }

    /** A refusal by a trigger, a policy or a limit of the server is the row's fault, as long as others are accepted. */
    @ParameterizedTest
    @ValueSource(strings = {"trigger", "policy", "index", "depth"})
    void rowThatATriggerOrAPolicyRefuses_isSetAside(String guard, TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "forbidden-" + guard, 1);
        DataSource writer = writer(pipeline.database(), guard);
        guard(pipeline.database(), guard, "kafka_offset IN (0, 20, 49)");
        pipeline.publish(50);
        PostgresSink<Heartbeat> sink =
                HeartbeatSink.builder(writer).inTransaction(new Audit<>()).build();
        try (BatchingConsumer consumer = pipeline.consumer(sink).start()) {
            pipeline.awaitEnd();
            Await.until(
                    "all is counted",
                    Pipeline.LIMIT,
                    () -> consumer.snapshot().counts().deadLetters() == 3
                            && consumer.snapshot().counts().deliveriesWritten() == 47);
            assertThat(consumer.health().status()).isEqualTo(Health.Status.UP);
        }
        pipeline.assertApplied(47);
        assertThat(pipeline.database().rows("SELECT kafka_offset, stage FROM dead_letters ORDER BY 1"))
                .containsExactly("0 write", "20 write", "49 write");
    }

    /** Nothing proves a fault of the rows, so none is dead-lettered. */
    @ParameterizedTest
    @ValueSource(strings = {"trigger", "policy"})
    void rowsThatAreAllRefused_stopTheConsumerAndSkipNothing(String guard, TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "all-forbidden-" + guard, 1);
        DataSource writer = writer(pipeline.database(), guard);
        PostgresSink<Heartbeat> sink =
                HeartbeatSink.builder(writer).inTransaction(new Audit<>()).build();
        pipeline.publish(50);
        BatchingConsumer consumer = pipeline.consumer(sink).start();
        pipeline.awaitEnd();
        guard(pipeline.database(), guard, "true");
        pipeline.publish(50);
        assertThatThrownBy(() -> consumer.termination().get(60, TimeUnit.SECONDS))
                .hasMessageContaining("records is accepted")
                .hasMessageContaining(guard.equals("trigger") ? "P0001" : "42501");
        assertThat(pipeline.database().count("dead_letters")).isZero();
        assertThat(pipeline.positions()).isEqualTo(Map.of(0, 50L));
        pipeline.assertApplied(50);
    }

    /** Policies do not apply to the superuser. */
    private static DataSource writer(Database database, String role) {
        database.execute("DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '" + role
                + "') THEN CREATE ROLE \"" + role + "\" LOGIN; END IF; END $$;"
                + " GRANT ALL ON ALL TABLES IN SCHEMA public TO \"" + role + "\";"
                + " GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO \"" + role + "\"");
        PGSimpleDataSource writer = new PGSimpleDataSource();
        writer.setUrl(((PGSimpleDataSource) database.source()).getUrl());
        writer.setUser(role);
        return writer;
    }

    private static void guard(Database database, String guard, String forbidden) {
        if (guard.equals("index") || guard.equals("depth")) {
            limit(database, guard, forbidden);
            return;
        }
        database.execute(
                guard.equals("trigger")
                        ? "CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF (SELECT " + forbidden
                                + " FROM (SELECT NEW.kafka_offset) AS r) THEN"
                                + " RAISE EXCEPTION 'offset % is closed', NEW.kafka_offset; END IF; RETURN NEW; END $$;"
                                + " CREATE TRIGGER look BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION look()"
                        : "ALTER TABLE audit ENABLE ROW LEVEL SECURITY;"
                                + " CREATE POLICY reading ON audit FOR SELECT USING (true);"
                                + " CREATE POLICY look ON audit FOR INSERT WITH CHECK (NOT (" + forbidden + "))");
    }

    /** An index accepts no entry of several KiB (54000); a deeply nested value overflows the server's stack (54001). */
    private static void limit(Database database, String guard, String forbidden) {
        String entry = guard.equals("index")
                ? "(SELECT string_agg(md5(i::text), '') FROM generate_series(1, 300) AS i)"
                : "(repeat('[', 200000) || repeat(']', 200000))::json::text";
        database.execute("CREATE FUNCTION entry(kafka_offset bigint) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$"
                + " BEGIN IF " + forbidden + " THEN RETURN " + entry + "; END IF; RETURN ''; END $$;"
                + " CREATE INDEX ON audit (entry(kafka_offset))");
    }

    /**
     * Good rows are refused while a right is missing; only the bad one stays dead-lettered when it is granted again.
     */
    @ParameterizedTest
    @ValueSource(strings = {"right", "trigger"})
    void rowsThatAreRefusedForAWhile_areWrittenLater(String what, TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "away-" + what, 1);
        Database database = pipeline.database();
        DataSource writer = writer(database, "away");
        guard(database, "policy", "kafka_offset = 100");
        database.execute("CREATE FUNCTION closed() RETURNS trigger LANGUAGE plpgsql AS"
                + " $$ BEGIN RAISE EXCEPTION 'maintenance'; END $$");
        Queue<Integer> attempts = new ConcurrentLinkedQueue<>();
        PostgresSink<Heartbeat> sink = HeartbeatSink.builder(writer)
                .inTransaction(
                        (connection, batch) -> attempts.add(batch.deliveries().size()))
                .inTransaction(new Audit<>())
                .build();
        try (BatchingConsumer consumer = pipeline.consumer(sink)
                .batching(BatchPolicy.builder().maxRecords(200).build())
                .start()) {
            database.execute(
                    what.equals("right")
                            ? "REVOKE INSERT ON audit FROM away"
                            : "CREATE TRIGGER closed BEFORE INSERT ON audit FOR EACH STATEMENT EXECUTE FUNCTION closed()");
            pipeline.publish(199);
            Await.until("rows are held", Pipeline.LIMIT, () -> attempts.size() > 12);
            database.execute(what.equals("right") ? "GRANT INSERT ON audit TO away" : "DROP TRIGGER closed ON audit");
            pipeline.awaitEnd();
            assertThat(consumer.health().status()).isEqualTo(Health.Status.UP);
        }
        pipeline.assertApplied(198);
        assertThat(database.rows("SELECT kafka_offset FROM dead_letters")).containsExactly("100");
    }

    /** Records that only the sink refuses flood a topic as much as records that do not decode. */
    @Test
    void floodBeyondRetention_stopsBeforeTheBatchIsWritten(TelemetryStack stack) {
        stack.createTopic("beyond-retention", 1);
        Database database = Database.installByDay(stack.newDatabase());
        Pipeline pipeline = new Pipeline(stack.kafka(), database, "beyond-retention");
        database.execute("UPDATE heartbeat_retention SET kept_from = (now() + interval '2 days')::date");
        pipeline.publish(3000);
        BatchingConsumer consumer = pipeline.consumer().start();
        assertThatThrownBy(() -> consumer.termination().get(30, TimeUnit.SECONDS))
                .cause()
                .isInstanceOf(TelemetryException.class)
                .hasMessageContaining("More than 50 % of the last 1000 records")
                .hasMessageContaining("beyond retention");
        assertThat(consumer.snapshot().counts().deliveriesWritten()).isZero();
        assertThat(consumer.snapshot().counts().deadLetters()).isEqualTo(database.count("dead_letters"));
        assertThat(database.count("dead_letters")).isLessThan(200);
    }

    @Test
    void flood_stopsBeforeTheBatchIsWritten(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "flood", 1);
        pipeline.publish(150);
        pipeline.consumeAll();
        pipeline.send(300, number -> POISON);
        BatchingConsumer consumer = pipeline.consumer()
                .batching(BatchPolicy.builder().maxRecords(300).build())
                .start();
        assertThatThrownBy(() -> consumer.termination().get(30, TimeUnit.SECONDS))
                .cause()
                .isInstanceOf(TelemetryException.class)
                .hasMessageContaining("More than 50 % of the last 1000 records");
        assertThat(consumer.health().status()).isEqualTo(Health.Status.DOWN);
        assertThat(pipeline.database().count("dead_letters")).isZero();
        assertThat(pipeline.positions()).isEqualTo(Map.of(0, 150L));
    }

    @Test
    void poisonInEveryPartition_isSetAsideWhereItLies(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "poison", 4);
        sendInTurn(pipeline, POISON);
        pipeline.publish(400);
        sendInTurn(pipeline, POISON);
        try (BatchingConsumer consumer = pipeline.consumer().concurrency(2).start()) {
            pipeline.awaitEnd();
            assertThat(consumer.health().status()).isEqualTo(Health.Status.UP);
            Await.until(
                    "8 dead letters are counted",
                    Pipeline.LIMIT,
                    () -> consumer.snapshot().counts().deadLetters() == 8);
        }
        pipeline.assertApplied(400);
        assertThat(pipeline.database().rows("SELECT partition, count(*) FROM dead_letters GROUP BY 1 ORDER BY 1"))
                .containsExactly("0 2", "1 2", "2 2", "3 2");
        assertThat(pipeline.database().count("dead_letters WHERE kafka_offset = 0"))
                .isEqualTo(4);
    }

    @Test
    void tombstones_areCountedAndPassedOver(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "tombstones", 2);
        sendInTurn(pipeline, null);
        pipeline.publish(100);
        sendInTurn(pipeline, null);
        try (BatchingConsumer consumer = pipeline.consumer().start()) {
            pipeline.awaitEnd();
            Await.until(
                    "4 tombstones are counted",
                    Pipeline.LIMIT,
                    () -> consumer.snapshot().counts().tombstones() == 4);
            assertThat(consumer.snapshot().counts().deadLetters()).isZero();
        }
        pipeline.assertApplied(100);
    }

    @Test
    void recordsLargerThanAnyBudget_areSetAsideOneByOne(TelemetryStack stack) {
        stack.kafka().createTopic("oversized", 1, Map.of("max.message.bytes", Integer.toString(4 * OVERSIZED)));
        Pipeline pipeline = new Pipeline(stack.kafka(), Database.of(stack), "oversized");
        pipeline.publish(100);
        for (int i = 0; i < 3; i++) {
            pipeline.send(1, number -> new byte[OVERSIZED]);
            pipeline.publish(50);
        }
        try (BatchingConsumer consumer =
                pipeline.consumer().bufferBytes(OVERSIZED / 2).start()) {
            pipeline.awaitEnd();
            assertThat(consumer.snapshot().peakBufferedBytes())
                    .as("one of them at a time")
                    .isLessThan(2L * OVERSIZED);
        }
        pipeline.assertApplied(250);
        assertThat(pipeline.database().rows("SELECT kafka_offset, length(value) FROM dead_letters ORDER BY 1"))
                .containsExactly("100 " + OVERSIZED, "151 " + OVERSIZED, "202 " + OVERSIZED);
    }

    private static void sendInTurn(Pipeline pipeline, byte[] value) {
        pipeline.send(pipeline.kafka().endOffsets(pipeline.topic()).keySet().stream()
                .map(partition ->
                        new ProducerRecord<byte[], byte[]>(pipeline.topic(), partition, new byte[] {'k'}, value))
                .toList());
    }

    @Test
    void nullKeys_areAccepted(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "null-keys", 1);
        stack.publish(
                pipeline.topic(),
                FleetGenerator.builder().build().records(50).stream()
                        .map(next -> TestRecord.of(null, next.value(), next.timestamp()))
                        .toList());
        pipeline.consumeAll();
        pipeline.assertApplied(50);
    }

    /** Otherwise each start would dead-letter a batch before it has enough records to judge the topic. */
    @Test
    void topicOfGarbage_isNotSetAsideStartByStart(TelemetryStack stack) {
        Pipeline pipeline = Pipeline.create(stack, "garbage-and-restarts", 1);
        pipeline.send(3_000, number -> POISON);
        for (int start = 0; start < 8; start++) {
            try (BatchingConsumer consumer =
                    pipeline.consumer().batching(BatchPolicy.defaults()).start()) {
                assertThatThrownBy(() -> consumer.termination().get(30, TimeUnit.SECONDS))
                        .hasMessageContaining("would be dead letters");
            }
        }
        assertThat(pipeline.database().count("dead_letters")).isZero();
    }
}
