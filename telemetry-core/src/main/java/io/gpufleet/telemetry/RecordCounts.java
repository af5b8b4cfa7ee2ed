package io.gpufleet.telemetry;

import static java.util.Objects.requireNonNull;

import java.util.Map;

/**
 * The numbers of a record's values that are not stored. Immutable.
 *
 * @param partition the partition of the record
 * @param offset its offset there, 0 or more
 * @param refused the refused values, 0 or more
 * @param repeated those of them that no dead letter holds, because another record's letter of the same
 *     {@linkplain Decoder.Values#refuse(String, String) kind} was stored shortly before or after; 0 to {@code refused}
 * @param others the numbers that its decoder {@linkplain Decoder.Values#count counted}, by their names
 */
public record RecordCounts(
        SourcePartition partition, long offset, int refused, int repeated, Map<String, Integer> others) {

    /**
     * Checks the components.
     *
     * @param partition as the component
     * @param offset as the component
     * @param refused as the component
     * @param repeated as the component
     * @param others as the component
     */
    public RecordCounts {
        requireNonNull(partition, "partition");
        others = Map.copyOf(others);
        if (offset < 0) {
            throw new IllegalArgumentException("offset: " + offset + " is not 0 or more");
        }
        if (repeated < 0 || repeated > refused) {
            throw new IllegalArgumentException("repeated: " + repeated + " is not between 0 and " + refused);
        }
    }
}
