package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.LogId;
import io.gpufleet.telemetry.OffsetRange;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AssignmentsTest {
    private final FakeConsumer consumer = new FakeConsumer();
    private final OffsetCommits commits = new OffsetCommits(consumer, 0);
    private final List<TelemetryEvent> events = new ArrayList<>();
    private final FakeOwner owner = new FakeOwner();
    private final Assignments assignments =
            new Assignments(consumer, commits, new Events(List.of(events::add)), 1, owner);

    private static final class FakeOwner implements Assignments.Owner {
        private final List<PositionRequest> asked = new ArrayList<>();
        private final List<Set<SourcePartition>> forgotten = new ArrayList<>();
        private final List<Set<SourcePartition>> settled = new ArrayList<>();
        private Runnable duringSettle = () -> {};
        private int replacedLogs;

        @Override
        public void ask(List<PositionRequest> requests) {
            asked.addAll(requests);
        }

        @Override
        public void forget(Set<SourcePartition> partitions) {
            forgotten.add(partitions);
        }

        @Override
        public void settle(Set<SourcePartition> partitions, Duration limit) {
            assertThat(limit).isEqualTo(Duration.ofSeconds(10));
            settled.add(partitions);
            duringSettle.run();
        }

        @Override
        public void logReplaced() {
            replacedLogs++;
        }

        private PositionRequest last() {
            return asked.get(asked.size() - 1);
        }
    }

    @BeforeEach
    void subscribe() {
        consumer.subscribe(List.of(Logs.TOPIC), assignments);
    }

    private void assign(int... numbers) {
        consumer.rebalance(IntStream.of(numbers).mapToObj(Logs::kafkaName).toList());
    }

    /** Assigns partition 0, begins it, and returns its generation. */
    private Generation begun(long offset) {
        assign(0);
        assignments.begin(owner.last(), Logs.position(offset));
        return generation(0);
    }

    private Generation generation(int partition) {
        return assignments.find(Logs.kafkaName(partition)).generation().orElseThrow();
    }

    private void polled(int partition, long next) {
        assignments.find(Logs.kafkaName(partition)).advanceTo(next, List.of());
    }

    private void written(Generation generation, long from, long next) {
        OffsetRange range = Logs.range(generation.partition().partition(), from, next);
        assignments.written(List.of(new WrittenRange(generation, range)));
    }

    private List<Long> committed() {
        commits.commitNow(Long.MAX_VALUE / 2);
        return consumer.asyncCommits.stream()
                .map(commit -> FakeConsumer.committed(commit, 0))
                .toList();
    }

    private long durable() {
        return assignments.find(Logs.kafkaName(0)).durable();
    }

    @Test
    void onPartitionsAssigned_pausesAndAsks() {
        assign(0, 1);

        assertThat(consumer.paused()).containsExactlyInAnyOrder(Logs.kafkaName(0), Logs.kafkaName(1));
        assertThat(owner.asked)
                .extracting(PositionRequest::partition)
                .containsExactlyInAnyOrder(Logs.partition(0), Logs.partition(1));
        assertThat(owner.asked).extracting(PositionRequest::ticket).doesNotHaveDuplicates();
        assertThat(owner.asked).allMatch(request -> request.truncatedTo().isEmpty());
        assertThat(events)
                .containsExactly(new TelemetryEvent.PartitionsAssigned(Set.of(Logs.partition(0), Logs.partition(1))));
        consumer.poll(Duration.ZERO);
    }

    @Test
    void onPartitionsAssigned_neverCommitsItsPlaceholder() {
        assign(0);

        commits.commitNow(TimeUnit.HOURS.toNanos(1));
        commits.commitAndWait(Duration.ZERO);

        assertThat(consumer.seeks).containsExactly("t-0@0");
        assertThat(consumer.asyncCommits).isEmpty();
        assertThat(consumer.syncCommits).isEmpty();
    }

    @Test
    void begin_seeksAndResumes() {
        consumer.produce(Logs.records(0, 0, 60));
        assign(0);
        assignments.adjustPauses(lane -> false);
        assertThat(consumer.poll(Duration.ZERO).count()).isZero();

        assignments.begin(owner.last(), new Position(Logs.ID, 50, 4));
        assignments.adjustPauses(lane -> false);

        assertThat(consumer.seeks).last().isEqualTo("t-0@50 epoch 4");
        assertThat(consumer.poll(Duration.ZERO).count()).isEqualTo(10);
        assertThat(committed()).containsExactly(50L);
    }

    @Test
    void begin_withoutAnEpochDoesNotClaimOne() {
        begun(50);

        assertThat(consumer.seeks).last().isEqualTo("t-0@50");
    }

    @Test
    void begin_ignoresTheAnswerToAnOlderQuestion() {
        assign(0);
        PositionRequest older = owner.last();
        assignments.restart(Set.of(Logs.kafkaName(0)), Map.of());

        assignments.begin(older, Logs.position(50));
        assertThat(assignments.find(Logs.kafkaName(0)).generation()).isEmpty();

        assignments.begin(owner.last(), Logs.position(60));
        assertThat(assignments.find(Logs.kafkaName(0)).next()).isEqualTo(60);
    }

    @Test
    void begin_ignoresASecondAnswer() {
        Generation generation = begun(50);

        assignments.begin(owner.last(), Logs.position(70));

        assertThat(generation(0)).isSameAs(generation);
        assertThat(generation.isStale()).isFalse();
    }

    @Test
    void begin_ignoresAPartitionThatHasGone() {
        assign(0);
        PositionRequest request = owner.last();
        assign();

        assignments.begin(request, Logs.position(50));

        assertThat(assignments.find(Logs.kafkaName(0))).isNull();
        assertThat(consumer.seeks).containsExactly("t-0@0");
    }

    @Test
    void begin_ignoresTheAnswerToAnEarlierAssignment() {
        assign(0);
        PositionRequest earlier = owner.last();
        assign();
        assign(0);

        assignments.begin(earlier, Logs.position(50));

        assertThat(assignments.find(Logs.kafkaName(0)).generation()).isEmpty();
    }

    @Test
    void restart_endsTheGenerationAndAsksAgain() {
        Generation generation = begun(50);
        assignments.adjustPauses(lane -> false);
        generation.end();

        assignments.restart(List.of(generation));

        assertThat(consumer.paused()).containsExactly(Logs.kafkaName(0));
        assertThat(consumer.seeks).last().isEqualTo("t-0@0");
        assertThat(owner.asked).hasSize(2);
        assignments.begin(owner.last(), Logs.position(80));
        assertThat(generation(0)).isNotSameAs(generation);
        assertThat(generation(0).isStale()).isFalse();
    }

    @Test
    void restart_ofAnEarlierGenerationDoesNothing() {
        Generation earlier = begun(50);
        assignments.restart(List.of(earlier));
        assignments.begin(owner.last(), Logs.position(80));

        assignments.restart(List.of(earlier, Logs.generation(7)));

        assertThat(owner.asked).hasSize(2);
        assertThat(generation(0).isStale()).isFalse();
    }

    @Test
    void restart_commitsNoOffsetOfALogThatMayBeGone() {
        Generation generation = begun(50);
        polled(0, 90);
        written(generation, 50, 60);

        assignments.restart(List.of(generation));

        assertThat(committed()).isEmpty();
    }

    @Test
    void restart_ofATruncatedLogCommitsNoOffsetOfIt() {
        Generation generation = begun(50);
        polled(0, 90);
        written(generation, 50, 60);

        assignments.restart(Set.of(Logs.kafkaName(0)), Map.of());

        assertThat(committed()).isEmpty();
    }

    @Test
    void begin_tellsOfAnotherLog() {
        Generation generation = begun(50);
        assignments.restart(List.of(generation));
        assignments.begin(owner.last(), Logs.position(60));
        assertThat(owner.replacedLogs).isZero();

        assignments.restart(List.of(generation(0)));
        assignments.begin(owner.last(), new Position(new LogId("a-cluster", new UUID(9, 9)), 0, -1));

        assertThat(owner.replacedLogs).isEqualTo(1);
    }

    @Test
    void restart_doesNotTrustTheEpochThatTheLogDidNotKnow() {
        assign(0);
        assignments.begin(owner.last(), new Position(Logs.ID, 50, 4));

        assignments.restart(Set.of(Logs.kafkaName(0)), Map.of());
        assignments.begin(owner.last(), new Position(Logs.ID, 50, 4));

        assertThat(consumer.seeks).containsExactly("t-0@0", "t-0@50 epoch 4", "t-0@0", "t-0@50");
    }

    @Test
    void restart_endsWhatTheLogDoesNotHold() {
        Generation generation = begun(50);

        assignments.restart(
                Set.of(Logs.kafkaName(0), Logs.kafkaName(9)), Map.of(Logs.kafkaName(0), new OffsetAndMetadata(40)));

        assertThat(generation.isStale()).isTrue();
        assertThat(owner.last().truncatedTo()).isEqualTo(OptionalLong.of(40));
    }

    @Test
    void resting_isWhatHasNothingUnderWay() {
        Generation generation = begun(50);
        assertThat(assignments.resting()).containsExactly(new RestingPosition(generation, 50));

        polled(0, 60);
        assertThat(assignments.resting()).isEmpty();

        assignments.written(List.of(new WrittenRange(generation, Logs.range(0, 50, 60))));
        assertThat(assignments.resting()).containsExactly(new RestingPosition(generation, 60));
    }

    @Test
    void restartMoved_asksWhereThePartitionGoesOn() {
        Generation generation = begun(50);

        assignments.restartMoved(assignments.resting());

        assertThat(generation.isStale()).isTrue();
        assertThat(owner.asked).hasSize(2);
        assertThat(assignments.resting()).isEmpty();
    }

    @Test
    void restartMoved_ignoresWhatHasGoneOnSince() {
        Generation generation = begun(50);
        List<RestingPosition> moved = assignments.resting();
        polled(0, 60);

        assignments.restartMoved(moved);
        assignments.written(List.of(new WrittenRange(generation, Logs.range(0, 50, 60))));
        assignments.restartMoved(moved);

        assertThat(generation.isStale()).isFalse();
    }

    @Test
    void onPartitionsRevoked_waitsForTheTransactionInFlight() {
        Generation generation = begun(50);
        polled(0, 90);
        List<Boolean> staleWhileSettling = new ArrayList<>();
        owner.duringSettle = () -> {
            staleWhileSettling.add(generation.isStale());
            written(generation, 50, 70);
        };

        assign();

        assertThat(staleWhileSettling).containsExactly(true);
        assertThat(owner.settled).containsExactly(Set.of(Logs.partition(0)));
        assertThat(consumer.syncCommits)
                .extracting(commit -> FakeConsumer.committed(commit, 0))
                .containsExactly(70L);
        assertThat(owner.forgotten).containsExactly(Set.of(Logs.partition(0)));
        assertThat(assignments.find(Logs.kafkaName(0))).isNull();
        assertThat(events).last().isEqualTo(new TelemetryEvent.PartitionsRevoked(Set.of(Logs.partition(0)), false));
        assertThat(committed()).isEmpty();
    }

    @Test
    void onPartitionsRevoked_keepsTheOthers() {
        assign(0, 1);
        owner.asked.forEach(request -> assignments.begin(request, Logs.position(50)));
        Generation kept = generation(1);

        assign(1);

        assertThat(generation(1)).isSameAs(kept);
        assertThat(kept.isStale()).isFalse();
    }

    @Test
    void onPartitionsLost_waitsAndCommitsForNobody() {
        Generation generation = begun(50);

        assignments.onPartitionsLost(List.of(Logs.kafkaName(0)));

        assertThat(generation.isStale()).isTrue();
        assertThat(owner.settled).isEmpty();
        assertThat(consumer.syncCommits).isEmpty();
        assertThat(committed()).isEmpty();
        assertThat(owner.forgotten).containsExactly(Set.of(Logs.partition(0)));
        assertThat(events).last().isEqualTo(new TelemetryEvent.PartitionsRevoked(Set.of(Logs.partition(0)), true));
    }

    @Test
    void written_movesWhatIsDurable() {
        Generation generation = begun(50);
        polled(0, 90);

        written(generation, 50, 60);
        written(generation, 60, 80);

        assertThat(durable()).isEqualTo(80);
        assertThat(committed()).containsExactly(80L);
        assertThat(consumer.asyncCommits.get(0).get(Logs.kafkaName(0)).leaderEpoch())
                .isEqualTo(Optional.of(Logs.EPOCH));
    }

    @Test
    void written_countsOnlyForTheRunThatWasWritten() {
        Generation earlier = begun(50);
        polled(0, 90);
        assignments.restart(List.of(earlier));
        assignments.begin(owner.last(), Logs.position(50));
        polled(0, 90);

        written(earlier, 50, 70);
        assertThat(durable()).isEqualTo(50);

        written(generation(0), 50, 80);
        assertThat(durable()).isEqualTo(80);
    }

    @Test
    void written_ignoresWhatIsNotOurs() {
        assign(0);
        written(Logs.generation(0), 0, 10);
        written(Logs.generation(3), 0, 10);

        assertThat(committed()).isEmpty();
    }

    @Test
    void adjustPauses_holdsTheLanesThatTakeNoMore() {
        begun(50);

        assignments.adjustPauses(lane -> false);
        assertThat(consumer.paused()).isEmpty();
        assignments.adjustPauses(lane -> true);
        assertThat(consumer.paused()).containsExactly(Logs.kafkaName(0));
        assignments.adjustPauses(lane -> false);
        assertThat(consumer.paused()).isEmpty();
    }

    @Test
    void progress_tellsWhatIsNotDurable() {
        consumer.updateEndOffsets(Map.of(Logs.kafkaName(0), 100L));
        Generation generation = begun(50);
        polled(0, 90);
        consumer.seek(Logs.kafkaName(0), 90);
        written(generation, 50, 60);

        assertThat(assignments.progress())
                .containsExactly(Map.entry(
                        Logs.partition(0),
                        new ConsumerSnapshot.PartitionProgress(60, OptionalLong.of(40), Optional.empty())));
    }

    @Test
    void lane_isTheSameForEveryRun() {
        for (int number = 0; number < 50; number++) {
            AssignedPartition partition = new AssignedPartition(Logs.kafkaName(number), 7);

            assertThat(partition.lane()).isBetween(0, 6);
            assertThat(new AssignedPartition(Logs.kafkaName(number), 7).lane()).isEqualTo(partition.lane());
            assertThat(new AssignedPartition(Logs.kafkaName(number + 1), 7).lane())
                    .isNotEqualTo(partition.lane());
        }
    }
}
