package io.gpufleet.telemetry.examples.quickstart;

import io.gpufleet.telemetry.examples.terminal.Text;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatInvariant;
import io.gpufleet.telemetry.testkit.FleetRecord;
import java.io.PrintStream;
import java.sql.SQLException;
import javax.sql.DataSource;

/** Compares the tables with the fleet's records, and recomputes the statistics. Not thread-safe. */
final class Proof {
    private final DataSource database;
    private final SimulatedFleet fleet;
    private final Comparison comparison;

    Proof(DataSource database, SimulatedFleet fleet) {
        this.database = database;
        this.fleet = fleet;
        this.comparison = new Comparison(database, "Is it all there, and only once?");
    }

    /** Makes every check, prints them, and returns whether all hold. */
    boolean print(PrintStream out) throws SQLException {
        compareRecords();
        compareStatistics();
        comparison.print(out);
        boolean holds = checkInvariant(out) && comparison.holds();
        out.println(holds ? "All checks hold." : "NOT all checks hold.");
        return holds;
    }

    private boolean checkInvariant(PrintStream out) throws SQLException {
        HeartbeatInvariant.Result invariant = HeartbeatInvariant.check(database);
        out.println();
        if (invariant.holds()) {
            long rows = Query.number(database, "SELECT count(*) FROM client_daily_stats");
            out.println("Invariant holds: all " + Text.count(rows)
                    + " daily statistics of clients match the stored heartbeats.");
        } else {
            out.println("The invariant DOES NOT HOLD: " + Text.count(invariant.differences()) + " values differ.");
            invariant.first().forEach(difference -> out.println("  " + difference));
        }
        return invariant.holds();
    }

    private void compareRecords() throws SQLException {
        comparison.add("heartbeats", fleet.count(FleetRecord.Kind.GOOD), "SELECT count(*) FROM heartbeat");
        comparison.add(
                "damaged records, as dead letters",
                fleet.count(FleetRecord.Kind.DAMAGED),
                "SELECT count(*) FROM dead_letters WHERE stage = 'decode'");
        comparison.add(
                "refused records, as dead letters",
                fleet.count(FleetRecord.Kind.REFUSED),
                "SELECT count(*) FROM dead_letters WHERE stage = 'validate'");
        comparison.add(
                "records before the stored positions",
                fleet.records().size(),
                "SELECT sum(next_offset) FROM consumer_offsets");
    }

    private void compareStatistics() throws SQLException {
        comparison.add("machines with a newest state", fleet.machinesHeard(), "SELECT count(*) FROM system_info");
        comparison.add(
                "heartbeats in the daily statistics",
                fleet.count(FleetRecord.Kind.GOOD),
                "SELECT sum(total_heartbeats) FROM client_daily_stats");
        comparison.add(
                "bytes received in the daily statistics",
                fleet.sum(record -> record.heartbeat().systemInfo().networkRx()),
                "SELECT sum(total_network_in_bytes) FROM client_daily_stats");
        comparison.add(
                "GPU readings in the daily statistics",
                fleet.sum(record -> record.heartbeat().devices().size()),
                "SELECT sum(total_heartbeats) FROM device_daily_stats");
        comparison.add(
                "sum of their temperatures in C",
                fleet.sum(record -> temperatures(record.heartbeat())),
                "SELECT sum(sum_temperature) FROM device_daily_stats");
    }

    private static long temperatures(Heartbeat heartbeat) {
        return heartbeat.devices().stream()
                .mapToLong(device -> device.temperature())
                .sum();
    }
}
