package io.gpufleet.telemetry;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * A record that was set aside: its original bytes, key, headers and source, the stage that refused it, and every
 * reason.
 *
 * <p>Immutable.
 *
 * @param source the record as it lay in the log
 * @param stage the stage that refused it
 * @param reasons all that is wrong with it, at least one
 */
public record DeadLetter(SourceRecord source, Stage stage, List<String> reasons) {

    /** The stages of the way from the log into the store that can refuse a record. */
    public enum Stage {
        /** The bytes are no value. */
        DECODE,
        /** The value is not acceptable, or it has no time. */
        VALIDATE,
        /** The store refused the row. */
        WRITE
    }

    /**
     * Checks the components.
     *
     * @param source as the component
     * @param stage as the component
     * @param reasons as the component
     */
    public DeadLetter {
        requireNonNull(source, "source");
        requireNonNull(stage, "stage");
        reasons = List.copyOf(reasons);
        if (reasons.isEmpty()) {
            throw new IllegalArgumentException("reasons: at least one");
        }
    }

    /**
     * Returns where the record lay.
     *
     * @return topic and partition
     */
    public SourcePartition partition() {
        return source.partition();
    }

    /**
     * Returns the record's offset in its partition.
     *
     * @return 0 or more
     */
    public long offset() {
        return source.offset();
    }
}
