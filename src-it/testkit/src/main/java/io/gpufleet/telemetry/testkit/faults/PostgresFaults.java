package io.gpufleet.telemetry.testkit.faults;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.testkit.PostgresDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * Faults inside a PostgreSQL, until {@link #heal()}: ended sessions, a read-only server, a full disk, no connection
 * left. {@link io.gpufleet.telemetry.testkit.PostgresServer} itself can be killed, suspended and restored from an older
 * copy, and {@link PostgresProxy} loses commits.
 *
 * <p>It works as the superuser, whom no limit of connections affects, so the tested service must have its own role.
 * Thread-safe.
 */
public final class PostgresFaults {
    private static final Pattern SQL_STATE = Pattern.compile("[0-9A-Z]{5}");
    private static final Pattern NAME = Pattern.compile("[a-z_][a-z0-9_]*");

    private static final String FAIL_WRITES = """
            CREATE TABLE IF NOT EXISTS injected_errors (table_name text PRIMARY KEY, sqlstate text NOT NULL);
            CREATE OR REPLACE FUNCTION fail_if_injected() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
            DECLARE
                injected text := (SELECT sqlstate FROM injected_errors WHERE table_name = TG_TABLE_NAME);
            BEGIN
                IF injected IS NOT NULL THEN
                    RAISE EXCEPTION 'injected into table %', TG_TABLE_NAME USING ERRCODE = injected;
                END IF;
                RETURN NULL;
            END $$;
            CREATE OR REPLACE TRIGGER fail_if_injected BEFORE INSERT OR UPDATE ON {table}
                FOR EACH STATEMENT EXECUTE FUNCTION fail_if_injected();
            INSERT INTO injected_errors VALUES ('{table}', '{state}')
                ON CONFLICT (table_name) DO UPDATE SET sqlstate = excluded.sqlstate""";

    private static final String HEAL_WRITES = """
            DO $$ BEGIN
                IF to_regclass('injected_errors') IS NOT NULL THEN
                    DELETE FROM injected_errors;
                END IF;
            END $$""";

    private final PostgresDatabase database;
    private final Set<String> limited = ConcurrentHashMap.newKeySet();

    private PostgresFaults(PostgresDatabase database) {
        this.database = database;
    }

    /**
     * Prepares faults of a database and its server.
     *
     * @param database a database of the server, which is not changed yet
     * @return its faults
     */
    public static PostgresFaults of(PostgresDatabase database) {
        return new PostgresFaults(requireNonNull(database, "database"));
    }

    /**
     * Ends all sessions of a role on the server. New ones are accepted.
     *
     * @param role its name in lower case
     * @throws IllegalStateException if the server does not answer
     */
    public void terminateSessions(String role) {
        execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '" + name("role", role) + "'");
    }

    /**
     * Makes the whole server read-only (25006), as a standby does after a failover, from every session's next
     * transaction on.
     *
     * @throws IllegalStateException if the server does not answer
     */
    public void readOnly() {
        execute("ALTER SYSTEM SET default_transaction_read_only = on");
        execute("SELECT pg_reload_conf()");
    }

    /**
     * Ends all sessions of a role and refuses new ones (53300).
     *
     * @param role its name in lower case, not that of a superuser
     * @throws IllegalStateException if the server does not answer
     */
    public void refuseConnections(String role) {
        limited.add(name("role", role));
        execute("ALTER ROLE " + role + " CONNECTION LIMIT 0");
        terminateSessions(role);
    }

    /**
     * Makes every INSERT and UPDATE of a table fail.
     *
     * @param table its name in lower case, found by the search path
     * @param sqlState the SQLSTATE of the failures, 53100 for a full disk; not that of a success or a warning
     * @throws IllegalStateException if there is no such table, or the server does not answer
     */
    public void failWrites(String table, String sqlState) {
        if (!SQL_STATE.matcher(sqlState).matches() || sqlState.startsWith("00") || sqlState.startsWith("01")) {
            throw new IllegalArgumentException("sqlState: \"" + sqlState + "\" is not the SQLSTATE of an error");
        }
        execute(FAIL_WRITES.replace("{table}", name("table", table)).replace("{state}", sqlState));
    }

    /**
     * Ends all these faults.
     *
     * @throws IllegalStateException if the server does not answer
     */
    public void heal() {
        execute("ALTER SYSTEM RESET default_transaction_read_only");
        execute("SELECT pg_reload_conf()");
        execute(HEAL_WRITES);
        limited.removeIf(role -> {
            execute("ALTER ROLE " + role + " CONNECTION LIMIT -1");
            return true;
        });
    }

    private static String name(String what, String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    what + ": \"" + name + "\" is not a name of lower-case letters, digits and underscores");
        }
        return name;
    }

    /** Runs SQL in a session that may write, whatever the default of others is. */
    private void execute(String sql) {
        try (Connection connection = database.dataSource().getConnection()) {
            run(connection, "SET default_transaction_read_only = off");
            run(connection, sql);
        } catch (SQLException e) {
            throw new IllegalStateException("cannot change " + database + ": " + e.getMessage(), e);
        }
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.execute();
        }
    }

    @Override
    public String toString() {
        return "faults of " + database;
    }
}
