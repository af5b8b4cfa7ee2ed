package io.gpufleet.telemetry.jdbc;

import static io.gpufleet.telemetry.jdbc.Heartbeats.NOON;
import static io.gpufleet.telemetry.jdbc.Heartbeats.device;
import static io.gpufleet.telemetry.jdbc.Heartbeats.heartbeat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.FencedException;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.SinkException.Kind;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatInvariant;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class ConcurrentWritersTest {
    private static final int WRITERS = 4;
    private static final int BATCHES = 60;
    private static final int CLIENTS = 40;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private Database database;
    private HikariDataSource pool;

    @BeforeEach
    void open() {
        database = PostgresVersion.POSTGRES_18.database();
        pool = Pools.of(database, WRITERS);
    }

    @AfterEach
    void close() {
        threads.shutdownNow();
        pool.close();
    }

    /** Every writer has its own partition and writes the same clients, in its own order. */
    @Test
    void write_ofTheSameKeysInOppositeOrdersDoesNotDeadlock() throws Exception {
        PostgresSink<Heartbeat> sink = HeartbeatSink.create(pool);
        List<Callable<Void>> writers = new ArrayList<>();
        for (int writer = 0; writer < WRITERS; writer++) {
            Feed<Heartbeat> feed = Feed.open(sink, Feed.partition(writer));
            int number = writer;
            writers.add(() -> write(feed, number));
        }
        for (Future<Void> writer : threads.invokeAll(writers)) {
            writer.get();
        }
        assertThat(database.count("heartbeat")).isEqualTo((long) WRITERS * BATCHES * CLIENTS);
        assertThat(database.row("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"))
                .isEqualTo("0");
        assertThat(HeartbeatInvariant.check(database.dataSource())).hasToString("Invariant holds");
    }

    private static Void write(Feed<Heartbeat> feed, int writer) {
        for (int batch = 0; batch < BATCHES; batch++) {
            for (int i = 0; i < CLIENTS; i++) {
                int client = writer % 2 == 0 ? i : CLIENTS - 1 - i;
                feed.add(
                        heartbeat(client, batch % 100, device(1), device(2)),
                        NOON.plusMillis(WRITERS * batch + writer));
            }
            feed.write();
        }
        return null;
    }

    /** Four groups race for the same heartbeats: each is stored by the first of them. */
    @Test
    void write_ofTheSameHeartbeatsByManyGroupsStoresThemOnce() throws Exception {
        List<Callable<Void>> writers = new ArrayList<>();
        for (int writer = 0; writer < WRITERS; writer++) {
            Feed<Heartbeat> feed = Feed.open(HeartbeatSink.create(pool), Feed.P0, "group" + writer);
            writers.add(() -> write(feed, 0));
        }
        for (Future<Void> writer : threads.invokeAll(writers)) {
            writer.get();
        }
        assertThat(database.count("heartbeat")).isEqualTo((long) BATCHES * CLIENTS);
        assertThat(database.row("SELECT sum(total_heartbeats) FROM client_daily_stats"))
                .isEqualTo(Integer.toString(BATCHES * CLIENTS));
        assertThat(HeartbeatInvariant.check(database.dataSource())).hasToString("Invariant holds");
    }

    /** A writer stands still in its transaction; the partition's next owner continues when the server ends it. */
    @Test
    void write_waitsForAZombieNoLongerThanTheTimeouts() throws Exception {
        CountDownLatch standing = new CountDownLatch(1);
        CountDownLatch revived = new CountDownLatch(1);
        PostgresSink<Heartbeat> zombie = HeartbeatSink.builder(pool)
                .idleInTransactionTimeout(Duration.ofMillis(300))
                .inTransaction((connection, batch) -> {
                    standing.countDown();
                    await(revived);
                })
                .build();
        Feed<Heartbeat> stopped = Feed.open(zombie, Feed.P0).add(heartbeat(1, 1), NOON);
        Future<SinkException> failure = threads.submit(() -> catchThrowableOfType(SinkException.class, stopped::write));
        standing.await();

        Feed<Heartbeat> next = Feed.open(HeartbeatSink.create(pool), Feed.P0);
        next.add(heartbeat(1, 2), NOON).write();
        revived.countDown();

        assertThat(failure.get().kind()).isEqualTo(Kind.TRANSIENT);
        assertThat(database.rows("SELECT cpu_usage FROM heartbeat")).containsExactly("2");
        assertThat(zombie.positions(List.of(Feed.P0))).containsEntry(Feed.P0, new Position(Feed.TOPIC_ID, 1, -1));
    }

    /** Of two owners of a partition, one waits for the other, and is then fenced. */
    @Test
    void write_byTwoOwnersOfAPartitionFencesTheSecond() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        PostgresSink<Heartbeat> first = HeartbeatSink.builder(pool)
                .inTransaction((connection, batch) -> {
                    inside.countDown();
                    await(go);
                })
                .build();
        Feed<Heartbeat> winner = Feed.open(first, Feed.P0).add(heartbeat(1, 1), NOON);
        Feed<Heartbeat> loser = Feed.open(HeartbeatSink.create(pool), Feed.P0).add(heartbeat(1, 2), NOON);
        Future<?> winning = threads.submit(winner::write);
        inside.await();
        AtomicReference<FencedException> fenced = new AtomicReference<>();
        Future<?> losing = threads.submit(() -> fenced.set(catchThrowableOfType(FencedException.class, loser::write)));
        Await.until(
                "the second owner waits for the first",
                Duration.ofSeconds(20),
                () -> database.row("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                                + " AND wait_event_type = 'Lock'")
                        .equals("1"));
        go.countDown();
        winning.get();
        losing.get();
        assertThat(fenced.get().partitions()).containsExactly(Feed.P0);
        assertThat(database.rows("SELECT cpu_usage FROM heartbeat")).containsExactly("1");
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
