package io.gpufleet.telemetry.jdbc.query;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** The sizes of buckets that a range allows: so many buckets that an answer stays readable. */
final class Buckets {
    /** The most buckets of an answer, as in Prometheus. */
    static final int MOST = 11_000;

    private Buckets() {}

    /**
     * Checks a size.
     *
     * @throws InvalidQueryException if it gives more than {@value #MOST} buckets
     */
    static void require(TimeRange range, Duration bucket) {
        if (number(range, bucket.toSeconds()) > MOST) {
            long seconds = seconds(range);
            throw new InvalidQueryException(
                    "bucket",
                    "bucket must be " + smallest(range) + ".." + Math.max(seconds, 1) + " for this range, was "
                            + bucket.toSeconds());
        }
    }

    private static long smallest(TimeRange range) {
        long smallest = Math.max(1, (seconds(range) + MOST - 1) / MOST);
        while (number(range, smallest) > MOST) {
            smallest++;
        }
        return smallest;
    }

    private static long seconds(TimeRange range) {
        return ChronoUnit.SECONDS.between(range.start(), range.end());
    }

    /** Returns the number of buckets, on the grid that begins at 1970, which the range touches. */
    private static long number(TimeRange range, long seconds) {
        return place(range.end(), seconds) - place(range.start(), seconds) + 1;
    }

    private static long place(Instant time, long seconds) {
        return Math.floorDiv(time.getEpochSecond(), seconds);
    }
}
