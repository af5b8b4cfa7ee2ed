package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.SinkException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/** The rights of the role that is connected, on tables that are there. Belongs to one thread. */
final class Rights {
    static final String INSERT = "SELECT, INSERT";
    static final String UPDATE = "SELECT, INSERT, UPDATE";
    static final String REPLACE = "SELECT, INSERT, UPDATE, DELETE";

    /** A right on a column is believed to be on the columns that matter; only on tables there is one to delete. */
    private static final String MISSING = """
            SELECT r.name FROM unnest(string_to_array(:rights, ', ')) WITH ORDINALITY AS r(name, n)
            WHERE NOT CASE r.name
                WHEN 'DELETE' THEN has_table_privilege(to_regclass(:table), 'DELETE')
                ELSE has_any_column_privilege(to_regclass(:table), r.name) END
            ORDER BY r.n""";

    private final Handle handle;

    Rights(Handle handle) {
        this.handle = handle;
    }

    /**
     * Refuses to go on without a right, before a record is read.
     *
     * @param needed the rights on each table, separated by commas
     * @throws SinkException that names what is missing, as the statements that grant it
     */
    void require(Map<TableShape, String> needed) {
        List<String> grants = new ArrayList<>();
        needed.forEach((table, rights) -> {
            List<String> missing = missing(table, rights);
            if (!missing.isEmpty()) {
                grants.add("GRANT " + String.join(", ", missing) + " ON " + table.qualifiedName() + " TO " + role());
            }
        });
        if (!grants.isEmpty()) {
            throw new SinkException(
                    SinkException.Kind.FATAL,
                    "The role " + role() + " may not do all that the sink does; the owner of the tables runs: "
                            + String.join("; ", grants));
        }
    }

    private List<String> missing(TableShape table, String rights) {
        return handle.createQuery(MISSING)
                .bind("table", table.qualifiedName())
                .bind("rights", rights)
                .mapTo(String.class)
                .list();
    }

    private String role() {
        return handle.createQuery("SELECT quote_ident(current_user)")
                .mapTo(String.class)
                .one();
    }
}
