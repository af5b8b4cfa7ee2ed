package io.gpufleet.telemetry.integration.moving;

import io.gpufleet.telemetry.heartbeat.ClientId;
import io.gpufleet.telemetry.testkit.FleetGenerator;
import io.gpufleet.telemetry.testkit.FleetRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The records of ten machines from 1 to 8 January 2026, a heartbeat every six hours, no two at one time. Some records
 * are damaged, some have impossible values. Two machines have two pods, two more have two devices, the others one. Two
 * become silent on the way. Immutable.
 */
final class History {
    private static final int MACHINES = 10;
    private static final Duration INTERVAL = Duration.ofHours(6);
    private static final int ROUNDS = 8 * 4;
    private static final int SILENT_EARLY = 4;
    private static final int SILENT_LATE = 3;

    private static final List<FleetRecord> ALL = generate();

    /** A machine with one device that is silent from the second day on. */
    static final ClientId EARLY = client(SILENT_EARLY);

    /** A machine with two devices that is silent from the fifth day on. */
    static final ClientId LATE = client(SILENT_LATE);

    /** The number of devices of all machines. */
    static final int DEVICES = ALL.stream()
            .limit(MACHINES)
            .mapToInt(record -> record.heartbeat().devices().size())
            .sum();

    private History() {}

    private static List<FleetRecord> generate() {
        return FleetGenerator.builder()
                .seed(26)
                .clients(MACHINES)
                .devicesPerClient(1, 3)
                .damageRate(0.03)
                .refusalRate(0.08)
                .start(at("01-01T00"))
                .interval(INTERVAL)
                .build()
                .records(MACHINES * ROUNDS);
    }

    private static ClientId client(int machine) {
        return ALL.get(machine).heartbeat().clientId();
    }

    /** Returns an hour of the year, as in {@code 01-05T06}. */
    static Instant at(String hour) {
        return Instant.parse("2026-" + hour + ":00:00Z");
    }

    /** Returns the records of a time range. */
    static List<FleetRecord> between(Instant from, Instant to) {
        List<FleetRecord> sent = new ArrayList<>();
        for (int number = 0; number < ALL.size(); number++) {
            FleetRecord record = ALL.get(number);
            if (!record.timestamp().isBefore(from)
                    && record.timestamp().isBefore(to)
                    && !isSilent(number % MACHINES, record.timestamp())) {
                sent.add(record);
            }
        }
        return sent;
    }

    private static boolean isSilent(int machine, Instant time) {
        return (machine == SILENT_EARLY && !time.isBefore(at("01-02T00")))
                || (machine == SILENT_LATE && !time.isBefore(at("01-05T00")));
    }
}
