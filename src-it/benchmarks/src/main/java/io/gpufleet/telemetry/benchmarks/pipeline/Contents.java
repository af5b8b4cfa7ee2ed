package io.gpufleet.telemetry.benchmarks.pipeline;

import java.sql.SQLException;
import java.util.List;

/**
 * The final contents of the tables. Immutable.
 *
 * @param heartbeats the number of stored heartbeats
 * @param clientTotals the heartbeats counted in {@code client_daily_stats}
 * @param deviceTotals the heartbeats counted in {@code device_daily_stats}
 * @param clients rows of {@code system_info}
 * @param devices rows of {@code device_info}
 * @param letters rows of {@code dead_letters}
 */
public record Contents(
        long heartbeats, long clientTotals, long deviceTotals, long clients, long devices, long letters) {
    private static final String QUERY = """
            SELECT (SELECT count(*) FROM heartbeat),
                   (SELECT coalesce(sum(total_heartbeats), 0) FROM client_daily_stats),
                   (SELECT coalesce(sum(total_heartbeats), 0) FROM device_daily_stats),
                   (SELECT count(*) FROM system_info),
                   (SELECT count(*) FROM device_info),
                   (SELECT count(*) FROM dead_letters)""";

    static Contents of(Database database) throws SQLException {
        List<Long> row = database.numbers(QUERY);
        return new Contents(row.get(0), row.get(1), row.get(2), row.get(3), row.get(4), row.get(5));
    }

    /** Returns the contents made by all heartbeats of a backlog, each once. */
    public static Contents ofAll(Backlog backlog) {
        return ofDays(backlog, 1);
    }

    /** Returns the contents made by a number of backlogs like this one, each of another day. */
    public static Contents ofDays(Backlog backlog, int days) {
        return of(backlog, (long) days * backlog.records(), Math.min(backlog.clients(), backlog.records()));
    }

    /**
     * Returns the contents made by a number of heartbeats of a backlog, each once, for the machines with stored
     * heartbeats.
     */
    static Contents ofPart(Backlog backlog, long records, Database database) throws SQLException {
        return of(
                backlog,
                records,
                database.numbers("SELECT count(DISTINCT client_id) FROM heartbeat")
                        .get(0));
    }

    private static Contents of(Backlog backlog, long records, long clients) {
        int devices = backlog.devices();
        return new Contents(records, records, records * devices, clients, clients * devices, 0);
    }

    /** Returns the contents made by a number of heartbeats if only {@code heartbeat} is written. */
    static Contents ofHeartbeatsOnly(long records) {
        return new Contents(records, 0, 0, 0, 0, 0);
    }

    /** Fails unless the tables hold exactly these contents. */
    public void requireIn(Database database, String row) throws SQLException {
        Contents found = of(database);
        if (!found.equals(this)) {
            throw new IllegalStateException(row + ": the tables hold " + found + ", and not " + this);
        }
    }

    /** Fails unless the tables hold these contents; heartbeats delivered again may count more often. */
    void requireAtLeastIn(Database database, String row) throws SQLException {
        Contents found = of(database);
        boolean counted = found.clientTotals >= clientTotals && found.deviceTotals >= deviceTotals;
        if (!counted || !found.withTotalsOf(this).equals(this)) {
            throw new IllegalStateException(row + ": the tables hold " + found + ", and not at least " + this);
        }
    }

    /** Returns these contents with a number of uncounted heartbeats. */
    public Contents withHeartbeats(long more) {
        return new Contents(heartbeats + more, clientTotals, deviceTotals, clients, devices, letters);
    }

    private Contents withTotalsOf(Contents other) {
        return new Contents(heartbeats, other.clientTotals, other.deviceTotals, clients, devices, letters);
    }
}
