package io.gpufleet.telemetry.kafka;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Remembers the timestamps of what was passed to a lane until it is written: how far a partition has come in time, to
 * the poll. Owned by the poll thread.
 */
final class WrittenTimes {
    private record Passed(long next, long timestamp) {}

    private final ArrayDeque<Passed> underWay = new ArrayDeque<>();
    private @Nullable Instant newest;

    /** Takes the position behind records that were passed on, and the timestamp of the last one. */
    void passed(long next, long timestamp) {
        underWay.add(new Passed(next, timestamp));
    }

    /** Takes the position before which everything is written. */
    void written(long next) {
        for (Passed oldest = underWay.peek(); oldest != null && oldest.next <= next; oldest = underWay.peek()) {
            newest = oldest.timestamp < 0 ? newest : Instant.ofEpochMilli(oldest.timestamp);
            underWay.remove();
        }
    }

    /** The timestamp of the newest record that is written; absent if none is, or it has none. */
    Optional<Instant> newest() {
        return Optional.ofNullable(newest);
    }

    void clear() {
        underWay.clear();
        newest = null;
    }
}
