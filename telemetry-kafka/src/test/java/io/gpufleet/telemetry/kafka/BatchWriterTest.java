package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.FailurePolicy;
import io.gpufleet.telemetry.FencedException;
import io.gpufleet.telemetry.LogId;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.RetryPolicy;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.SinkException.Kind;
import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.kafka.FakeSink.Fault;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class BatchWriterTest {
    private final WriterFixture fixture = new WriterFixture();
    private final FakeSink sink = fixture.sink;
    private final FakeHost host = fixture.host;
    private final Generation first = Logs.generation(0);
    private final Generation second = Logs.generation(1);
    private final Generation third = Logs.generation(2);

    private static List<String> rows(int partition, long from, long next) {
        return LongStream.range(from, next)
                .mapToObj(offset -> Logs.partition(partition) + "@" + offset)
                .toList();
    }

    private void write(PendingBatch<String> batch) {
        fixture.writer().write(batch);
    }

    @Test
    void write_movesThePositionsWithTheRows() {
        sink.begin(0, 0);
        sink.begin(1, 5);

        write(fixture.batch(Logs.chunk(first, 0, 3), Logs.chunk(second, 5, 7)));

        assertThat(sink.rows).containsExactly("t-0@0", "t-0@1", "t-0@2", "t-1@5", "t-1@6");
        assertThat(sink.offset(0)).isEqualTo(3);
        assertThat(sink.offset(1)).isEqualTo(7);
        assertThat(fixture.durable()).containsExactly(Logs.range(0, 0, 3), Logs.range(1, 5, 7));
        assertThat(fixture.events(TelemetryEvent.BatchWritten.class))
                .extracting(TelemetryEvent.BatchWritten::deliveries)
                .containsExactly(5);
        assertThat(host.recovered).isEqualTo(1);
        assertThat(sink.calls).containsExactly("write");
    }

    @Test
    void write_retriesWhatIsTransient() {
        fixture.options.retry = RetryPolicy.builder()
                .initialBackoff(Duration.ofMillis(3))
                .maxBackoff(Duration.ofMillis(10))
                .jitter(0)
                .build();
        sink.begin(0, 0);
        SinkException failure = FakeSink.failure(Kind.TRANSIENT);
        sink.script.addAll(List.of(Fault.before(failure), Fault.before(failure), Fault.before(failure)));

        write(fixture.batch(Logs.chunk(first, 0, 3)));

        assertThat(sink.rows).isEqualTo(rows(0, 0, 3));
        assertThat(host.backOffs).containsExactly(failure, failure, failure);
        assertThat(host.recovered).isEqualTo(1);
        assertThat(fixture.events(TelemetryEvent.WriteRetried.class))
                .containsExactly(
                        new TelemetryEvent.WriteRetried(1, Duration.ofMillis(3), failure),
                        new TelemetryEvent.WriteRetried(2, Duration.ofMillis(6), failure),
                        new TelemetryEvent.WriteRetried(3, Duration.ofMillis(10), failure));
    }

    @Test
    void write_readsThePositionsBeforeItTriesAgain() {
        sink.begin(0, 0);
        sink.script.add(Fault.before(FakeSink.failure(Kind.TRANSIENT)));

        write(fixture.batch(Logs.chunk(first, 0, 3)));

        assertThat(sink.calls).containsExactly("write", "positions", "write");
        assertThat(sink.rows).isEqualTo(rows(0, 0, 3));
    }

    @Test
    void write_takesACommitWhoseReplyWasLostForDone() {
        sink.begin(0, 0);
        sink.begin(1, 0);
        sink.script.add(Fault.lostReply());

        write(fixture.batch(Logs.chunk(first, 0, 3), Logs.chunk(second, 0, 2)));

        assertThat(sink.calls).containsExactly("write", "positions");
        assertThat(sink.rows).hasSize(5).doesNotHaveDuplicates();
        assertThat(fixture.durable()).containsExactly(Logs.range(0, 0, 3), Logs.range(1, 0, 2));
        assertThat(fixture.events(TelemetryEvent.BatchWritten.class))
                .containsExactly(new TelemetryEvent.BatchWritten(5, 0, Duration.ZERO));
        assertThat(host.restarted).isEmpty();
        assertThat(host.recovered).isEqualTo(1);
    }

    @Test
    void write_asksForThePositionsUntilTheyAreKnown() {
        sink.begin(0, 0);
        sink.script.add(Fault.lostReply());
        sink.readFaults = () -> host.backOffs.size() < 3 ? Fault.before(FakeSink.failure(Kind.TRANSIENT)) : Fault.NONE;

        write(fixture.batch(Logs.chunk(first, 0, 3)));

        assertThat(sink.calls).containsExactly("write", "positions", "positions", "positions");
        assertThat(sink.rows).isEqualTo(rows(0, 0, 3));
    }

    @Test
    void write_ofNothingButAPositionSurvivesALostReply() {
        sink.begin(0, 4);
        sink.script.add(Fault.lostReply());

        write(fixture.batch(Logs.chunk(first, 4, 9, List.of())));

        assertThat(sink.offset(0)).isEqualTo(9);
        assertThat(fixture.durable()).containsExactly(Logs.range(0, 4, 9));
    }

    @Test
    void write_dropsAPartitionThatMovedOnBehindALostReply() {
        sink.begin(0, 0);
        sink.begin(1, 0);
        sink.script.add(transaction -> {
            transaction.run();
            sink.begin(1, 50);
            throw FakeSink.failure(Kind.TRANSIENT);
        });

        write(fixture.batch(Logs.chunk(first, 0, 3), Logs.chunk(second, 0, 2)));

        assertThat(sink.rows).hasSize(5).doesNotHaveDuplicates();
        assertThat(fixture.durable()).containsExactly(Logs.range(0, 0, 3));
        assertThat(host.restarted).containsExactly(second);
        assertThat(sink.offset(1)).isEqualTo(50);
    }

    @Test
    void write_leavesOutOnlyWhatIsFenced() {
        sink.begin(0, 0);
        sink.begin(1, 1);
        sink.begin(2, 0);

        write(fixture.batch(Logs.chunk(first, 0, 3), Logs.chunk(second, 0, 2), Logs.chunk(third, 0, 1)));

        assertThat(sink.rows).containsExactly("t-0@0", "t-0@1", "t-0@2", "t-2@0");
        assertThat(sink.offset(1)).isEqualTo(1);
        assertThat(host.restarted).containsExactly(second);
        assertThat(Stream.of(first, second, third).map(Generation::isStale)).containsExactly(false, true, false);
        assertThat(fixture.durable()).containsExactly(Logs.range(0, 0, 3), Logs.range(2, 0, 1));
        assertThat(fixture.events(TelemetryEvent.PartitionsFenced.class))
                .containsExactly(new TelemetryEvent.PartitionsFenced(Set.of(Logs.partition(1))));
        assertThat(host.backOffs).isEmpty();
    }

    @Test
    void write_withoutAPositionIsFenced() {
        write(fixture.batch(Logs.chunk(first, 0, 3)));

        assertThat(sink.rows).isEmpty();
        assertThat(sink.positions).isEmpty();
        assertThat(host.restarted).containsExactly(first);
    }

    @Test
    void write_isFencedByAnotherLog() {
        sink.positions.put(Logs.partition(0), new Position(new LogId("a-cluster", new UUID(9, 9)), 0, -1));

        write(fixture.batch(Logs.chunk(first, 0, 3)));

        assertThat(sink.rows).isEmpty();
        assertThat(host.restarted).containsExactly(first);
    }

    @Test
    void write_stopsWhenTheSinkFencesWhatIsNotThere() {
        sink.begin(0, 0);
        sink.script.add(Fault.before(new FencedException(Set.of(Logs.partition(7)))));

        assertThatExceptionOfType(TelemetryException.class)
                .isThrownBy(() -> write(fixture.batch(Logs.chunk(first, 0, 3))))
                .withMessage("Sink fenced partitions that the batch does not hold");
    }

    @Test
    void write_dropsAGenerationThatEndedBefore() {
        sink.begin(0, 0);
        sink.begin(1, 0);
        PendingBatch<String> batch = fixture.batch(Logs.chunk(first, 0, 3), Logs.chunk(second, 0, 2));
        first.end();

        write(batch);

        assertThat(sink.rows).isEqualTo(rows(1, 0, 2));
        assertThat(sink.offset(0)).isZero();
        assertThat(host.restarted).isEmpty();
    }

    @Test
    void write_dropsAGenerationThatEndsBetweenTwoAttempts() {
        sink.begin(0, 0);
        sink.begin(1, 0);
        sink.script.add(Fault.before(FakeSink.failure(Kind.TRANSIENT)));
        host.duringBackOff = first::end;

        write(fixture.batch(Logs.chunk(first, 0, 3), Logs.chunk(second, 0, 2)));

        assertThat(sink.rows).isEqualTo(rows(1, 0, 2));
        assertThat(sink.offset(0)).isZero();
    }

    @Test
    void write_withoutAnythingLeftDoesNotTroubleTheSink() {
        PendingBatch<String> batch = fixture.batch(Logs.chunk(first, 0, 3));
        first.end();

        write(batch);

        assertThat(sink.calls).isEmpty();
        assertThat(host.recovered).isEqualTo(1);
    }

    @Test
    void write_endsWhenTheConsumerStopsDuringABackOff() {
        sink.begin(0, 0);
        sink.faults = () -> Fault.before(FakeSink.failure(Kind.TRANSIENT));
        host.duringBackOff = () -> {
            if (host.backOffs.size() == 4) {
                throw new LaneAbortedException();
            }
        };

        assertThatExceptionOfType(LaneAbortedException.class)
                .isThrownBy(() -> write(fixture.batch(Logs.chunk(first, 0, 3))));

        assertThat(sink.rows).isEmpty();
        assertThat(sink.offset(0)).isZero();
        assertThat(sink.writes).isEqualTo(4);
    }

    @Test
    void write_givesUpOnWhatIsFatal() {
        sink.begin(0, 0);
        sink.faults = () -> Fault.before(FakeSink.failure(Kind.FATAL));

        assertThatExceptionOfType(TelemetryException.class)
                .isThrownBy(() -> write(fixture.batch(Logs.chunk(first, 0, 3))))
                .withMessage("Writing failed 3 times and cannot succeed: failed: FATAL")
                .withCauseInstanceOf(SinkException.class);

        assertThat(sink.writes).isEqualTo(3);
        assertThat(host.backOffs).hasSize(2);
        assertThat(sink.offset(0)).isZero();
        assertThat(fixture.durable()).isEmpty();
    }

    @Test
    void write_takesAnyExceptionOfASinkForFatal() {
        fixture.options.failure = FailurePolicy.builder().fatalAttempts(5).build();
        sink.begin(0, 0);
        sink.faults = () -> Fault.before(new IllegalStateException("a defect"));

        assertThatExceptionOfType(TelemetryException.class)
                .isThrownBy(() -> write(fixture.batch(Logs.chunk(first, 0, 3))))
                .withMessage("Writing failed 5 times and cannot succeed: a defect");

        assertThat(sink.writes).isEqualTo(5);
    }

    @Test
    void write_forgivesAFatalFailureThatGoesAway() {
        sink.begin(0, 0);
        sink.script.addAll(List.of(
                Fault.before(FakeSink.failure(Kind.FATAL)),
                Fault.before(FakeSink.failure(Kind.TRANSIENT)),
                Fault.before(new IllegalStateException("a defect"))));

        write(fixture.batch(Logs.chunk(first, 0, 3)));

        assertThat(sink.rows).isEqualTo(rows(0, 0, 3));
    }

    @Test
    void write_halvesWhatIsTooLargeAgainAndAgain() {
        sink.begin(0, 0);
        sink.mostDeliveries = 10;

        write(fixture.batch(Logs.chunk(first, 0, 40)));

        assertThat(sink.rows).isEqualTo(rows(0, 0, 40));
        assertThat(sink.deadLetters).isEmpty();
        assertThat(sink.offset(0)).isEqualTo(40);
        // 40, 20, 20: three attempts and two waits each; then four times 10.
        assertThat(sink.writes).isEqualTo(3 * 3 + 4);
        assertThat(host.backOffs).hasSize(2 * 3);
    }

    @Test
    void write_doesNotHalveWhatIsTooLargeOnlyTwice() {
        sink.begin(0, 0);
        SinkException failure = FakeSink.failure(Kind.TRANSIENT_PERHAPS_TOO_LARGE);
        sink.script.addAll(List.of(Fault.before(failure), Fault.before(failure)));

        write(fixture.batch(Logs.chunk(first, 0, 40)));

        assertThat(fixture.events(TelemetryEvent.BatchWritten.class)).hasSize(1);
    }

    @Test
    void write_keepsTryingASingleRowThatIsTooLarge() {
        sink.begin(0, 0);
        sink.mostDeliveries = 0;
        host.duringBackOff = () -> sink.mostDeliveries = host.backOffs.size() == 20 ? 1 : 0;

        write(fixture.batch(Logs.chunk(first, 0, 1)));

        assertThat(sink.rows).isEqualTo(rows(0, 0, 1));
        assertThat(sink.deadLetters).isEmpty();
    }

    @Test
    void write_reportsADeadLetterWhenItIsDurable() {
        sink.begin(0, 0);
        sink.script.add(Fault.before(FakeSink.failure(Kind.TRANSIENT)));

        write(fixture.batch(Logs.chunk(first, 0, 1, List.of(Logs.record(0, 0, "damaged")))));

        List<DeadLetter> refused = fixture.events(TelemetryEvent.RecordRefused.class).stream()
                .map(TelemetryEvent.RecordRefused::deadLetter)
                .toList();
        assertThat(refused).isEqualTo(sink.deadLetters).hasSize(1);
        assertThat(refused.get(0).reasons()).containsExactly("no text at byte 7");
    }

    @Test
    void write_namesTheNewestRecordWhenTooManyAreDeadLetters() {
        sink.begin(0, 0);
        List<ConsumerRecord<byte[], byte[]>> damaged = LongStream.range(0, 200)
                .mapToObj(offset -> Logs.record(0, offset, "damaged"))
                .toList();

        assertThatExceptionOfType(TelemetryException.class)
                .isThrownBy(() -> write(fixture.batch(Logs.chunk(first, 0, 200, damaged))))
                .withMessage("More than 50 % of the last 1000 records (of at least 200) would be dead letters;"
                        + " the newest: t-0@199: [no text at byte 7]");

        assertThat(sink.writes).isZero();
    }

    @Test
    void write_givesUpWhenDeadLettersAreNotTaken() {
        sink.begin(0, 0);
        sink.faults = () -> Fault.before(FakeSink.failure(Kind.DATA));

        assertThatExceptionOfType(TelemetryException.class)
                .isThrownBy(() -> write(fixture.batch(Logs.chunk(first, 0, 1, List.of(Logs.record(0, 0, "damaged"))))))
                .withMessageStartingWith("Writing failed 3 times");

        assertThat(sink.offset(0)).isZero();
    }

    @Test
    void write_setsAsideWhatTheSinkDoesNotTake() {
        sink.begin(0, 0);
        sink.tooOld = delivery -> delivery.offset() < 3;
        sink.script.add(Fault.lostReply());
        sink.script.add(Fault.lostReply());

        write(fixture.batch(Logs.chunk(first, 0, 40)));

        assertThat(sink.rows).isEqualTo(rows(0, 3, 40));
        assertThat(sink.offset(0)).isEqualTo(40);
        assertThat(sink.deadLetters).extracting(DeadLetter::offset).containsExactly(0L, 1L, 2L);
        assertThat(fixture.events(TelemetryEvent.BatchWritten.class))
                .containsExactly(new TelemetryEvent.BatchWritten(37, 3, Duration.ZERO));
        assertThat(fixture.events(TelemetryEvent.RecordRefused.class)).hasSize(3);
    }

    @Test
    void write_stopsBeforeTooMuchIsSetAsideThatTheSinkDoesNotTake() {
        sink.begin(0, 0);
        sink.tooOld = delivery -> true;

        assertThatExceptionOfType(TelemetryException.class)
                .isThrownBy(() -> write(fixture.batch(Logs.chunk(first, 0, 200))))
                .withMessage("More than 50 % of the last 1000 records (of at least 200) would be dead letters;"
                        + " the newest: t-0@199: [beyond retention]");

        assertThat(sink.deadLetters).isEmpty();
        assertThat(sink.offset(0)).isZero();
    }

    @Test
    void write_countsWhatTheSinkDoesNotTakeInLaterBatchesToo() {
        sink.begin(0, 0);
        BatchWriter<String> writer = fixture.writer();
        sink.tooOld = delivery -> delivery.offset() % 2 == 0;
        writer.write(fixture.batch(Logs.chunk(first, 0, 199)));
        sink.tooOld = delivery -> true;

        assertThatExceptionOfType(TelemetryException.class)
                .isThrownBy(() -> writer.write(fixture.batch(Logs.chunk(first, 199, 201))))
                .withMessageContaining("would be dead letters; the newest: t-0@200");

        assertThat(sink.offset(0)).isEqualTo(199);
    }
}
