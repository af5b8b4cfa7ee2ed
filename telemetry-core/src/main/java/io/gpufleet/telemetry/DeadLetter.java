package io.gpufleet.telemetry;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * A refused record, or the refused values of a record: bytes, key, headers, source, the stage of the refusal, and every
 * reason.
 *
 * <p>For a record whose other values are stored, the sink gets an {@linkplain Decoder#excerpt excerpt}. Immutable.
 *
 * @param source the record as it lay in the log, or an excerpt of it
 * @param stage the stage that refused it
 * @param reasons every reason of the refusal, at least one
 * @param indexes the {@linkplain Delivery#index() indexes} of the refused values in the record as it lay in the log, in
 *     ascending order; none if all of it is refused
 */
public record DeadLetter(SourceRecord source, Stage stage, List<String> reasons, List<Integer> indexes) {

    /** The largest number of reasons kept for a record with many refused values: 100. */
    public static final int MOST_REASONS = 100;

    /** The stages between log and store at which a record can be refused. */
    public enum Stage {
        /** The bytes are not a value. */
        DECODE,
        /** The value is invalid, or has no event time. */
        VALIDATE,
        /** The store refused the row. */
        WRITE,
        /** Some values of the record are refused, at any stage; the others are stored. */
        SAMPLE
    }

    /**
     * Checks the components.
     *
     * @param source as the component
     * @param stage as the component
     * @param reasons as the component
     * @param indexes as the component
     */
    public DeadLetter {
        requireNonNull(source, "source");
        requireNonNull(stage, "stage");
        reasons = List.copyOf(reasons);
        indexes = indexes.stream().distinct().sorted().toList();
        if (reasons.isEmpty()) {
            throw new IllegalArgumentException("reasons: none given; at least one is needed");
        }
        if (!indexes.isEmpty() && indexes.get(0) < 0) {
            throw new IllegalArgumentException("indexes: " + indexes.get(0) + " is not 0 or more");
        }
    }

    /**
     * Creates the dead letter of a whole record.
     *
     * @param source the record as it lay in the log
     * @param stage the stage that refused it
     * @param reasons every reason of the refusal, at least one
     */
    public DeadLetter(SourceRecord source, Stage stage, List<String> reasons) {
        this(source, stage, reasons, List.of());
    }

    /**
     * Returns this letter for the whole record, of which nothing is stored.
     *
     * @return a letter without {@link #indexes()}
     */
    public DeadLetter ofWholeRecord() {
        return new DeadLetter(source, stage, reasons);
    }

    /**
     * Returns whether other values of the record are stored.
     *
     * @return true if only the values of {@link #indexes()} are refused
     */
    public boolean isPartial() {
        return !indexes.isEmpty();
    }

    /**
     * Returns the partition of the record.
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
