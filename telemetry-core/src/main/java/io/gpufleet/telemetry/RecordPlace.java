package io.gpufleet.telemetry;

import java.util.Map;

/**
 * The place of a record in its log. Immutable.
 *
 * @param partition its partition
 * @param offset its offset there
 */
record RecordPlace(SourcePartition partition, long offset) {
    static RecordPlace of(Delivery<?> delivery) {
        return new RecordPlace(delivery.partition(), delivery.offset());
    }

    static RecordPlace of(DeadLetter letter) {
        return new RecordPlace(letter.partition(), letter.offset());
    }

    static RecordPlace of(RecordCounts record) {
        return new RecordPlace(record.partition(), record.offset());
    }

    boolean liesIn(Map<SourcePartition, OffsetRange> ranges) {
        OffsetRange range = ranges.get(partition);
        return range != null && offset >= range.from() && offset < range.next();
    }

    @Override
    public String toString() {
        return partition + "@" + offset;
    }
}
