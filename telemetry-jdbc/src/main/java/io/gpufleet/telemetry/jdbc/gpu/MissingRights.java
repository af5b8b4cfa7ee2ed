package io.gpufleet.telemetry.jdbc.gpu;

import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The rights that a role lacks to create the days of pieces, and to give the space of partitions back. The first of the
 * latter in a run is logged: the days become pieces, but the disk stays full. Belongs to the thread of a run.
 */
final class MissingRights {
    private static final Logger log = LoggerFactory.getLogger(MissingRights.class);

    private static final String NO_MEMBER = """
            SELECT format('role %1$I is not a member of %2$I, the owner of %3$s, and so cannot %4$s:'
                ' run GRANT %2$I TO %1$I, or ALTER TABLE %3$s OWNER TO %1$I',
                current_user, pg_get_userbyid(relowner), oid::regclass, :action::text)
            FROM pg_class WHERE oid = to_regclass(:name) AND NOT pg_has_role(relowner, 'USAGE')""";

    private final CompactionTransactions transactions;
    private boolean isLogged;

    MissingRights(CompactionTransactions transactions) {
        this.transactions = transactions;
    }

    /** Returns what the role lacks to give space back, and how it gets it; absent if it owns the partition. */
    Optional<String> toGiveBack(Leaf leaf) {
        Optional<String> missing =
                transactions.read("catalogue", handle -> membership(handle, leaf.name(), "vacuum and truncate it"));
        missing.filter(reason -> !isLogged).ifPresent(this::warn);
        return missing;
    }

    private void warn(String reason) {
        isLogged = true;
        log.warn(
                "Space of compacted days of {} stays on the disk: {}",
                transactions.table().name(),
                reason);
    }

    /** Returns what the role lacks to create the days of pieces, and how it gets it; absent if it owns the tables. */
    Optional<String> toCreateDays() {
        CompactedTable table = transactions.table();
        return transactions.read(
                "catalogue",
                handle -> table.pieces().stream()
                        .map(piece -> table.sql("{" + piece + "}"))
                        .flatMap(piece -> membership(handle, piece, "create its days").stream())
                        .findFirst());
    }

    private static Optional<String> membership(Handle handle, String name, String action) {
        return handle.createQuery(NO_MEMBER)
                .bind("name", name)
                .bind("action", action)
                .mapTo(String.class)
                .findOne();
    }
}
