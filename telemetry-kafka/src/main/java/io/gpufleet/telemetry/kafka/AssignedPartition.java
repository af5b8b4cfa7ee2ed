package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.SourcePartition;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** A partition that the group gave to this consumer. Owned by the poll thread. */
final class AssignedPartition {
    private final TopicPartition kafkaName;
    private final SourcePartition partition;
    private final int lane;
    private long ticket;
    private @Nullable Generation generation;
    private long next;
    private long durable;
    private int leaderEpoch = -1;
    private boolean paused = true;

    AssignedPartition(TopicPartition kafkaName, int lanes) {
        this.kafkaName = kafkaName;
        this.partition = Names.fromKafka(kafkaName);
        this.lane = Math.floorMod(kafkaName.topic().hashCode() + kafkaName.partition(), lanes);
    }

    TopicPartition kafkaName() {
        return kafkaName;
    }

    SourcePartition partition() {
        return partition;
    }

    int lane() {
        return lane;
    }

    /** Ends what is under way, and returns the ticket under which the position is asked for. */
    long end(long newTicket) {
        if (generation != null) {
            generation.end();
        }
        generation = null;
        ticket = newTicket;
        return ticket;
    }

    boolean waitsFor(PositionRequest request) {
        return generation == null && ticket == request.ticket();
    }

    /** Begins a new generation at a position. */
    void begin(Position position) {
        generation = new Generation(partition, position);
        next = position.nextOffset();
        durable = position.nextOffset();
        leaderEpoch = position.leaderEpoch();
    }

    /** Returns the generation that records may be taken for, absent while the position is not known. */
    Optional<Generation> generation() {
        return Optional.ofNullable(generation);
    }

    boolean isOf(Generation other) {
        return generation == other;
    }

    /** The offset behind the last record that was passed to a lane. */
    long next() {
        return next;
    }

    void advanceTo(long offset) {
        next = offset;
    }

    long durable() {
        return durable;
    }

    int leaderEpoch() {
        return leaderEpoch;
    }

    /** Takes a range that was written; tells whether it belongs to the generation under way. */
    boolean written(WrittenRange written) {
        boolean current = isOf(written.generation());
        if (current) {
            durable = written.range().next();
            leaderEpoch = written.range().leaderEpoch();
        }
        return current;
    }

    /** Returns where the partition rests, absent while anything that was handed out is not durable. */
    Optional<RestingPosition> resting() {
        return generation().filter(g -> next == durable).map(g -> new RestingPosition(g, durable));
    }

    boolean isPaused() {
        return paused;
    }

    void setPaused(boolean isPaused) {
        paused = isPaused;
    }
}
