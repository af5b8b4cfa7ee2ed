package io.gpufleet.telemetry.jdbc;

import static io.gpufleet.telemetry.jdbc.Heartbeats.NOON;
import static io.gpufleet.telemetry.jdbc.Heartbeats.heartbeat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.TelemetryEvent.DuplicatesDropped;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatInvariant;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class InsertOnceTest {
    private Database database;
    private Feed<Heartbeat> feed;

    @BeforeEach
    void open() {
        database = PostgresVersion.POSTGRES_18.database();
        feed = Feed.open(HeartbeatSink.create(database.dataSource()), Feed.P0);
    }

    /** A third of the heartbeats repeat earlier ones, so that the fast and the cautious statement alternate. */
    @Test
    void write_dropsExactlyTheDuplicates() {
        Random random = new Random(3);
        int distinct = 0;
        int total = 0;
        List<Integer> seen = new ArrayList<>();
        for (int batch = 0; batch < 300; batch++) {
            boolean replay = batch % 120 == 119;
            for (int i = 0; i < 5; i++) {
                int number = replay && i % 2 == 0 ? seen.get(random.nextInt(seen.size())) : distinct++;
                seen.add(number);
                total++;
                feed.add(heartbeat(number % 7, number % 100), NOON.plusSeconds(number));
            }
            feed.write();
        }
        assertThat(database.count("heartbeat")).isEqualTo(distinct);
        assertThat(database.row("SELECT sum(total_heartbeats) FROM client_daily_stats"))
                .isEqualTo(Integer.toString(distinct));
        assertThat(feed.events().stream()
                        .mapToInt(event -> ((DuplicatesDropped) event).count())
                        .sum())
                .isEqualTo(total - distinct);
        assertThat(HeartbeatInvariant.check(database.dataSource())).hasToString("Invariant holds");
    }

    /**
     * An insert that collides leaves dead rows, which the server counts; after a collision there are none for a while.
     */
    @Test
    void write_isCautiousForAHundredBatchesAfterACollision() {
        feed.add(heartbeat(1, 1), NOON).write();
        feed.add(heartbeat(1, 1), NOON).write();
        awaitDeadInserts(1);
        for (int i = 0; i < 100; i++) {
            feed.add(heartbeat(0, 1), NOON.plusSeconds(i))
                    .add(heartbeat(1, 1), NOON)
                    .write();
        }
        awaitDeadInserts(1);
        for (int i = 100; i < 103; i++) {
            feed.add(heartbeat(0, 1), NOON.plusSeconds(i))
                    .add(heartbeat(1, 1), NOON)
                    .write();
        }
        awaitDeadInserts(3);
    }

    /** Texts that are two in Java and one in PostgreSQL would be folded twice. */
    @Test
    void open_refusesKeysThatOnlyPostgresTakesForEqual() {
        database.execute(
                "CREATE COLLATION caseless (provider = icu, locale = 'und-u-ks-level2', deterministic = false);"
                        + " CREATE TABLE named (name text COLLATE caseless PRIMARY KEY)");
        PostgresSink<Heartbeat> sink = PostgresSink.<Heartbeat>builder(database.dataSource())
                .insertOnce(PostgresTable.<Delivery<Heartbeat>>builder("named")
                        .key("name", ColumnType.TEXT, Delivery::toString)
                        .build())
                .build();
        assertThatThrownBy(() -> Feed.open(sink, Feed.P1)).hasMessageContaining("deterministic collation");
    }

    @Test
    void write_takesZerosOfBothSignsForOne() {
        database.execute("CREATE TABLE measured (x float8 PRIMARY KEY)");
        Feed<Heartbeat> measured = Feed.open(
                PostgresSink.<Heartbeat>builder(database.dataSource())
                        .insertOnce(PostgresTable.<Delivery<Heartbeat>>builder("measured")
                                .key("x", ColumnType.FLOAT8, d -> d.offset() == 1 ? -0.0 : 0.0)
                                .build())
                        .build(),
                Feed.P1);
        measured.add(heartbeat(1, 10), NOON).add(heartbeat(1, 20), NOON).write();
        assertThat(database.rows("SELECT x FROM measured")).containsExactly("0");
    }

    /** The counts of a session arrive when it has ended. */
    private void awaitDeadInserts(int expected) {
        Await.until(
                "rows that were inserted and are not there",
                Duration.ofSeconds(20),
                () -> database.row("SELECT n_tup_ins - (SELECT count(*) FROM heartbeat), n_live_tup"
                        + " FROM pg_stat_user_tables WHERE relname = 'heartbeat'"),
                counts -> counts.equals(expected + "|" + database.count("heartbeat")));
    }
}
