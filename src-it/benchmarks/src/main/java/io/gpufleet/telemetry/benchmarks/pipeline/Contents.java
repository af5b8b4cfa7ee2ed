package io.gpufleet.telemetry.benchmarks.pipeline;

import java.sql.SQLException;
import java.util.List;

/**
 * What the tables hold in the end. Immutable.
 *
 * @param heartbeats how many are stored
 * @param clientTotals how many are counted by {@code client_daily_stats}
 * @param deviceTotals how many are counted by {@code device_daily_stats}
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

    /** What all heartbeats of a backlog make, each once. */
    public static Contents ofAll(Backlog backlog) {
        return ofDays(backlog, 1);
    }

    /** What all heartbeats of so many backlogs make that are like this one, but of other days. */
    public static Contents ofDays(Backlog backlog, int days) {
        return of(backlog, (long) days * backlog.records(), Math.min(backlog.clients(), backlog.records()));
    }

    /** What so many heartbeats of a backlog make, each once, of the machines whose heartbeats are stored. */
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

    /** What so many heartbeats of a backlog make where only {@code heartbeat} is written. */
    static Contents ofHeartbeatsOnly(long records) {
        return new Contents(records, 0, 0, 0, 0, 0);
    }

    /** Fails unless the tables hold exactly this. */
    public void requireIn(Database database, String row) throws SQLException {
        Contents found = of(database);
        if (!found.equals(this)) {
            throw new IllegalStateException(row + ": the tables hold " + found + ", and not " + this);
        }
    }

    /** Fails unless the tables hold this, and may count more of what was delivered again. */
    void requireAtLeastIn(Database database, String row) throws SQLException {
        Contents found = of(database);
        boolean counted = found.clientTotals >= clientTotals && found.deviceTotals >= deviceTotals;
        if (!counted || !found.withTotalsOf(this).equals(this)) {
            throw new IllegalStateException(row + ": the tables hold " + found + ", and not at least " + this);
        }
    }

    /** These contents and a number of uncounted heartbeats. */
    public Contents withHeartbeats(long more) {
        return new Contents(heartbeats + more, clientTotals, deviceTotals, clients, devices, letters);
    }

    private Contents withTotalsOf(Contents other) {
        return new Contents(heartbeats, other.clientTotals, other.deviceTotals, clients, devices, letters);
    }
}
