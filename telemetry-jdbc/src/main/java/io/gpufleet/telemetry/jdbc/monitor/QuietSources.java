package io.gpufleet.telemetry.jdbc.monitor;

import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import io.gpufleet.telemetry.jdbc.internal.TransactionTimeouts;
import io.gpufleet.telemetry.jdbc.internal.Transactions;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * The search for sources of a table that were not heard for long.
 *
 * <p>Silence is measured up to the time up to which everything is written, given by the partition that is furthest
 * behind, on any consumer of the service. While that time is unknown for a partition, as during a rebalance, no source
 * counts as quiet. The times in the table come from the sources, and a validator compares them with the service's
 * clock: if the database's clock is ahead of it, the service's clock counts. Belongs to one thread.
 */
final class QuietSources {
    /**
     * The time up to which everything is written: the newest sample of every partition that was sampled lately; three
     * measurements may be missing.
     */
    private static final String WRITTEN_UP_TO = """
            WITH newest AS (
                SELECT DISTINCT ON (topic, partition) "timestamp", behind_ms FROM {consumer_lag_history}
                WHERE service_name = :service AND "timestamp" > now() - interval '5 minutes'
                ORDER BY topic, partition, "timestamp" DESC, id DESC
            )
            SELECT min("timestamp" - behind_ms * interval '1 ms') AS written_up_to, now() AS now FROM newest
            HAVING count(*) > 0 AND count(*) = count(behind_ms) AND min("timestamp") > now() - interval '20 seconds'""";

    /**
     * The quiet sources, by table, key and time. In a table with one row for each source, a newer row is searched only
     * for the few old ones.
     */
    private static final String QUIET = """
            SELECT %2$s AS source, CAST(%2$s AS text) AS key, %3$s AS at FROM %1$s AS old
            WHERE %3$s < :limit AND %3$s >= :first AND NOT EXISTS (
                SELECT FROM %1$s AS newer WHERE newer.%2$s = old.%2$s AND newer.%3$s > old.%3$s)
            ORDER BY at, key""";

    /**
     * The sources that were heard again, by table, key, time and the key's type, with which an index on the key is
     * used.
     */
    private static final String HEARD = """
            SELECT %2$s AS source, CAST(%2$s AS text) AS key, max(%3$s) AS at FROM %1$s
            WHERE %2$s = ANY (CAST(:quiet AS %4$s[])) AND %3$s >= :limit
            GROUP BY %2$s ORDER BY at, key""";

    /** The type of the key. With the modifier -1, "character" is "bpchar", which does not cut keys to one character. */
    private static final String TYPE = """
            SELECT format_type(atttypid, -1) FROM pg_attribute
            WHERE attrelid = to_regclass(:table) AND attname = :key AND NOT attisdropped""";

    private final Transactions transactions;
    private final Optional<String> schema;
    private final String service;
    private final QuietRule rule;
    private final SourceTable table;
    private final String qualified;
    private final Duration forgetAfter;
    private final Map<String, Instant> quiet = new HashMap<>();

    QuietSources(DataSource dataSource, Optional<String> schema, String service, QuietRule rule, Duration forgetAfter) {
        this.transactions = new Transactions(dataSource, TransactionTimeouts.ASIDE);
        this.schema = schema;
        this.service = service;
        this.rule = rule;
        this.table = rule.table();
        this.qualified = table.qualified(schema);
        this.forgetAfter = forgetAfter;
    }

    /** A source, by its key as PostgreSQL prints it, and by the host's name for it. */
    private record Source(String key, String name, Instant at) {}

    private Source source(ResultSet row) throws SQLException {
        String key = row.getString("key");
        String printed =
                row.getObject("source") instanceof byte[] bytes ? HexFormat.of().formatHex(bytes) : key;
        return new Source(
                key,
                table.name(printed),
                row.getObject("at", OffsetDateTime.class).toInstant());
    }

    /** Looks once, and returns the events of sources that have become quiet or were heard again. */
    List<TelemetryEvent> look() {
        return look(Clock.systemUTC());
    }

    /** Looks once, by the clock of the service. */
    List<TelemetryEvent> look(Clock clock) {
        return transactions.call(
                table.table(), connection -> Jdbi.create(connection).withHandle(handle -> look(handle, clock)));
    }

    private List<TelemetryEvent> look(Handle handle, Clock clock) {
        Optional<Instant> writtenUpTo = handle.createQuery(Identifier.qualifyAll(schema, WRITTEN_UP_TO))
                .bind("service", service)
                .map((row, context) -> writtenUpTo(row, clock.instant()))
                .findOne();
        if (writtenUpTo.isEmpty()) {
            return List.of();
        }
        Instant limit = writtenUpTo.get().minus(rule.quietAfter());
        // Both are read before anything is noted: a look that fails is repeated without missing an event.
        List<Source> heard = heard(handle, limit);
        return note(heard, quiet(handle, limit), limit.minus(forgetAfter));
    }

    private List<TelemetryEvent> note(List<Source> heard, List<Source> silent, Instant forgotten) {
        List<TelemetryEvent> events = new ArrayList<>();
        for (Source source : heard) {
            quiet.remove(source.key());
            events.add(new TelemetryEvent.ClientHeard(source.name(), source.at(), table.table()));
        }
        for (Source source : silent) {
            if (quiet.put(source.key(), source.at()) == null) {
                events.add(new TelemetryEvent.ClientQuiet(source.name(), source.at(), table.table()));
            }
        }
        quiet.values().removeIf(last -> last.isBefore(forgotten));
        return events;
    }

    private static Instant writtenUpTo(ResultSet row, Instant now) throws SQLException {
        Instant written = row.getObject("written_up_to", OffsetDateTime.class).toInstant();
        Duration ahead =
                Duration.between(now, row.getObject("now", OffsetDateTime.class).toInstant());
        return ahead.isNegative() ? written : written.minus(ahead);
    }

    private List<Source> quiet(Handle handle, Instant limit) {
        return handle.createQuery(QUIET.formatted(qualified, table.quotedKey(), table.quotedTime()))
                .bind("limit", limit.atOffset(ZoneOffset.UTC))
                .bind("first", limit.minus(forgetAfter).atOffset(ZoneOffset.UTC))
                .map((row, context) -> source(row))
                .list();
    }

    private List<Source> heard(Handle handle, Instant limit) {
        if (quiet.isEmpty()) {
            return List.of();
        }
        return handle.createQuery(HEARD.formatted(qualified, table.quotedKey(), table.quotedTime(), keyType(handle)))
                .bind("limit", limit.atOffset(ZoneOffset.UTC))
                .bindArray("quiet", String.class, List.copyOf(quiet.keySet()))
                .map((row, context) -> source(row))
                .list();
    }

    private String keyType(Handle handle) {
        return handle.createQuery(TYPE)
                .bind("table", qualified)
                .bind("key", table.key())
                .mapTo(String.class)
                .findOne()
                .orElseThrow(
                        () -> new TelemetryException("Table " + qualified + " has no column " + table.quotedKey()));
    }
}
