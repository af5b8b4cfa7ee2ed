package io.gpufleet.telemetry.integration.faults;

import com.zaxxer.hikari.HikariDataSource;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.KafkaTopics;
import io.gpufleet.telemetry.testkit.PostgresDatabase;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.jdbi.v3.core.Jdbi;

/**
 * Looks several times a second how far every partition is, and notes the longest time that one with lag stood still
 * while nothing that it needs was away. Thread-safe.
 */
final class Progress implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final long NONE = -1L;
    private static final long PAUSE_NANOS = Duration.ofMillis(200).toNanos();

    private record Standing(String position, long sinceNanos) {}

    private final KafkaTopics broker;
    private final HikariDataSource database;
    private final String topic;
    private volatile UUID topicId;
    private final Map<Integer, Standing> standing = new HashMap<>();
    private final Map<Integer, String> excused = new HashMap<>();
    private final Thread thread = new Thread(this::run, "progress");
    private volatile boolean closed;
    private boolean away = true;
    private String fault = "none";
    private Duration longest = Duration.ZERO;
    private String longestInWords = "none";

    Progress(KafkaTopics broker, PostgresDatabase database, String topic, UUID topicId) {
        this.broker = broker;
        this.database = impatient(database);
        this.topic = topic;
        this.topicId = topicId;
        thread.setDaemon(true);
        thread.start();
    }

    private static HikariDataSource impatient(PostgresDatabase database) {
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl(database.jdbcUrl() + "&connectTimeout=2&socketTimeout=2");
        pool.setMaximumPoolSize(2);
        pool.setConnectionTimeout(Duration.ofSeconds(2).toMillis());
        return pool;
    }

    /** The topic has another id now: it was recreated. */
    void follow(UUID id) {
        topicId = id;
    }

    /** How far the partitions of the topic's present log are, in the order of their numbers. */
    Map<Integer, Long> positions() {
        return Jdbi.create(database)
                .withHandle(handle -> handle.createQuery(
                                "SELECT partition, next_offset FROM consumer_offsets WHERE topic = ? AND topic_id = ?")
                        .bind(0, topic)
                        .bind(1, topicId)
                        .reduceRows(new TreeMap<>(), (positions, row) -> {
                            positions.put(
                                    row.getColumn("partition", Integer.class),
                                    row.getColumn("next_offset", Long.class));
                            return positions;
                        }));
    }

    /**
     * Waits until all of these partitions are so far, or farther. One without a position is not there yet, even if
     * nothing lies in it: what it gets may go with its topic before the tables have ever heard of it.
     */
    void await(String what, Map<Integer, Long> wanted) {
        Await.until(
                "positions at " + wanted + ": " + what,
                LIMIT,
                this::positions,
                positions -> wanted.entrySet().stream()
                        .allMatch(end -> positions.getOrDefault(end.getKey(), NONE) >= end.getValue()));
    }

    /** A partition that stands just there can do nothing about it, as long as this fault lasts. */
    synchronized void excuse(int partition, long position) {
        excused.put(partition, String.valueOf(position));
    }

    /** Something that the consumers need goes away: from now on standing still is no fault of theirs. */
    synchronized void suspend() {
        away = true;
        excused.clear();
    }

    /** All servers are back after a fault, or in spite of it, and every consumer's time starts again. */
    synchronized void resume(String after) {
        away = false;
        fault = after;
        standing.clear();
    }

    synchronized Duration longestStandstill() {
        return longest;
    }

    /** Which partition that was, and after which fault. */
    synchronized String longestStandstillInWords() {
        return longestInWords;
    }

    private void run() {
        while (!closed) {
            try {
                note(positions(), broker.endOffsets(topic));
            } catch (RuntimeException e) {
                // The one who looks is not the one who is tested: he looks again.
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private synchronized void note(Map<Integer, Long> positions, Map<Integer, Long> ends) {
        if (away) {
            return;
        }
        long now = System.nanoTime();
        ends.forEach((partition, end) -> {
            String position = String.valueOf(positions.get(partition));
            boolean isExcused = position.equals(excused.get(partition));
            boolean moves = isExcused || position.equals(end.toString()) || end == 0;
            Standing before = standing.get(partition);
            if (before == null || moves || !before.position().equals(position)) {
                standing.put(partition, new Standing(position, now));
            } else {
                noteStandstill(partition, position, Duration.ofNanos(now - before.sinceNanos()));
            }
        });
    }

    private void noteStandstill(int partition, String position, Duration still) {
        if (still.compareTo(longest) > 0) {
            longest = still;
            longestInWords = "partition " + partition + " at " + position + " after: " + fault;
        }
    }

    @Override
    public void close() {
        closed = true;
        database.close();
    }
}
