package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.SinkException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/** The check of the connected role's rights on existing tables. Belongs to one thread. */
final class Rights {
    static final String SELECT = "SELECT";
    static final String INSERT = "SELECT, INSERT";
    static final String UPDATE = "SELECT, INSERT, UPDATE";
    static final String REPLACE = "SELECT, INSERT, UPDATE, DELETE";

    /**
     * The missing rights. A right on some columns counts as one on all columns that matter; {@code DELETE} exists on
     * tables only.
     */
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
     * Throws if a right is missing, before a record is read.
     *
     * @param needed the rights on each table, separated by commas
     * @throws SinkException with the statements that grant the missing rights
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
                    "Role " + role() + " lacks rights that the sink needs; the owner of the tables runs: "
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
