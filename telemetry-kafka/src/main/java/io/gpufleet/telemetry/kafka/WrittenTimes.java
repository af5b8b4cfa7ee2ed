package io.gpufleet.telemetry.kafka;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The timestamps of records on their way through a lane until they are written: the progress of a partition in time, by
 * poll. Owned by the poll thread.
 */
final class WrittenTimes {
    private record Passed(long next, long timestamp) {}

    private final ArrayDeque<Passed> underWay = new ArrayDeque<>();
    private @Nullable Instant newest;

    /** Notes the position behind records passed on, with the timestamp of the last one. */
    void passed(long next, long timestamp) {
        underWay.add(new Passed(next, timestamp));
    }

    /** Notes the durable position. */
    void written(long next) {
        for (Passed oldest = underWay.peek(); oldest != null && oldest.next <= next; oldest = underWay.peek()) {
            newest = oldest.timestamp < 0 ? newest : Instant.ofEpochMilli(oldest.timestamp);
            underWay.remove();
        }
    }

    /** Returns the timestamp of the newest written record; absent if there is no record, or it has no timestamp. */
    Optional<Instant> newest() {
        return Optional.ofNullable(newest);
    }

    void clear() {
        underWay.clear();
        newest = null;
    }
}
