package io.gpufleet.telemetry.jdbc.gpu;

import org.jdbi.v3.core.Handle;

/** The oldest snapshot of the server, for the reason why rows are still visible. */
final class OldestSnapshot {
    private static final String OLDEST_SNAPSHOT = """
            SELECT format('pid %s (%s), snapshot of transaction %s', pid, application_name, backend_xmin)
            FROM pg_stat_activity WHERE backend_xmin IS NOT NULL AND pid <> pg_backend_pid()
                AND (datname = current_database() OR backend_type = 'walsender')
            ORDER BY age(backend_xmin) DESC, xact_start LIMIT 1""";

    private OldestSnapshot() {}

    /** Returns its holder after a colon; nothing if none is known. */
    static String words(Handle handle) {
        return handle.createQuery(OLDEST_SNAPSHOT)
                .mapTo(String.class)
                .findOne()
                .map(session -> ": " + session)
                .orElse("");
    }
}
