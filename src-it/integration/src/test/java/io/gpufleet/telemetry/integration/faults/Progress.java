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
 * The progress of every partition, read several times a second, with the longest standstill of a partition with lag
 * while all its resources were available. Thread-safe.
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

    /** Called when the topic has another id, since it was recreated. */
    void follow(UUID id) {
        topicId = id;
    }

    /** Returns the progress of the partitions of the topic's present log, in the order of their numbers. */
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
     * Waits until all of these partitions have reached an offset. One without a position does not count as there, even
     * if it is empty: its records may be deleted with its topic before the tables know of it.
     */
    void await(String what, Map<Integer, Long> wanted) {
        Await.until(
                "positions at " + wanted + ": " + what,
                LIMIT,
                this::positions,
                positions -> wanted.entrySet().stream()
                        .allMatch(end -> positions.getOrDefault(end.getKey(), NONE) >= end.getValue()));
    }

    /** Excuses a partition at exactly this offset for the duration of a fault. */
    synchronized void excuse(int partition, long position) {
        excused.put(partition, String.valueOf(position));
    }

    /** Begins an outage: from now on a standstill is not the consumers' fault. */
    synchronized void suspend() {
        away = true;
        excused.clear();
    }

    /** Ends an outage: all servers are available, and the time of every consumer starts again. */
    synchronized void resume(String after) {
        away = false;
        fault = after;
        standing.clear();
    }

    synchronized Duration longestStandstill() {
        return longest;
    }

    /** Returns the partition with the longest standstill, and its fault. */
    synchronized String longestStandstillInWords() {
        return longestInWords;
    }

    private void run() {
        while (!closed) {
            try {
                note(positions(), broker.endOffsets(topic));
            } catch (RuntimeException e) {
                // The query fails for other reasons than the consumers; it is repeated.
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
