package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.TelemetryEvent;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * The hand-over of polled records to the lanes, within the budget. Before a poll it reserves the size of the largest
 * poll so far; records that still exceed the budget are left in the log and fetched again later. Owned by the poll
 * thread.
 */
final class Intake<T> {
    private static final long FIRST_RESERVATION = 1 << 20;

    private final Consumer<byte[], byte[]> consumer;
    private final Assignments assignments;
    private final List<Lane<T>> lanes;
    private final BufferBudget budget;
    private final Events events;
    private final long[] reservations;
    private final long[] leftInLog;
    private final boolean[] full;

    Intake(
            Consumer<byte[], byte[]> consumer,
            Assignments assignments,
            List<Lane<T>> lanes,
            BufferBudget budget,
            Events events) {
        this.consumer = consumer;
        this.assignments = assignments;
        this.lanes = lanes;
        this.budget = budget;
        this.events = events;
        this.full = new boolean[lanes.size()];
        this.leftInLog = new long[lanes.size()];
        this.reservations = new long[lanes.size()];
        Arrays.fill(reservations, Math.min(FIRST_RESERVATION, budget.share() / 2));
    }

    /**
     * Returns whether a lane takes no more: it is near its share (until below half of it), has no room yet for the
     * record left in the log (which would be fetched in vain), or is retrying.
     */
    boolean isClosed(int lane) {
        long used = budget.usedBy(lane);
        long needed = Math.max(reservations[lane], leftInLog[lane]);
        if (used > 0 && used + needed > budget.share()) {
            full[lane] = true;
        } else if (used <= budget.share() / 2) {
            full[lane] = false;
        }
        return full[lane] || lanes.get(lane).isRetrying();
    }

    /** Hands the records of one poll to the lanes. */
    void accept(ConsumerRecords<byte[], byte[]> polled, long nowNanos) {
        long[] heldByLane = new long[lanes.size()];
        int count = 0;
        long bytes = 0;
        forgetLeftRecords();
        for (Map.Entry<TopicPartition, OffsetAndMetadata> entry :
                polled.nextOffsets().entrySet()) {
            AssignedPartition partition = assignments.find(entry.getKey());
            if (partition != null
                    && partition.generation().filter(g -> !g.isStale()).isPresent()) {
                List<ConsumerRecord<byte[], byte[]>> records = polled.records(entry.getKey());
                Admitted admitted = admit(partition, records);
                pass(partition, admitted, next(partition, records, admitted, entry.getValue()), nowNanos);
                heldByLane[partition.lane()] += admitted.held();
                count += admitted.records().size();
                bytes += admitted.bytes();
            }
        }
        reserve(heldByLane);
        if (count > 0) {
            events.on(new TelemetryEvent.RecordsPolled(count, bytes));
        }
    }

    private void forgetLeftRecords() {
        for (int lane = 0; lane < leftInLog.length; lane++) {
            leftInLog[lane] = full[lane] ? leftInLog[lane] : 0;
        }
    }

    private record Admitted(List<ConsumerRecord<byte[], byte[]>> records, long bytes, long held) {}

    /** Admits the records that fit into the lane's share; an empty lane admits one record of any size. */
    private Admitted admit(AssignedPartition partition, List<ConsumerRecord<byte[], byte[]>> records) {
        long used = budget.usedBy(partition.lane());
        long room = budget.share() - used;
        long bytes = 0;
        long held = 0;
        int count = 0;
        for (ConsumerRecord<byte[], byte[]> record : records) {
            RecordSize size = RecordSize.of(record);
            boolean alone = used == 0 && count == 0;
            if (held + size.held() > room && !alone) {
                break;
            }
            bytes += size.bytes();
            held += size.held();
            count++;
        }
        budget.take(partition.lane(), count, held);
        return new Admitted(records.subList(0, count), bytes, held);
    }

    /** Returns the partition's new position, from which records that were not admitted are fetched again. */
    private OffsetAndMetadata next(
            AssignedPartition partition,
            List<ConsumerRecord<byte[], byte[]>> records,
            Admitted admitted,
            OffsetAndMetadata polled) {
        if (admitted.records().size() == records.size()) {
            return polled;
        }
        ConsumerRecord<byte[], byte[]> left = records.get(admitted.records().size());
        leftInLog[partition.lane()] =
                Math.max(leftInLog[partition.lane()], RecordSize.of(left).held());
        OffsetAndMetadata next = new OffsetAndMetadata(left.offset());
        consumer.seek(partition.kafkaName(), next);
        return next;
    }

    private void pass(AssignedPartition partition, Admitted admitted, OffsetAndMetadata next, long nowNanos) {
        if (next.offset() <= partition.next()) {
            return;
        }
        Chunk chunk = new Chunk(
                partition.generation().orElseThrow(),
                partition.next(),
                next.offset(),
                next.leaderEpoch().orElse(-1),
                admitted.records(),
                nowNanos);
        partition.advanceTo(next.offset(), admitted.records());
        lanes.get(partition.lane()).offer(chunk);
    }

    private void reserve(long[] heldByLane) {
        for (int lane = 0; lane < heldByLane.length; lane++) {
            long largest = Math.max(reservations[lane], heldByLane[lane]);
            reservations[lane] = Math.min(largest, budget.share() / 2);
        }
    }
}
