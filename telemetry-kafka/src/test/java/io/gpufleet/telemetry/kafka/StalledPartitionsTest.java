package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.Health.Trouble;
import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.TelemetryEvent.PartitionResumed;
import io.gpufleet.telemetry.TelemetryEvent.PartitionStalled;
import io.gpufleet.telemetry.TelemetryEvent.Stall;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The topic {@code t} has four partitions with ten records each, some of which make polls fail. */
class StalledPartitionsTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    private final Set<Integer> damaged = new HashSet<>();
    private final DamagedConsumer consumer = new DamagedConsumer();
    private final List<TelemetryEvent> events = new ArrayList<>();
    private final List<PositionRequest> asked = new ArrayList<>();
    private final OffsetCommits commits = new OffsetCommits(consumer.fake, 0);
    private final Assignments assignments =
            new Assignments(consumer.fake, commits, new Events(List.of(events::add)), 1, new AskedPositions(asked));
    private final ReadTopics readTopics = new ReadTopics();
    private final StalledPartitions stalled = new StalledPartitions(
            assignments, new Events(List.of(events::add)), new Advice("g", () -> "kafka:9092"), readTopics);
    private long nanos;

    /** A consumer whose polls fail while it would fetch a damaged partition. */
    private final class DamagedConsumer {
        private final FakeConsumer fake = new FakeConsumer();
        private RuntimeException failure = new CorruptRecordException("Record size 0 is less than the minimum");

        ConsumerRecords<byte[], byte[]> poll() {
            for (int number : damaged) {
                TopicPartition name = Logs.kafkaName(number);
                if (!fake.paused().contains(name) && fake.position(name) < 10) {
                    throw failure;
                }
            }
            return fake.poll(Duration.ZERO);
        }
    }

    @BeforeEach
    void assign() {
        for (int number = 0; number < 4; number++) {
            consumer.fake.produce(Logs.records(number, 0, 10));
        }
        consumer.fake.subscribe(List.of(Logs.TOPIC), assignments);
        consumer.fake.rebalance(List.of(Logs.kafkaName(0), Logs.kafkaName(1), Logs.kafkaName(2), Logs.kafkaName(3)));
    }

    private void answer() {
        List<PositionRequest> open = List.copyOf(asked);
        asked.clear();
        open.forEach(request -> assignments.begin(request, Logs.position(0)));
    }

    /**
     * Runs one round of the poll loop, with positions that are known at once; returns the partitions that were read.
     */
    private Set<TopicPartition> round() {
        answer();
        stalled.tryAgain(nanos);
        answer();
        stalled.opened(assignments.adjustPauses(lane -> false), nanos);
        try {
            ConsumerRecords<byte[], byte[]> records = consumer.poll();
            stalled.polled(records);
            return records.partitions();
        } catch (RuntimeException e) {
            stalled.failed(e, nanos);
            return Set.of();
        }
    }

    private Set<TopicPartition> rounds(Duration time) {
        Set<TopicPartition> read = new HashSet<>();
        for (long end = nanos + time.toNanos();
                nanos < end;
                nanos += Duration.ofMillis(100).toNanos()) {
            read.addAll(round());
        }
        return read;
    }

    private <E extends TelemetryEvent> List<E> heard(Class<E> kind) {
        return events.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    @Test
    void damagedPartition_isFoundAndTheOthersGoOn() {
        damaged.add(2);

        assertThat(rounds(Duration.ofSeconds(5)))
                .containsExactlyInAnyOrder(Logs.kafkaName(0), Logs.kafkaName(1), Logs.kafkaName(3));

        assertThat(heard(PartitionStalled.class))
                .singleElement()
                .matches(event -> event.partition().equals(Logs.partition(2))
                        && event.offset() == 0
                        && event.stall() == Stall.UNREADABLE);
        assertThat(stalled.troubles())
                .extracting(Trouble::reason)
                .containsExactly("standstill: t-2 cannot be read at offset 0: Record size 0 is less than the minimum."
                        + " Retrying now and then; if the log cannot be repaired, skip the damaged batch:"
                        + " operator offsets reset --group g --topic t --partition 2 --to-offset 1 --execute, or to"
                        + " the end of the batch, as shown by kafka-dump-log.sh");
    }

    @Test
    void partitionThatIsNamed_aloneIsHalted() {
        damaged.add(2);
        consumer.failure = new KafkaException("Received exception when fetching the next record from t-2. If needed,"
                + " please seek past the record to continue consumption.");

        round();

        assertThat(round()).hasSize(3);
        assertThat(stalled.troubles()).extracting(Trouble::reason).hasSize(1);
    }

    @Test
    void partitionThatWasRepaired_goesOnByItself() {
        damaged.add(2);
        rounds(LONG);

        damaged.clear();

        assertThat(rounds(LONG)).contains(Logs.kafkaName(2));
        assertThat(stalled.troubles()).extracting(Trouble::reason).isEmpty();
        assertThat(heard(PartitionStalled.class)).as("reported once").hasSize(1);
        assertThat(heard(PartitionResumed.class))
                .containsExactly(new PartitionResumed(Logs.partition(2), Stall.UNREADABLE));
    }

    @Test
    void partitionThatStands_isTriedLessAndLess() {
        damaged.add(2);
        rounds(LONG);
        int before = consumer.fake.seeks.size();

        rounds(LONG);

        assertThat(consumer.fake.seeks.size() - before).isLessThan(20);
    }

    @Test
    void allPartitionsDamaged_standAndNothingEnds() {
        damaged.addAll(Set.of(0, 1, 2, 3));

        assertThat(rounds(LONG)).isEmpty();

        assertThat(stalled.troubles()).extracting(Trouble::reason).hasSize(4);
    }

    @Test
    void partitionThatIsTakenAway_isForgotten() {
        damaged.add(2);
        rounds(Duration.ofSeconds(5));

        consumer.fake.rebalance(List.of(Logs.kafkaName(0)));
        round();

        assertThat(stalled.troubles()).extracting(Trouble::reason).isEmpty();
    }

    @Test
    void failureWithNothingOpen_endsTheConsumer() {
        assignments.adjustPauses(lane -> false);
        RuntimeException failure = new CorruptRecordException("of no partition");

        assertThatThrownBy(() -> stalled.failed(failure, nanos)).isSameAs(failure);
    }

    @Test
    void failureOfTheGroup_endsTheConsumer() {
        round();
        RuntimeException failure = new GroupAuthorizationException("g");

        assertThatThrownBy(() -> stalled.failed(failure, nanos)).isSameAs(failure);
    }

    @Test
    void rightsThatWereNeverThere_endTheConsumer() {
        damaged.add(2);
        consumer.failure = new TopicAuthorizationException(Set.of(Logs.TOPIC));

        assertThatThrownBy(this::round).isSameAs(consumer.failure);
    }

    @Test
    void rightsThatAreTakenAway_areWaitedFor() {
        rounds(Duration.ofSeconds(1));
        RuntimeException failure = new TopicAuthorizationException(Set.of(Logs.TOPIC));

        stalled.failed(failure, nanos);

        assertThat(stalled.troubles())
                .extracting(Trouble::reason)
                .hasSize(4)
                .allSatisfy(trouble -> assertThat(trouble)
                        .contains(
                                "may not be read any more",
                                "kafka-acls.sh --bootstrap-server kafka:9092 --add --allow-principal User:<name>"
                                        + " --operation Read --operation Describe --topic t"));
    }

    @Test
    void whatAStandingPartitionHasRead_staysToBeWritten() {
        damaged.add(2);
        round();
        Generation generation = assignments.find(Logs.kafkaName(2)).generation().orElseThrow();

        rounds(Duration.ofSeconds(1));

        assertThat(generation.isStale()).isFalse();
    }
}
