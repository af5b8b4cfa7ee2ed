package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.TelemetryException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * The check, before anything is created, that the connected role has the rights to create the tables. Belongs to one
 * thread.
 */
final class InstallRights {
    /** The server's SQLSTATE for a missing right, by which scripts tell it from other failures. */
    private static final String NO_RIGHT = "42501";

    private final Handle handle;
    private final String role;

    InstallRights(Handle handle) {
        this.handle = handle;
        this.role = text("SELECT quote_ident(current_user)").orElseThrow();
    }

    /**
     * Throws if a right is missing. If the histories exist, only new tables are created, and a role that creates none
     * needs no rights.
     *
     * @param wanted the schema, if one was named
     * @param histories the tables of the histories
     * @throws TelemetryException with the statement that grants the missing right
     */
    void require(Optional<String> wanted, List<String> histories) {
        String schema = wanted.or(() -> text("SELECT current_schema()"))
                .orElseThrow(() -> refused("Search path of role " + role + " has no existing schema"
                        + " that the role may use: name the schema of the tables"));
        if (!exists("SELECT 1 FROM pg_namespace WHERE nspname = :name", schema)) {
            requireCreateSchema(schema);
        } else if (histories.stream().allMatch(history -> isThere(history, schema))) {
            requireOn(schema, List.of("USAGE"));
        } else {
            requireOn(schema, List.of("USAGE", "CREATE"));
        }
    }

    private boolean isThere(String history, String schema) {
        return exists("""
                SELECT 1 FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
                WHERE n.nspname = :name AND c.relname = '""" + history + "'", schema);
    }

    private void requireCreateSchema(String schema) {
        if (!exists("SELECT 1 WHERE has_database_privilege(current_database(), :name)", "CREATE")) {
            String database = text("SELECT quote_ident(current_database())").orElseThrow();
            throw refused("Role " + role + " may not create schema " + quoted(schema) + "; the owner of database "
                    + database + " runs: GRANT CREATE ON DATABASE " + database + " TO " + role
                    + ", or creates it: CREATE SCHEMA " + quoted(schema) + " AUTHORIZATION " + role);
        }
    }

    private void requireOn(String schema, List<String> rights) {
        List<String> missing = new ArrayList<>(rights);
        missing.removeIf(right -> exists("SELECT 1 WHERE has_schema_privilege(:name, '" + right + "')", schema));
        if (!missing.isEmpty()) {
            throw refused("Role " + role + " may not create tables in schema " + quoted(schema)
                    + "; its owner runs: GRANT " + String.join(", ", missing) + " ON SCHEMA " + quoted(schema) + " TO "
                    + role);
        }
    }

    private static TelemetryException refused(String words) {
        String all = words + ". Nothing was changed";
        return new TelemetryException(all, new SQLException(all, NO_RIGHT));
    }

    private Optional<String> text(String sql) {
        return handle.createQuery(sql).mapTo(String.class).findOne();
    }

    private String quoted(String name) {
        return handle.createQuery("SELECT quote_ident(:name)")
                .bind("name", name)
                .mapTo(String.class)
                .one();
    }

    private boolean exists(String sql, String name) {
        return handle.createQuery(sql)
                .bind("name", name)
                .mapTo(Integer.class)
                .findOne()
                .isPresent();
    }
}
