package io.gpufleet.telemetry.examples.quickstart;

import io.gpufleet.telemetry.examples.terminal.Text;
import io.gpufleet.telemetry.testkit.FleetGenerator;
import io.gpufleet.telemetry.testkit.FleetRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/**
 * The records that a fleet of machines with 1 to 8 GPUs sent in the last 24 hours, in wire form: a few are damaged, and
 * a few have impossible values. Immutable.
 */
final class SimulatedFleet {
    private static final Duration DAY = Duration.ofDays(1);
    private static final double DAMAGED = 0.001;
    private static final double REFUSED = 0.001;

    private final int machines;
    private final Duration interval;
    private final List<FleetRecord> records;

    private SimulatedFleet(int machines, Duration interval, List<FleetRecord> records) {
        this.machines = machines;
        this.interval = interval;
        this.records = records;
    }

    static SimulatedFleet ofLastDay(int machines, int heartbeatsOfEach) {
        Duration interval = DAY.dividedBy(heartbeatsOfEach);
        List<FleetRecord> records = FleetGenerator.builder()
                .clients(machines)
                .devicesPerClient(1, 8)
                .start(Instant.now().minus(DAY))
                .interval(interval)
                .damageRate(DAMAGED)
                .refusalRate(REFUSED)
                .build()
                .records(machines * heartbeatsOfEach);
        return new SimulatedFleet(machines, interval, records);
    }

    List<FleetRecord> records() {
        return records;
    }

    /** Returns the number of records of a kind. */
    long count(FleetRecord.Kind kind) {
        return records.stream().filter(record -> record.kind() == kind).count();
    }

    /** Returns the number of machines with at least one storable heartbeat. */
    long machinesHeard() {
        return good().map(record -> record.heartbeat().clientId()).distinct().count();
    }

    /** Returns a sum over all storable heartbeats. */
    long sum(ToLongFunction<FleetRecord> value) {
        return good().mapToLong(value).sum();
    }

    private Stream<FleetRecord> good() {
        return records.stream().filter(record -> record.kind() == FleetRecord.Kind.GOOD);
    }

    @Override
    public String toString() {
        return Text.count(records.size()) + " heartbeats of " + Text.count(machines)
                + " machines over 24 hours, one every " + Text.duration(interval) + " from each";
    }
}
