package io.gpufleet.telemetry.integration.exactlyonce;

import io.gpufleet.telemetry.integration.audited.AuditHook;
import io.gpufleet.telemetry.integration.audited.AuditedConsumer;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatInvariant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;

/** The database's record of the applied records, and of their number. Thread-safe. */
final class Audit {
    private static final String MILLIS = "(extract(epoch FROM %s) * 1000)::bigint";

    private final DataSource database;
    private final Jdbi jdbi;

    private Audit(DataSource database) {
        this.database = database;
        this.jdbi = Jdbi.create(database);
    }

    /** Creates the tables that the {@link AuditHook} writes to. */
    static Audit install(DataSource database) {
        Audit audit = new Audit(database);
        audit.jdbi.useHandle(handle -> handle.execute(AuditHook.TABLES));
        return audit;
    }

    /** Returns how often a record was applied. */
    long rows() {
        return number("SELECT count(*) FROM audit");
    }

    /** Returns the number of applied places of the log. */
    long distinctOffsets() {
        return number("SELECT count(*) FROM (SELECT DISTINCT topic_id, partition, kafka_offset FROM audit) AS d");
    }

    /** Returns the number of repeated applications of a place in the log, in one query, while writers continue. */
    long doubledOffsets() {
        return number("SELECT count(*) - count(DISTINCT (topic_id, partition, kafka_offset)) FROM audit");
    }

    /** Returns the number of repeated applications of a record, wherever it was in the log. */
    long duplicates() {
        return number("SELECT count(*) - count(DISTINCT record_millis) FROM audit");
    }

    /** Returns the applied records, by their times, which are unique. */
    Set<Long> records() {
        return Set.copyOf(numbers("SELECT DISTINCT record_millis FROM audit"));
    }

    /** Returns the sums of the counters. */
    Map<Integer, Long> counters() {
        return byPartition("SELECT partition, records FROM audit_counter");
    }

    /** Returns the expected sums of the counters. */
    Map<Integer, Long> rowsByPartition() {
        return byPartition("SELECT partition, count(*) FROM audit GROUP BY partition");
    }

    Map<Integer, Long> positions() {
        return byPartition("SELECT partition, next_offset FROM consumer_offsets");
    }

    /** Returns the partitions of which a consumer has written records. */
    List<Long> partitionsOf(AuditedConsumer consumer) {
        return numbers("SELECT DISTINCT partition FROM audit WHERE writer = " + consumer.writer());
    }

    /** Returns how often the writer of a partition changed. */
    long handovers() {
        return number("SELECT count(*) FROM (SELECT writer, lag(writer) OVER (PARTITION BY topic_id, partition"
                + " ORDER BY kafka_offset) AS previous FROM audit) AS w WHERE writer <> previous");
    }

    Set<Long> heartbeats() {
        return Set.copyOf(numbers("SELECT DISTINCT " + MILLIS.formatted("\"timestamp\"") + " FROM heartbeat"));
    }

    long heartbeatRows() {
        return number("SELECT count(*) FROM heartbeat");
    }

    /** Returns the dead letters by time and content, with duplicates. */
    List<String> deadLetters() {
        String sql = "SELECT " + MILLIS.formatted("record_timestamp") + " || ' ' || md5(value) FROM dead_letters";
        return jdbi.withHandle(
                handle -> handle.createQuery(sql).mapTo(String.class).list());
    }

    List<String> gaps() {
        String sql = "SELECT reason FROM consumption_gaps ORDER BY id";
        return jdbi.withHandle(
                handle -> handle.createQuery(sql).mapTo(String.class).list());
    }

    HeartbeatInvariant.Result invariant() {
        return HeartbeatInvariant.check(database);
    }

    /** Returns the number of device readings in the statistics. */
    long deviceHeartbeats() {
        return number("SELECT coalesce(sum(total_heartbeats), 0) FROM device_daily_stats");
    }

    /** Returns the number of clients whose state is not that of their newest heartbeat. */
    long staleStates() {
        return number("SELECT count(*) FROM (SELECT client_id, max(\"timestamp\") AS newest FROM heartbeat GROUP BY 1)"
                + " AS h FULL JOIN system_info AS s USING (client_id) WHERE s.heartbeat_at IS DISTINCT FROM h.newest");
    }

    /** Returns the number of sessions that wait for a lock. */
    long waiting() {
        return number("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                + " AND wait_event_type = 'Lock'");
    }

    private long number(String sql) {
        return jdbi.withHandle(
                handle -> handle.createQuery(sql).mapTo(Long.class).one());
    }

    private List<Long> numbers(String sql) {
        return jdbi.withHandle(
                handle -> handle.createQuery(sql).mapTo(Long.class).list());
    }

    private Map<Integer, Long> byPartition(String sql) {
        return jdbi.withHandle(handle ->
                new TreeMap<>(handle.createQuery(sql).reduceRows(new TreeMap<Integer, Long>(), (map, row) -> {
                    map.put(row.getColumn(1, Integer.class), row.getColumn(2, Long.class));
                    return map;
                })));
    }
}
