package io.gpufleet.telemetry.jdbc;

import static io.gpufleet.telemetry.jdbc.Feed.P0;
import static io.gpufleet.telemetry.jdbc.Feed.P1;
import static io.gpufleet.telemetry.jdbc.Feed.TOPIC_ID;
import static io.gpufleet.telemetry.jdbc.Heartbeats.NOON;
import static io.gpufleet.telemetry.jdbc.Heartbeats.heartbeat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.FencedException;
import io.gpufleet.telemetry.LogId;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.PositionChange;
import io.gpufleet.telemetry.SinkContext;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.TelemetryListener;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.testkit.Await;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class FenceTest {
    private static final SourcePartition P2 = Feed.partition(2);
    private static final String WAITING =
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    private static final LogId OTHER_LOG = new LogId("a-cluster", new UUID(1, 2));

    private Database database;
    private PostgresSink<Heartbeat> sink;

    /** Partition 0 is at 10, partition 1 at 20, partition 2 has no position. */
    @BeforeEach
    void open() {
        database = PostgresVersion.POSTGRES_18.database();
        sink = HeartbeatSink.create(database.dataSource());
        sink.open(SinkContext.of("g", TelemetryListener.none()));
        start(P0, 10);
        start(P1, 20);
    }

    @Test
    void write_movesEveryPartitionOfTheBatch() {
        sink.write(batch().open(P0, TOPIC_ID, 10)
                .add(delivery(P0, 12))
                .open(P1, TOPIC_ID, 20)
                .advance(P1, 25, 7)
                .build());
        assertThat(sink.positions(List.of(P0, P1, P2)))
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of(P0, new Position(TOPIC_ID, 13, -1), P1, new Position(TOPIC_ID, 25, 7)));
    }

    @Test
    void write_isFencedByAnotherOffset() {
        assertFenced(batch().open(P0, TOPIC_ID, 9).add(delivery(P0, 10)), P0);
        assertFenced(batch().open(P0, TOPIC_ID, 11).add(delivery(P0, 11)), P0);
    }

    @Test
    void write_isFencedByAnotherLog() {
        assertFenced(batch().open(P0, OTHER_LOG, 10).add(delivery(P0, 10)), P0);
    }

    @Test
    void write_isFencedByAMissingPositionAndMakesNone() {
        assertFenced(batch().open(P2, TOPIC_ID, 0).add(delivery(P2, 0)), P2);
        assertThat(sink.positions(List.of(P2))).isEmpty();
    }

    @Test
    void write_isFencedByThePositionOfAnotherGroup() {
        PostgresSink<Heartbeat> other = HeartbeatSink.create(database.dataSource());
        other.open(SinkContext.of("other", TelemetryListener.none()));
        FencedException fenced = catchThrowableOfType(
                FencedException.class,
                () -> other.write(
                        batch().open(P0, TOPIC_ID, 10).add(delivery(P0, 10)).build()));
        assertThat(fenced.partitions()).containsExactly(P0);
    }

    @Test
    void write_namesExactlyTheFencedPartitionsAndWritesNothing() {
        SourcePartition p3 = Feed.partition(3);
        start(p3, 0);
        assertFenced(
                batch().open(P0, TOPIC_ID, 10)
                        .add(delivery(P0, 10))
                        .add(new DeadLetter(
                                SourceRecord.builder(P0, 11).build(), DeadLetter.Stage.DECODE, List.of("broken")))
                        .open(P1, TOPIC_ID, 19)
                        .open(P2, TOPIC_ID, 0)
                        .open(p3, TOPIC_ID, 0)
                        .add(delivery(p3, 0)),
                P1,
                P2);
    }

    @Test
    void write_comparesAnEmptyRangeToo() {
        assertFenced(batch().open(P0, TOPIC_ID, 11), P0);
        sink.write(batch().open(P0, TOPIC_ID, 10).build());
        assertThat(sink.positions(List.of(P0))).containsEntry(P0, new Position(TOPIC_ID, 10, -1));
    }

    @Test
    void write_forgetsAnEpochThatIsNotThatOfTheRecordBefore() {
        sink.write(batch().open(P0, TOPIC_ID, 10).advance(P0, 11, 4).build());
        sink.write(batch().open(P0, TOPIC_ID, 11).build());
        assertThat(sink.positions(List.of(P0))).containsEntry(P0, new Position(TOPIC_ID, 11, 4));
        sink.write(batch().open(P0, TOPIC_ID, 11).advance(P0, 12, -1).build());
        assertThat(sink.positions(List.of(P0))).containsEntry(P0, new Position(TOPIC_ID, 12, -1));
    }

    /** A plan that reads the rows in physical order: without the lock, positions are taken in the order of the plan. */
    private static final String PLAN_OF_A_SCAN = """
            DO $$ BEGIN
            EXECUTE format('ALTER DATABASE %I SET enable_nestloop = off', current_database());
            EXECUTE format('ALTER DATABASE %I SET enable_mergejoin = off', current_database());
            EXECUTE format('ALTER DATABASE %I SET enable_indexscan = off', current_database());
            EXECUTE format('ALTER DATABASE %I SET enable_bitmapscan = off', current_database());
            END $$""";

    @Test
    void write_locksPositionsInTheirOrderWhateverThePlan() throws Exception {
        SourcePartition p3 = Feed.partition(3);
        start(p3, 0);
        start(P2, 0);
        database.execute(PLAN_OF_A_SCAN);
        Batch<Heartbeat> batch =
                batch().open(P2, TOPIC_ID, 0).open(p3, TOPIC_ID, 0).build();
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try (Connection holder = database.dataSource().getConnection();
                Statement statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("SELECT FROM consumer_offsets WHERE partition = 3 FOR UPDATE");
            Future<?> writing = thread.submit(() -> sink.write(batch));
            Await.until(
                    "a writer waits for the lock",
                    Duration.ofSeconds(30),
                    () -> writing.isDone() || !database.rows(WAITING).isEmpty());
            assertThat(writing).as("waits for the lock").isNotDone();
            assertThat(database.rows(
                            "SELECT partition FROM consumer_offsets WHERE partition = 2" + " FOR UPDATE SKIP LOCKED"))
                    .as("partition 2 is locked before partition 3 is waited for")
                    .isEmpty();
            holder.rollback();
            writing.get(30, TimeUnit.SECONDS);
        } finally {
            thread.shutdownNow();
        }
    }

    @Test
    void write_ofABatchWithoutPartitionsDoesNothing() {
        PostgresSink<Heartbeat> unreachable =
                HeartbeatSink.create(new Database("jdbc:postgresql://127.0.0.1:1/none").dataSource());
        unreachable.write(Batch.<Heartbeat>builder().build());
    }

    @Test
    void write_beforeOpenIsMisuse() {
        PostgresSink<Heartbeat> closed = HeartbeatSink.create(database.dataSource());
        assertThatIllegalStateException()
                .isThrownBy(() -> closed.write(batch().open(P0, TOPIC_ID, 10).build()))
                .withMessageContaining("not open");
    }

    @Test
    void open_servesOneGroup() {
        sink.open(SinkContext.of("g", TelemetryListener.none()));
        assertThatIllegalStateException()
                .isThrownBy(() -> sink.open(SinkContext.of("h", TelemetryListener.none())))
                .withMessageContaining("group g already");
    }

    private void start(SourcePartition partition, long offset) {
        sink.change(List.of(
                new PositionChange(partition, Optional.empty(), new Position(TOPIC_ID, offset, -1), Optional.empty())));
    }

    private void assertFenced(Batch.Builder<Heartbeat> batch, SourcePartition... partitions) {
        Map<SourcePartition, Position> before = sink.positions(List.of(P0, P1, P2));
        FencedException fenced = catchThrowableOfType(FencedException.class, () -> sink.write(batch.build()));
        assertThat(fenced.partitions()).containsExactlyInAnyOrder(partitions);
        assertThat(sink.positions(List.of(P0, P1, P2))).isEqualTo(before);
        for (String table : List.of("heartbeat", "client_daily_stats", "system_info", "dead_letters")) {
            assertThat(database.count(table)).as(table).isZero();
        }
    }

    private static Batch.Builder<Heartbeat> batch() {
        return Batch.builder();
    }

    private static Delivery<Heartbeat> delivery(SourcePartition partition, long offset) {
        SourceRecord source = SourceRecord.builder(partition, offset)
                .timestampMillis(NOON.toEpochMilli())
                .build();
        return Delivery.of(heartbeat(offset, 1), NOON, source);
    }
}
