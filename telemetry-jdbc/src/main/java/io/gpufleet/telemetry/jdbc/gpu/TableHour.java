package io.gpufleet.telemetry.jdbc.gpu;

import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;

/**
 * The rows of an old table whose samples are of one UTC hour, at one moment: their hash and their number say whether
 * others have come, gone or changed since.
 *
 * @param begin the begin of the hour; {@link #NO_TIME} for rows without a time that a sample can have
 * @param rows the number of rows
 * @param hash the hash of what makes their samples, and of their ids
 */
record TableHour(OffsetDateTime begin, long rows, long hash) {
    /** What the driver reads as, and writes for, {@code -infinity}. */
    static final OffsetDateTime NO_TIME = OffsetDateTime.MIN;

    /** Returns whether the rows have times. */
    boolean isTimed() {
        return !begin.equals(NO_TIME);
    }

    /** Returns the UTC day of the hour. */
    LocalDate day() {
        return begin.withOffsetSameInstant(ZoneOffset.UTC).toLocalDate();
    }

    static OffsetDateTime beginOf(LocalDate day) {
        return day.atStartOfDay().atOffset(ZoneOffset.UTC);
    }

    @Override
    public String toString() {
        return isTimed() ? Instant.from(begin).toString() : "without a time";
    }
}
