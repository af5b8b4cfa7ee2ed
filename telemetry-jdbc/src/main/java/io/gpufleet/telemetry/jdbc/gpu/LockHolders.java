package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.internal.HostFault;
import java.util.List;
import java.util.stream.Collectors;

/** The sessions that hold locks of tables, for the reason why one could not be locked in time. Immutable. */
final class LockHolders {
    /** A prepared transaction has no process; it holds the lock of its own number, too. */
    private static final String HOLDERS = """
            SELECT DISTINCT CASE WHEN x.gid IS NOT NULL THEN format('prepared transaction %L', x.gid)
                ELSE format('pid %s (%s)', l.pid, a.application_name) END AS holder
            FROM pg_locks AS l LEFT JOIN pg_stat_activity AS a USING (pid)
                LEFT JOIN pg_locks AS own ON l.pid IS NULL AND own.pid IS NULL AND own.locktype = 'transactionid'
                    AND own.virtualtransaction = l.virtualtransaction
                LEFT JOIN pg_prepared_xacts AS x ON x.transaction = own.transactionid
            WHERE l.relation = to_regclass(:name) AND l.granted AND l.pid IS DISTINCT FROM pg_backend_pid()
                AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            ORDER BY 1""";

    private final CompactionTransactions transactions;

    LockHolders(CompactionTransactions transactions) {
        this.transactions = transactions;
    }

    /** Returns the reason of a lock timeout, with the sessions that hold locks of some tables now. */
    String reason(SinkException failure, List<String> tables) {
        try {
            return failure.getMessage() + of(tables);
        } catch (SinkException e) {
            failure.addSuppressed(e);
            return HostFault.words(failure);
        }
    }

    /** Returns the sessions that hold locks of some tables now, after a semicolon; nothing if there are none. */
    String of(List<String> tables) {
        String holders = transactions.read(
                "locks",
                handle -> tables.stream()
                        .flatMap(table -> handle.createQuery(HOLDERS).bind("name", table).mapTo(String.class).stream())
                        .collect(Collectors.joining(", ")));
        return holders.isEmpty() ? "" : "; held by " + holders;
    }
}
