package io.gpufleet.telemetry.jdbc.monitor;

import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.heartbeat.ClientId;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Finds the clients that have sent no heartbeat for long, by {@code system_info}.
 *
 * <p>A client is quiet only as of the time up to which everything is written: the lag in time of the partition that is
 * most behind, whichever consumer of the service has it. As long as that is not known of every partition, as during a
 * rebalance, nobody is said to be quiet. The times of heartbeats are those of the machines, which the validator
 * compares with the service's clock: where the database's is ahead of that, the service's says how late it is. Belongs
 * to one thread.
 */
final class QuietClients {
    /** The newest sample of every partition that was sampled lately; three measurements may be missed. */
    private static final String WRITTEN_UP_TO = """
            WITH newest AS (
                SELECT DISTINCT ON (topic, partition) "timestamp", behind_ms FROM {consumer_lag_history}
                WHERE service_name = :service AND "timestamp" > now() - interval '5 minutes'
                ORDER BY topic, partition, "timestamp" DESC, id DESC
            )
            SELECT min("timestamp" - behind_ms * interval '1 ms') AS written_up_to, now() AS now FROM newest
            HAVING count(*) > 0 AND count(*) = count(behind_ms) AND min("timestamp") > now() - interval '20 seconds'""";

    private static final String QUIET = """
            SELECT client_id, heartbeat_at FROM {system_info}
            WHERE heartbeat_at < :limit AND heartbeat_at >= :first ORDER BY heartbeat_at, client_id""";

    private static final String HEARD = """
            SELECT client_id, heartbeat_at FROM {system_info}
            WHERE client_id IN (SELECT decode(hex, 'hex') FROM unnest(:quiet) AS hex) AND heartbeat_at >= :limit
            ORDER BY heartbeat_at, client_id""";

    private final Transactions transactions;
    private final Optional<String> schema;
    private final String service;
    private final Duration quietAfter;
    private final Duration forgetAfter;
    private final Map<ClientId, Instant> quiet = new HashMap<>();

    QuietClients(
            DataSource dataSource, Optional<String> schema, String service, Duration quietAfter, Duration forgetAfter) {
        this.transactions = new Transactions(dataSource, TransactionTimeouts.ASIDE);
        this.schema = schema;
        this.service = service;
        this.quietAfter = quietAfter;
        this.forgetAfter = forgetAfter;
    }

    private record Client(ClientId id, Instant heartbeatAt) {
        static Client of(ResultSet row) throws SQLException {
            return new Client(
                    ClientId.of(row.getBytes("client_id")),
                    row.getObject("heartbeat_at", OffsetDateTime.class).toInstant());
        }
    }

    /** Looks once, and returns who has become quiet and who was heard again. */
    List<TelemetryEvent> look() {
        return look(Clock.systemUTC());
    }

    /** Looks once by the clock of the service. */
    List<TelemetryEvent> look(Clock clock) {
        return transactions.call(
                "clients", connection -> Jdbi.create(connection).withHandle(handle -> look(handle, clock)));
    }

    private List<TelemetryEvent> look(Handle handle, Clock clock) {
        Optional<Instant> writtenUpTo = handle.createQuery(Identifier.qualifyAll(schema, WRITTEN_UP_TO))
                .bind("service", service)
                .map((row, context) -> writtenUpTo(row, clock.instant()))
                .findOne();
        if (writtenUpTo.isEmpty()) {
            return List.of();
        }
        Instant limit = writtenUpTo.get().minus(quietAfter);
        List<TelemetryEvent> events = new ArrayList<>(heard(handle, limit));
        for (Client client : quiet(handle, limit)) {
            if (quiet.put(client.id(), client.heartbeatAt()) == null) {
                events.add(new TelemetryEvent.ClientQuiet(client.id().toString(), client.heartbeatAt()));
            }
        }
        quiet.values().removeIf(last -> last.isBefore(limit.minus(forgetAfter)));
        return events;
    }

    private static Instant writtenUpTo(ResultSet row, Instant now) throws SQLException {
        Instant written = row.getObject("written_up_to", OffsetDateTime.class).toInstant();
        Duration ahead =
                Duration.between(now, row.getObject("now", OffsetDateTime.class).toInstant());
        return ahead.isNegative() ? written : written.minus(ahead);
    }

    private List<Client> quiet(Handle handle, Instant limit) {
        return handle.createQuery(Identifier.qualifyAll(schema, QUIET))
                .bind("limit", limit.atOffset(ZoneOffset.UTC))
                .bind("first", limit.minus(forgetAfter).atOffset(ZoneOffset.UTC))
                .map((row, context) -> Client.of(row))
                .list();
    }

    private List<TelemetryEvent> heard(Handle handle, Instant limit) {
        if (quiet.isEmpty()) {
            return List.of();
        }
        List<Client> heard = handle.createQuery(Identifier.qualifyAll(schema, HEARD))
                .bind("limit", limit.atOffset(ZoneOffset.UTC))
                .bindArray(
                        "quiet",
                        String.class,
                        quiet.keySet().stream().map(ClientId::toString).toList())
                .map((row, context) -> Client.of(row))
                .list();
        heard.forEach(client -> quiet.remove(client.id()));
        return heard.stream()
                .<TelemetryEvent>map(
                        client -> new TelemetryEvent.ClientHeard(client.id().toString(), client.heartbeatAt()))
                .toList();
    }
}
