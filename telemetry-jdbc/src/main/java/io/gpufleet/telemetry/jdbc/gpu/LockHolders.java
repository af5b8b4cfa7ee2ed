package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.SinkException;
import java.util.List;
import java.util.stream.Collectors;

/** The sessions that hold locks of tables, for the reason why one could not be locked in time. Immutable. */
final class LockHolders {
    private static final String HOLDERS = """
            SELECT DISTINCT format('pid %s (%s)', l.pid, a.application_name) AS holder
            FROM pg_locks AS l LEFT JOIN pg_stat_activity AS a USING (pid)
            WHERE l.relation = to_regclass(:name) AND l.granted AND l.pid <> pg_backend_pid()
                AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            ORDER BY 1""";

    private final CompactionTransactions transactions;

    LockHolders(CompactionTransactions transactions) {
        this.transactions = transactions;
    }

    /** Returns the reason of a lock timeout, with the sessions that hold locks of some tables now. */
    String reason(SinkException failure, List<String> tables) {
        String holders = holders(failure, tables);
        return failure.getMessage() + (holders.isEmpty() ? "" : "; held by " + holders);
    }

    private String holders(SinkException failure, List<String> tables) {
        try {
            return transactions.read(
                    "locks",
                    handle -> tables.stream()
                            .flatMap(table ->
                                    handle.createQuery(HOLDERS).bind("name", table).mapTo(String.class).stream())
                            .collect(Collectors.joining(", ")));
        } catch (SinkException e) {
            failure.addSuppressed(e);
            return "";
        }
    }
}
