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

/** What the database says about what was applied, and how often. Thread-safe. */
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

    /** How often a record was applied. */
    long rows() {
        return number("SELECT count(*) FROM audit");
    }

    /** How many places of the log were applied. */
    long distinctOffsets() {
        return number("SELECT count(*) FROM (SELECT DISTINCT topic_id, partition, kafka_offset FROM audit) AS d");
    }

    /** How often a place of the log was applied that had been applied before: in one look, while writers go on. */
    long doubledOffsets() {
        return number("SELECT count(*) - count(DISTINCT (topic_id, partition, kafka_offset)) FROM audit");
    }

    /** How often a record was applied that had been applied before, wherever it lay. */
    long duplicates() {
        return number("SELECT count(*) - count(DISTINCT record_millis) FROM audit");
    }

    /** The records that were applied, by their times, which no two share. */
    Set<Long> records() {
        return Set.copyOf(numbers("SELECT DISTINCT record_millis FROM audit"));
    }

    /** The sums of the counters. */
    Map<Integer, Long> counters() {
        return byPartition("SELECT partition, records FROM audit_counter");
    }

    /** What the counters should be. */
    Map<Integer, Long> rowsByPartition() {
        return byPartition("SELECT partition, count(*) FROM audit GROUP BY partition");
    }

    Map<Integer, Long> positions() {
        return byPartition("SELECT partition, next_offset FROM consumer_offsets");
    }

    /** The partitions of which a consumer has written something. */
    List<Long> partitionsOf(AuditedConsumer consumer) {
        return numbers("SELECT DISTINCT partition FROM audit WHERE writer = " + consumer.writer());
    }

    /** How often the writer of a partition changed. */
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

    /** The dead letters by time and content, a duplicate as often as it is there. */
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

    /** How many readings of devices the statistics hold. */
    long deviceHeartbeats() {
        return number("SELECT coalesce(sum(total_heartbeats), 0) FROM device_daily_stats");
    }

    /** How many clients have a state that is not that of their newest heartbeat. */
    long staleStates() {
        return number("SELECT count(*) FROM (SELECT client_id, max(\"timestamp\") AS newest FROM heartbeat GROUP BY 1)"
                + " AS h FULL JOIN system_info AS s USING (client_id) WHERE s.heartbeat_at IS DISTINCT FROM h.newest");
    }

    /** How many sessions wait for a lock. */
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
