package io.gpufleet.telemetry.kafka;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.LogId;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.kafka.internal.TopicPartitions;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** A partition assigned to this consumer. Owned by the poll thread. */
final class AssignedPartition {
    /** The reason to keep the client from the partition, apart from its lane's capacity. */
    enum Halt {
        /** None: the client reads the partition. */
        NONE,
        /** The client was moved to another offset, and is polled once to drop its records of the partition. */
        DISCARDING,
        /** The client was moved to another offset, and is paused. */
        WAITING
    }

    private final TopicPartition kafkaName;
    private final SourcePartition partition;
    private final int lane;
    private long ticket;
    private @Nullable Generation generation;
    private @Nullable LogId log;
    private long next;
    private long durable;
    private int leaderEpoch = -1;
    private boolean paused = true;
    private Halt halt = Halt.NONE;
    private final WrittenTimes times = new WrittenTimes();

    AssignedPartition(TopicPartition kafkaName, int lanes) {
        this.kafkaName = kafkaName;
        this.partition = TopicPartitions.fromKafka(kafkaName);
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

    /** Ends the present generation, and returns the ticket of the request for the position. */
    long end(long newTicket) {
        if (generation != null) {
            generation.end();
        }
        generation = null;
        halt = Halt.NONE;
        ticket = newTicket;
        return ticket;
    }

    boolean waitsFor(PositionRequest request) {
        return generation == null && ticket == request.ticket();
    }

    /** Begins a new generation at a position; returns whether it is in another log than the last one. */
    boolean begin(Position position) {
        boolean elsewhere = log != null && !log.equals(position.log());
        log = position.log();
        generation = new Generation(partition, position);
        next = position.nextOffset();
        durable = position.nextOffset();
        times.clear();
        leaderEpoch = position.leaderEpoch();
        return elsewhere;
    }

    /** Returns the generation for which records may be taken, absent while the position is unknown. */
    Optional<Generation> generation() {
        return Optional.ofNullable(generation);
    }

    boolean isOf(Generation other) {
        return generation == other;
    }

    /** Returns the offset behind the last record passed to a lane. */
    long next() {
        return next;
    }

    /** Moves behind the records passed to a lane. */
    void advanceTo(long offset, List<ConsumerRecord<byte[], byte[]>> passed) {
        next = offset;
        if (!passed.isEmpty()) {
            times.passed(offset, passed.get(passed.size() - 1).timestamp());
        }
    }

    /** Returns the timestamp of the newest record written. */
    Optional<Instant> writtenUpTo() {
        return times.newest();
    }

    long durable() {
        return durable;
    }

    /** Returns the durable position as committed to Kafka, marked with its log; only for a partition that has begun. */
    OffsetAndMetadata commit() {
        Optional<Integer> epoch = leaderEpoch < 0 ? Optional.empty() : Optional.of(leaderEpoch);
        return new OffsetAndMetadata(durable, epoch, CommitMark.of(requireNonNull(log, "log")));
    }

    /** Notes a written range; returns whether it belongs to the present generation. */
    boolean written(WrittenRange written) {
        boolean current = isOf(written.generation());
        if (current) {
            durable = written.range().next();
            times.written(durable);
            leaderEpoch = written.range().leaderEpoch();
        }
        return current;
    }

    /** Returns the resting position, absent while a polled record is not durable. */
    Optional<RestingPosition> resting() {
        return generation().filter(g -> next == durable).map(g -> new RestingPosition(g, durable));
    }

    boolean isPaused() {
        return paused;
    }

    void setPaused(boolean isPaused) {
        paused = isPaused;
    }

    Halt halt() {
        return halt;
    }

    void halt(Halt now) {
        halt = now;
    }

    /** Returns whether the client must be paused. */
    boolean hasToPause(boolean laneIsClosed) {
        return switch (halt) {
            case NONE -> generation == null || laneIsClosed;
            case DISCARDING -> false;
            case WAITING -> true;
        };
    }
}
