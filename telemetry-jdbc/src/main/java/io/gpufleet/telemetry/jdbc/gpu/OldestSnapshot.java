package io.gpufleet.telemetry.jdbc.gpu;

import org.jdbi.v3.core.Handle;

/**
 * The oldest transaction or snapshot that keeps deleted rows in their files: of a session, a prepared transaction, a
 * replication slot or a standby.
 */
final class OldestSnapshot {
    /** A transaction without a snapshot keeps rows, too. A standby with a slot holds them by the slot. */
    private static final String HOLDER = """
            SELECT holder FROM (
                SELECT CASE
                        WHEN backend_type = 'walsender' THEN format('standby %1$s (pid %2$s), snapshot of transaction %3$s'
                            ' by hot_standby_feedback; end its oldest query, or set hot_standby_feedback to off there',
                            application_name, pid, backend_xmin)
                        WHEN backend_xmin IS NULL THEN format('pid %1$s (%2$s), transaction %3$s; end it, or wait for its end',
                            pid, application_name, backend_xid)
                        ELSE format('pid %1$s (%2$s), snapshot of transaction %3$s; end it, or wait for its end',
                            pid, application_name, backend_xmin)
                    END AS holder, greatest(age(backend_xmin), age(backend_xid)) AS age, xact_start AS since
                FROM pg_stat_activity
                WHERE num_nonnulls(backend_xmin, backend_xid) > 0 AND pid <> pg_backend_pid()
                    AND (datname = current_database() OR backend_type = 'walsender')
                UNION ALL
                SELECT format('prepared transaction %1$L of %2$s, since %3$s; run COMMIT PREPARED %1$L or'
                        ' ROLLBACK PREPARED %1$L', gid, owner, date_trunc('second', prepared)), age(transaction), prepared
                FROM pg_prepared_xacts WHERE database = current_database()
                UNION ALL
                SELECT format('%1$s replication slot %2$s, xmin %3$s; ', CASE WHEN active THEN 'active' ELSE 'inactive' END,
                        slot_name, xmin) || CASE WHEN active
                    THEN 'end the oldest query of its standby, or set hot_standby_feedback to off there'
                    ELSE format('start its standby, or run SELECT pg_drop_replication_slot(%L)', slot_name) END,
                    age(xmin), NULL
                FROM pg_replication_slots WHERE xmin IS NOT NULL
            ) AS h ORDER BY age DESC, since LIMIT 1""";

    private static final String BLIND =
            "SELECT format('; role %1$I sees no session of others: GRANT pg_read_all_stats TO"
                    + " %1$I', current_user) WHERE NOT pg_has_role('pg_read_all_stats', 'USAGE')";

    private OldestSnapshot() {}

    /** Returns its holder after a colon; if none is known, the right that shows it. */
    static String words(Handle handle) {
        return handle.createQuery(HOLDER)
                .mapTo(String.class)
                .findOne()
                .map(holder -> ": " + holder)
                .or(() -> handle.createQuery(BLIND).mapTo(String.class).findOne())
                .orElse("");
    }
}
