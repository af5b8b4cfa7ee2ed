package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.testkit.Await;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/** A step at which the compaction waits for a lock of the test, by a trigger. */
final class Pause {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String WAITING =
            "pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE"
                    + " datname = current_database())";

    /** The steps of a day, in their order. */
    enum Step {
        DAY_OPENED("AFTER INSERT ON gpu_sample_compaction"),
        ROWS_READ("BEFORE INSERT ON gpu_sample_times"),
        ARRAYS_WRITTEN("BEFORE DELETE ON gpu_sample"),
        ROWS_DELETED("AFTER DELETE ON gpu_sample"),
        BEFORE_PROGRESS("BEFORE UPDATE ON gpu_sample_compaction"),
        BEFORE_TRUNCATION("BEFORE TRUNCATE ON gpu_sample_20260301");

        private final String event;

        Step(String event) {
            this.event = event;
        }

        private String table() {
            return event.substring(event.lastIndexOf(' ') + 1);
        }
    }

    private final Database database;
    private final Step step;

    Pause(Database database, Step step) {
        this.database = database;
        this.step = step;
        database.execute("CREATE OR REPLACE FUNCTION pause() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                + " PERFORM pg_advisory_xact_lock(42); RETURN NULL; END $$; CREATE TRIGGER pause " + step.event
                + " FOR EACH STATEMENT EXECUTE FUNCTION pause()");
    }

    /** Takes the lock. */
    Connection hold() throws SQLException {
        Connection connection = database.newConnections().getConnection();
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_advisory_lock(42)");
        }
        return connection;
    }

    /** Waits until the compaction has come to the step. */
    void await() {
        Await.until("the compaction is at " + step, LIMIT, () -> database.count(WAITING) == 1);
    }

    /** Ends the session that waits. */
    void kill() {
        database.execute("SELECT pg_terminate_backend(pid) FROM " + WAITING);
        Await.until("the session has ended", LIMIT, () -> database.count(WAITING) == 0);
    }

    /** Waits until no session of another process is in a transaction. */
    void awaitEnd() {
        Await.until(
                "the sessions have ended",
                LIMIT,
                () -> database.count("pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                                + " AND state <> 'idle'")
                        == 0);
    }

    /** Releases the lock, and with it the compaction. */
    void release(Connection held) throws SQLException {
        try (Statement statement = held.createStatement()) {
            statement.execute("SELECT pg_advisory_unlock(42)");
        }
    }

    /** Removes the step. */
    void remove() {
        database.execute("DROP TRIGGER pause ON " + step.table());
    }
}
