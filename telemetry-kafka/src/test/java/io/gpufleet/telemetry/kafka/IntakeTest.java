package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.TelemetryEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class IntakeTest {
    private static final int SHARE = 10_000;

    private final FakeConsumer consumer = new FakeConsumer();
    private final FakeSink sink = new FakeSink();
    private final List<TelemetryEvent> events = new ArrayList<>();
    private BufferBudget budget;
    private List<Lane<String>> lanes;
    private Assignments assignments;
    private Intake<String> intake;

    /** Begins partitions at offset 0. */
    private void begin(long share, int laneCount, int... partitions) {
        Events heard = new Events(List.of(events::add));
        budget = new BufferBudget(share * laneCount, laneCount);
        FakeLaneOwner owner = new FakeLaneOwner();
        LaneContext<String> context = new LaneContext<>(
                sink,
                owner,
                new DeadLetterWindow(new TestOptions(sink).failure),
                Logs.refusals(),
                budget,
                heard,
                owner);
        lanes = IntStream.range(0, laneCount)
                .mapToObj(number -> new Lane<>(number, new TestOptions(sink).build(), context))
                .toList();
        List<PositionRequest> asked = new ArrayList<>();
        assignments =
                new Assignments(consumer, new OffsetCommits(consumer, 0), heard, laneCount, new AskedPositions(asked));
        intake = new Intake<>(consumer, assignments, lanes, budget, heard);
        consumer.subscribe(List.of(Logs.TOPIC), assignments);
        consumer.rebalance(IntStream.of(partitions).mapToObj(Logs::kafkaName).toList());
        asked.forEach(request -> assignments.begin(request, Logs.position(0)));
        for (int partition : partitions) {
            sink.begin(partition, 0);
        }
        consumer.seeks.clear();
    }

    private void poll() {
        assignments.adjustPauses(intake::isClosed);
        intake.accept(consumer.poll(Duration.ZERO), System.nanoTime());
    }

    private void write() {
        lanes.forEach(Lane::drain);
        lanes.forEach(Lane::run);
    }

    /** Returns records that hold the given bytes, their objects included. */
    private static List<ConsumerRecord<byte[], byte[]>> held(int partition, int... bytes) {
        return IntStream.range(0, bytes.length)
                .mapToObj(offset -> Logs.sized(partition, offset, bytes[offset] - Logs.OBJECTS))
                .toList();
    }

    private long next(int partition) {
        return assignments.find(Logs.kafkaName(partition)).next();
    }

    @Test
    void accept_passesOnWhatFits() {
        begin(SHARE, 1, 0);
        consumer.produce(held(0, 3_000, 3_000, 3_000));

        poll();

        assertThat(budget.used()).isEqualTo(9_000);
        assertThat(budget.records()).isEqualTo(3);
        assertThat(next(0)).isEqualTo(3);
        assertThat(consumer.seeks).isEmpty();
        assertThat(events).last().isEqualTo(new TelemetryEvent.RecordsPolled(3, 9_000 - 3 * Logs.OBJECTS));
    }

    @Test
    void accept_leavesInTheLogWhatDoesNotFit() {
        begin(SHARE, 1, 0);
        consumer.produce(held(0, 4_000, 4_000, 3_000, 1_000));

        poll();

        assertThat(budget.used()).isEqualTo(8_000);
        assertThat(consumer.seeks).containsExactly("t-0@2");
        assertThat(next(0)).isEqualTo(2);
        write();
        poll();
        write();
        assertThat(sink.rows).containsExactly("t-0@0", "t-0@1", "t-0@2", "t-0@3");
        assertThat(budget.peak()).isEqualTo(8_000);
        assertThat(budget.used()).isZero();
    }

    @Test
    void accept_givesAnEmptyLaneOneRecordOfAnySize() {
        begin(SHARE, 1, 0);
        consumer.produce(held(0, 50_000, 50_000));

        poll();
        assertThat(budget.records()).isEqualTo(1);
        write();
        poll();
        write();

        assertThat(sink.rows).containsExactly("t-0@0", "t-0@1");
        assertThat(budget.peak()).isEqualTo(50_000);
    }

    @Test
    void accept_leavesRecordsWithoutBytesInTheLogToo() {
        begin(SHARE, 1, 0);
        consumer.produce(Logs.tombstones(0, 0, 1_000));

        poll();

        assertThat(budget.records()).isEqualTo(SHARE / Logs.OBJECTS);
        assertThat(consumer.seeks).hasSize(1);
        assertThat(events).last().isEqualTo(new TelemetryEvent.RecordsPolled(SHARE / Logs.OBJECTS, 0));
    }

    @Test
    void accept_countsPartitionsOfOneLaneTogether() {
        begin(SHARE, 1, 0, 1);
        consumer.produce(held(0, 6_000));
        consumer.produce(held(1, 6_000));

        poll();

        assertThat(budget.used()).isEqualTo(6_000);
        assertThat(consumer.seeks).hasSize(1);
    }

    @Test
    void accept_movesOnWithoutRecords() {
        begin(SHARE, 1, 0);
        consumer.end(0, 7);

        poll();
        write();

        assertThat(sink.offset(0)).isEqualTo(7);
        assertThat(events).noneMatch(TelemetryEvent.RecordsPolled.class::isInstance);
    }

    @Test
    void accept_dropsWhatIsReadForAnEndedGeneration() {
        begin(SHARE, 1, 0);
        consumer.produce(held(0, 1_000));
        assignments.adjustPauses(intake::isClosed);
        assignments.find(Logs.kafkaName(0)).generation().orElseThrow().end();

        intake.accept(consumer.poll(Duration.ZERO), 0);

        assertThat(budget.used()).isZero();
        assertThat(next(0)).isZero();
    }

    @Test
    void isClosed_nearTheShareUntilBelowHalfOfIt() {
        long share = 10 << 20;
        long reserved = 1 << 20;
        begin(share, 1, 0);

        budget.take(0, 1, share - reserved);
        assertThat(intake.isClosed(0)).isFalse();
        budget.take(0, 1, 1);
        assertThat(intake.isClosed(0)).isTrue();
        budget.release(0, 1, share / 2 - reserved);
        assertThat(budget.usedBy(0)).isEqualTo(share / 2 + 1);
        assertThat(intake.isClosed(0)).isTrue();
        budget.release(0, 1, 1);
        assertThat(intake.isClosed(0)).isFalse();
    }

    @Test
    void isClosed_reservesWhatTheLargestPollBrought() {
        long share = 10 << 20;
        begin(share, 1, 0);
        consumer.produce(held(0, 3 << 20));
        poll();
        write();

        budget.take(0, 1, 7 << 20);
        assertThat(intake.isClosed(0)).isFalse();
        budget.take(0, 1, 1);
        assertThat(intake.isClosed(0)).isTrue();
    }

    @Test
    void isClosed_whileALaneRetries() {
        begin(SHARE, 2, 0);

        lanes.get(1).backOff(Duration.ZERO, new IllegalStateException("down"));

        assertThat(intake.isClosed(0)).isFalse();
        assertThat(intake.isClosed(1)).isTrue();
        lanes.get(1).recovered();
        assertThat(intake.isClosed(1)).isFalse();
    }

    @Test
    void isClosed_untilThereIsRoomForWhatWasLeftInTheLog() {
        begin(SHARE, 1, 0);
        consumer.produce(held(0, 1_000, 9_500, 300));

        poll();
        assertThat(budget.used()).isEqualTo(1_000);
        for (int i = 0; i < 5; i++) {
            poll();
        }
        assertThat(consumer.seeks).containsExactly("t-0@1");

        write();
        poll();
        write();
        poll();
        write();
        assertThat(sink.rows).containsExactly("t-0@0", "t-0@1", "t-0@2");
    }

    /** With lanes that write now and then, the budget holds, and nothing is lost, doubled or reordered. */
    @Test
    void accept_neverPassesTheBudget() {
        SplittableRandom random = new SplittableRandom(3);
        begin(SHARE, 3, 0, 1, 2, 3, 4);
        consumer.mostRecordsAPoll = 9;
        for (int partition = 0; partition < 5; partition++) {
            consumer.produce(
                    held(partition, random.ints(200, Logs.OBJECTS, SHARE / 2).toArray()));
        }
        int steps = 0;
        while (sink.rows.size() < 5 * 200) {
            assertThat(steps++).isLessThan(20_000);
            poll();
            for (int lane = 0; lane < lanes.size(); lane++) {
                assertThat(budget.usedBy(lane)).isLessThanOrEqualTo(SHARE);
                if (random.nextInt(3) == 0) {
                    lanes.get(lane).drain();
                    lanes.get(lane).run();
                }
            }
        }

        assertThat(budget.used()).isZero();
        assertThat(budget.records()).isZero();
        assertThat(budget.peak()).isBetween((long) SHARE, 3L * SHARE);
        for (int number = 0; number < 5; number++) {
            String name = Logs.partition(number) + "@";
            assertThat(sink.rows.stream().filter(row -> row.startsWith(name)))
                    .containsExactlyElementsOf(LongStream.range(0, 200)
                            .mapToObj(offset -> name + offset)
                            .toList());
        }
    }
}
