package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gpufleet.telemetry.BatchPolicy;
import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.Health.Trouble;
import io.gpufleet.telemetry.RetryPolicy;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.SinkException.Kind;
import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.internal.OwnThread;
import io.gpufleet.telemetry.kafka.FakeSink.Fault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LaneTest {
    private final FakeSink sink = new FakeSink();
    private final TestOptions options = new TestOptions(sink);
    private final FakeLaneOwner owner = new FakeLaneOwner();
    private final List<TelemetryEvent> events = new ArrayList<>();
    private final BufferBudget budget = new BufferBudget(100_000, 1);
    private final Generation generation = Logs.generation(0);
    private final List<Lane<String>> lanes = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    private Lane<String> lane() {
        LaneContext<String> context = new LaneContext<>(
                sink,
                owner,
                new DeadLetterWindow(options.failure),
                Logs.refusals(),
                budget,
                new Events(List.of(events::add)),
                owner);
        Lane<String> lane = new Lane<>(0, options.build(), context);
        lanes.add(lane);
        return lane;
    }

    private Thread start(Lane<String> lane) {
        Thread thread = new OwnThread(lane, "telemetry-lane");
        threads.add(thread);
        thread.start();
        return thread;
    }

    @AfterEach
    void end() throws InterruptedException {
        lanes.forEach(Lane::abort);
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private void offer(Lane<String> lane, Chunk chunk) {
        budget.take(0, chunk.records().size(), RecordSize.held(chunk.records()));
        lane.offer(chunk);
    }

    private static void drain(Lane<String> lane) {
        lane.drain();
        lane.run();
    }

    @Test
    void run_writesEverythingBeforeItEnds() {
        options.batching = BatchPolicy.builder().maxRecords(3).build();
        sink.begin(0, 0);
        Lane<String> lane = lane();
        offer(lane, Logs.chunk(generation, 0, 4));
        offer(lane, Logs.chunk(generation, 4, 8));

        drain(lane);

        assertThat(sink.rows)
                .containsExactlyElementsOf(LongStream.range(0, 8)
                        .mapToObj(offset -> "t-0@" + offset)
                        .toList());
        assertThat(sink.writes).isEqualTo(3);
        assertThat(owner.durable)
                .extracting(WrittenRange::range)
                .containsExactly(Logs.range(0, 0, 3), Logs.range(0, 3, 6), Logs.range(0, 6, 8));
        assertThat(owner.failures).isEmpty();
        assertThat(budget.used()).isZero();
        assertThat(budget.records()).isZero();
    }

    /** A row that may be bad waits for others, which a retrying lane would not get. */
    @Test
    void run_takesRecordsWhileItWaitsForThem() {
        options.batching = BatchPolicy.builder().maxRecords(1).build();
        sink.begin(0, 0);
        sink.perhapsRefused = "t-0@0"::equals;
        Lane<String> lane = lane();
        offer(lane, Logs.chunk(generation, 0, 1));
        start(lane);
        await().until(() -> lane.trouble().isPresent());

        assertThat(lane.isRetrying()).isFalse();
        assertThat(lane.trouble().map(Trouble::reason))
                .hasValueSatisfying(why -> assertThat(why).contains("FATAL_PERHAPS_DATA"));
        assertThat(budget.records()).isOne();
        offer(lane, Logs.chunk(generation, 1, 2));

        await().until(() -> budget.records() == 0);
        assertThat(sink.rows).containsExactly("t-0@1");
        assertThat(sink.deadLetters).extracting(DeadLetter::offset).containsExactly(0L);
        assertThat(lane.trouble().map(Trouble::reason)).isEmpty();
    }

    /** Undecided records are delivered again after a close. */
    @Test
    void run_endsWithoutWhatIsNotDecided() {
        options.batching = BatchPolicy.builder().maxRecords(2).build();
        sink.begin(0, 0);
        sink.perhapsRefused = value -> !value.equals("t-0@0");
        Lane<String> lane = lane();
        offer(lane, Logs.chunk(generation, 0, 2));

        drain(lane);

        assertThat(owner.failures).isEmpty();
        assertThat(sink.rows).containsExactly("t-0@0");
        assertThat(sink.deadLetters).isEmpty();
        assertThat(sink.offset(0)).isEqualTo(1);
        assertThat(budget.records()).isPositive();
    }

    @Test
    void run_reportsTombstonesThatArePassed() {
        sink.begin(0, 0);
        Lane<String> lane = lane();
        offer(lane, Logs.chunk(generation, 0, 2, List.of(Logs.record(0, 0, null), Logs.record(0, 1, null))));

        drain(lane);

        assertThat(events).last().isEqualTo(new TelemetryEvent.TombstonesSkipped(2));
        assertThat(sink.offset(0)).isEqualTo(2);
        assertThat(budget.records()).isZero();
    }

    @Test
    void run_writesNothingOfALogThatWasReplaced() {
        sink.begin(0, 0);
        owner.topicId = Optional.of(new UUID(9, 9));
        Lane<String> lane = lane();
        offer(lane, Logs.chunk(generation, 0, 4));

        drain(lane);

        assertThat(sink.writes).isZero();
        assertThat(generation.isStale()).isTrue();
        assertThat(owner.restarted).containsExactly(generation);
        assertThat(budget.used()).isZero();
    }

    @Test
    void run_writesNothingOfALogThatIsGone() {
        sink.begin(0, 0);
        owner.topicId = Optional.empty();
        Lane<String> lane = lane();
        offer(lane, Logs.chunk(generation, 0, 4));

        drain(lane);

        assertThat(sink.writes).isZero();
        assertThat(owner.restarted).containsExactly(generation);
    }

    @Test
    void run_asksForTheTopicAsOfTheNewestPoll() {
        sink.begin(0, 0);
        Lane<String> lane = lane();
        offer(lane, new Chunk(generation, 0, 1, -1, Logs.records(0, 0, 1), 100));
        offer(lane, new Chunk(generation, 1, 2, -1, Logs.records(0, 1, 2), 300));

        drain(lane);

        assertThat(owner.askedSince).containsExactly(300L);
    }

    @Test
    void run_givesBackWhatIsStale() {
        sink.begin(0, 0);
        Lane<String> lane = lane();
        offer(lane, Logs.chunk(generation, 0, 4));
        generation.end();

        drain(lane);

        assertThat(sink.writes).isZero();
        assertThat(budget.records()).isZero();
    }

    @Test
    void run_givesBackWhatIsFenced() {
        sink.begin(0, 99);
        Lane<String> lane = lane();
        offer(lane, Logs.chunk(generation, 0, 4));

        drain(lane);

        assertThat(owner.restarted).containsExactly(generation);
        assertThat(budget.records()).isZero();
        assertThat(owner.durable).isEmpty();
    }

    @Test
    void run_endsTheConsumerWithWhatCannotBeMended() {
        sink.begin(0, 0);
        sink.faults = () -> Fault.before(FakeSink.failure(Kind.FATAL));
        Lane<String> lane = lane();
        offer(lane, Logs.chunk(generation, 0, 4));

        drain(lane);

        assertThat(owner.failures).hasSize(1).allMatch(TelemetryException.class::isInstance);
        assertThat(budget.records()).as("not written").isEqualTo(4);
        assertThat(sink.offset(0)).isZero();
    }

    @Test
    void run_endsTheConsumerWithAnError() {
        sink.begin(0, 0);
        sink.faults = () -> transaction -> {
            throw new AssertionError("the JVM is in trouble");
        };
        Lane<String> lane = lane();
        offer(lane, Logs.chunk(generation, 0, 4));

        drain(lane);

        assertThat(owner.failures).hasSize(1).allMatch(AssertionError.class::isInstance);
    }

    @Test
    void abort_endsWithoutWriting() {
        sink.begin(0, 0);
        Lane<String> lane = lane();
        offer(lane, Logs.chunk(generation, 0, 4));

        lane.abort();
        lane.run();

        assertThat(sink.writes).isZero();
        assertThat(owner.failures).isEmpty();
        assertThat(budget.records()).isEqualTo(4);
    }

    /** A halved batch is durable in part. */
    @Test
    void abort_countsOnlyWhatIsNotDurable() throws InterruptedException {
        sink.begin(0, 0);
        sink.refused = "t-0@49"::equals;
        sink.faults = () -> sink.rows.isEmpty() ? Fault.NONE : Fault.before(FakeSink.failure(Kind.TRANSIENT));
        Lane<String> lane = lane();
        offer(lane, Logs.chunk(generation, 0, 50));
        lane.flush();
        Thread thread = start(lane);
        await().until(lane::isRetrying);
        assertThat(sink.rows).hasSize(25);

        lane.abort();
        thread.join();

        assertThat(budget.records()).isEqualTo(25);
    }

    @Test
    void abort_endsABackOff() throws InterruptedException {
        options.retry = RetryPolicy.builder()
                .initialBackoff(Duration.ofHours(1))
                .maxBackoff(Duration.ofHours(1))
                .build();
        sink.begin(0, 0);
        sink.faults = () -> Fault.before(FakeSink.failure(Kind.TRANSIENT));
        Lane<String> lane = lane();
        offer(lane, Logs.chunk(generation, 0, 4));
        lane.drain();
        Thread thread = start(lane);
        await().until(() -> lane.trouble().isPresent());

        lane.abort();
        thread.join();

        assertThat(owner.failures).isEmpty();
        assertThat(sink.writes).isEqualTo(1);
        assertThat(budget.records()).isEqualTo(4);
    }

    /** The SDK interrupts a lane only after an abort: any other interrupt comes from the host's code. */
    @Test
    void run_forgetsAnInterruptThatIsNotOurs() throws InterruptedException {
        sink.begin(0, 0);
        AtomicInteger tries = new AtomicInteger();
        sink.faults = () -> {
            Thread.currentThread().interrupt();
            return tries.incrementAndGet() < 3 ? Fault.before(FakeSink.failure(Kind.TRANSIENT)) : Fault.NONE;
        };
        Lane<String> lane = lane();
        offer(lane, Logs.chunk(generation, 0, 4));
        Thread thread = start(lane);
        await().until(() -> budget.records() == 0);
        offer(lane, Logs.chunk(generation, 4, 8));
        lane.flush();
        await().until(() -> budget.records() == 0);
        lane.drain();
        thread.join();

        assertThat(owner.failures).isEmpty();
        assertThat(sink.positions.get(Logs.partition(0)).nextOffset()).isEqualTo(8);
    }

    @Test
    void trouble_namesWhatIsRetriedUntilItWorks() {
        sink.begin(0, 0);
        Lane<String> lane = lane();
        List<Optional<String>> troubles = new ArrayList<>();
        SinkException failure = FakeSink.failure(Kind.TRANSIENT);
        sink.script.add(Fault.before(failure));
        sink.script.add(transaction -> {
            troubles.add(lane.trouble().map(Trouble::reason));
            transaction.run();
        });
        offer(lane, Logs.chunk(generation, 0, 4));

        drain(lane);

        assertThat(troubles).containsExactly(Optional.of("retrying a failed write: failed: TRANSIENT"));
        assertThat(lane.trouble().map(Trouble::reason)).isEmpty();
    }

    private Chunk polledNow(List<ConsumerRecord<byte[], byte[]>> records) {
        return new Chunk(generation, 0, records.size(), -1, records, System.nanoTime());
    }

    @Test
    void run_writesWhenTheLingerIsOver() {
        options.batching = BatchPolicy.builder().linger(Duration.ofMillis(20)).build();
        sink.begin(0, 0);
        Lane<String> lane = lane();
        start(lane);
        Chunk chunk = polledNow(Logs.records(0, 0, 4));

        offer(lane, chunk);

        await().until(() -> budget.records() == 0);
        assertThat(System.nanoTime() - chunk.polledAtNanos())
                .isGreaterThanOrEqualTo(Duration.ofMillis(20).toNanos());
        assertThat(sink.rows).hasSize(4);
    }

    @Test
    void run_doesNotWaitForTheLingerWhenItsBufferIsFull() {
        options.batching = BatchPolicy.builder().linger(Duration.ofHours(1)).build();
        sink.begin(0, 0);
        Lane<String> lane = lane();
        start(lane);

        offer(lane, polledNow(List.of(Logs.sized(0, 0, 40_000), Logs.sized(0, 1, 40_000), Logs.sized(0, 2, 10_000))));

        await().until(() -> budget.used() <= budget.share() / 2);
        assertThat(sink.rows).isNotEmpty();
    }

    @Test
    void run_doesNotWaitForTheLingerWhenItsBufferIsFullOfRecordsWithoutBytes() {
        options.batching = BatchPolicy.builder()
                .maxRecords(10_000)
                .linger(Duration.ofHours(1))
                .build();
        sink.begin(0, 0);
        Lane<String> lane = lane();
        start(lane);

        offer(lane, polledNow(Logs.tombstones(0, 0, 400)));

        await().until(() -> budget.used() <= budget.share() / 2);
        assertThat(sink.offset(0)).isPositive();
    }

    @Test
    void flush_doesNotWaitForTheLinger() {
        options.batching = BatchPolicy.builder().linger(Duration.ofHours(1)).build();
        sink.begin(0, 0);
        Lane<String> lane = lane();
        start(lane);
        offer(lane, polledNow(Logs.records(0, 0, 4)));

        lane.flush();

        await().until(() -> budget.records() == 0);
        assertThat(sink.offset(0)).isEqualTo(4);
    }

    @Test
    void flush_isOverWhenNothingIsLeft() {
        options.batching = BatchPolicy.builder().linger(Duration.ofMillis(200)).build();
        sink.begin(0, 0);
        Lane<String> lane = lane();
        start(lane);
        lane.flush();
        await().until(() -> threads.get(0).getState() == Thread.State.TIMED_WAITING);
        Chunk later = polledNow(Logs.records(0, 0, 4));

        offer(lane, later);

        await().until(() -> budget.records() == 0);
        assertThat(System.nanoTime() - later.polledAtNanos())
                .isGreaterThanOrEqualTo(Duration.ofMillis(200).toNanos());
    }

    private Chunk damaged(long from, long next) {
        return Logs.chunk(
                generation,
                from,
                next,
                LongStream.range(from, next)
                        .mapToObj(offset -> Logs.record(0, offset, "damaged"))
                        .toList());
    }

    /** A start that judges by too few records would dead-letter as many as the start before. */
    @Test
    void run_doesNotWriteDeadLettersBeforeTheTopicCanBeJudged() {
        options.batching = BatchPolicy.builder().maxRecords(50).build();
        sink.begin(0, 0);
        Lane<String> lane = lane();
        offer(lane, damaged(0, 150));
        offer(lane, damaged(150, 300));
        start(lane);

        await().until(() -> !owner.failures.isEmpty());

        assertThat(owner.failures.get(0)).hasMessageContaining("would be dead letters");
        assertThat(sink.writes).isZero();
    }

    @Test
    void run_writesAFewDeadLettersOfAQuietTopic() {
        options.batching = BatchPolicy.builder().linger(Duration.ofMillis(20)).build();
        sink.begin(0, 0);
        Lane<String> lane = lane();
        offer(lane, damaged(0, 3));
        start(lane);

        await().until(() -> budget.records() == 0);

        assertThat(sink.positions.get(Logs.partition(0)).nextOffset()).isEqualTo(3);
        assertThat(owner.failures).isEmpty();
    }

    @Test
    void drain_leavesDeadLettersThatCannotBeJudged() throws InterruptedException {
        sink.begin(0, 0);
        Lane<String> lane = lane();
        offer(lane, damaged(0, 3));
        lane.drain();
        start(lane).join();

        assertThat(sink.writes).isZero();
        assertThat(owner.failures).isEmpty();
    }

    @Test
    void write_thatWaitsForAConnection_isATroubleSoon() {
        sink.begin(0, 0);
        AtomicBoolean given = new AtomicBoolean();
        sink.faults = () -> write -> {
            OwnThread.beginWait("a database connection");
            await().untilTrue(given);
            OwnThread.endWait();
            write.run();
        };
        Lane<String> lane = lane();
        offer(lane, Logs.chunk(generation, 0, 1));
        lane.flush();
        start(lane);

        await().until(() -> lane.trouble().isPresent());
        assertThat(lane.trouble().map(Trouble::reason))
                .contains("writing a batch has taken 1 s so far, and waits for a database connection");

        given.set(true);
        await().until(() -> budget.records() == 0);
        assertThat(lane.trouble()).isEmpty();
    }
}
