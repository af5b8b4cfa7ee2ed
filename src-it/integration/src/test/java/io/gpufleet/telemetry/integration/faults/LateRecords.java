package io.gpufleet.telemetry.integration.faults;

import io.gpufleet.telemetry.testkit.TestRecord;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;

/** The records of a fleet, some of them late, and some once more long after they were sent. Not thread-safe. */
final class LateRecords implements Iterator<TestRecord> {
    private static final int LATE_ONE_IN = 20;
    private static final int AGAIN_ONE_IN = 25;
    /** Less than a day of the fleet, so that none is older than the days that are kept. */
    private static final int MOST_KEPT = 400;

    private final Iterator<TestRecord> fleet;
    private final Random random;
    private final List<TestRecord> heldBack = new ArrayList<>();
    private final List<TestRecord> sent = new ArrayList<>();

    LateRecords(Iterator<TestRecord> fleet, long seed) {
        this.fleet = fleet;
        this.random = new Random(seed);
    }

    @Override
    public boolean hasNext() {
        return fleet.hasNext();
    }

    @Override
    public TestRecord next() {
        if (heldBack.size() > MOST_KEPT / 2) {
            return note(heldBack.remove(random.nextInt(heldBack.size() / 2)));
        }
        if (!sent.isEmpty() && random.nextInt(AGAIN_ONE_IN) == 0) {
            return sent.get(random.nextInt(sent.size()));
        }
        TestRecord next = fleet.next();
        while (random.nextInt(LATE_ONE_IN) == 0) {
            heldBack.add(next);
            next = fleet.next();
        }
        return note(next);
    }

    private TestRecord note(TestRecord record) {
        sent.add(record);
        if (sent.size() > MOST_KEPT) {
            sent.remove(0);
        }
        return record;
    }
}
