package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.SinkException.Kind;
import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.kafka.FakeSink.Fault;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.function.LongPredicate;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Rows that the store refuses, for their own fault or because it refuses all. */
class UndecidedRowsTest {
    private static final int RECORDS = 5_000;
    private static final int MOST_FURTHER_ATTEMPTS = 26;

    /**
     * The attempts to write 300 records by which a right may come back. The ninth attempt finds the first row alone,
     * the tenth is that of the second: a change between these two goes unnoticed.
     */
    private static final int[] GIVEN_BACK =
            IntStream.range(1, 20).filter(n -> n != 10).toArray();

    private final WriterFixture fixture = new WriterFixture();
    private final FakeSink sink = fixture.sink;
    private final BatchWriter<String> writer = fixture.writer();
    private final Generation generation = Logs.generation(0);

    UndecidedRowsTest() {
        sink.begin(0, 0);
    }

    private void refuse(LongPredicate offsets) {
        sink.perhapsRefused = value -> offsets.test(Long.parseLong(value.substring(value.indexOf('@') + 1)));
    }

    /** Writes records in batches of a size, and repeats undecided ones until they are decided. */
    private void write(int records, int batchSize) {
        Batcher<String> batcher = fixture.writing(writer, batchSize);
        batcher.append(Logs.chunk(generation, 0, records));
        while (!batcher.isEmpty()) {
            batcher.flush();
        }
    }

    private void assertWritten(int records, LongPredicate bad) {
        assertThat(sink.rows)
                .isEqualTo(LongStream.range(0, records)
                        .filter(bad.negate())
                        .mapToObj(offset -> "t-0@" + offset)
                        .toList());
        assertThat(sink.deadLetters)
                .extracting(DeadLetter::offset)
                .containsExactlyElementsOf(
                        LongStream.range(0, records).filter(bad).boxed().toList());
        assertThat(sink.deadLetters)
                .extracting(DeadLetter::reasons)
                .allMatch(List.of("failed: FATAL_PERHAPS_DATA")::equals);
        assertThat(sink.offset(0)).isEqualTo(records);
    }

    @Test
    void write_setsOneRowAsideInFewAttempts() {
        for (long index : new long[] {0, 1, 2, 19, 2_499, 2_500, 4_998}) {
            UndecidedRowsTest test = new UndecidedRowsTest();
            test.refuse(offset -> offset == index);

            test.write(RECORDS, RECORDS);

            test.assertWritten(RECORDS, offset -> offset == index);
            assertThat(test.sink.writes - 1).as("index %s", index).isLessThanOrEqualTo(MOST_FURTHER_ATTEMPTS);
            assertThat(test.fixture.host.waits).isEmpty();
        }
    }

    /** No later row can decide, so the row is tried as often as a fatal write; then the rows before it count. */
    @Test
    void write_setsTheLastRowAside() {
        refuse(offset -> offset == 49);

        write(50, 50);

        assertWritten(50, offset -> offset == 49);
        assertThat(fixture.host.waits).hasSize(2);
    }

    @Test
    void write_setsManyRowsAside() {
        for (LongPredicate bad : List.<LongPredicate>of(
                offset -> offset < 30, offset -> offset % 3 == 0, offset -> offset > 75, offset -> offset / 10 == 4)) {
            UndecidedRowsTest test = new UndecidedRowsTest();
            test.refuse(bad);

            test.write(100, 100);

            test.assertWritten(100, bad);
        }
    }

    @Test
    void write_setsRowsAsideThatAreAloneInTheirBatches() {
        LongPredicate bad = offset -> offset == 0 || offset == 20 || (offset >= 30 && offset < 40);
        refuse(bad);

        write(50, 1);

        assertWritten(50, bad);
    }

    @Test
    void write_ofRowsThatAreAllRefusedWritesNothing() {
        for (int records : new int[] {2, 50, 199, 200, RECORDS}) {
            UndecidedRowsTest test = new UndecidedRowsTest();
            test.refuse(offset -> true);

            assertThatExceptionOfType(TelemetryException.class)
                    .isThrownBy(() -> test.write(records, records))
                    .withMessage("Writing failed 3 times and cannot succeed: none of " + records
                            + " records is accepted: failed: FATAL_PERHAPS_DATA");

            test.assertWritten(0, offset -> false);
            assertThat(test.sink.writes).isLessThan(1_300);
            assertThat(test.fixture.host.waits).hasSize(2);
            assertThat(test.fixture.events(TelemetryEvent.WriteRetried.class)).hasSize(2);
        }
    }

    @Test
    void write_ofRowsThatAreAllRefusedInBatchesOfOneWritesNothing() {
        refuse(offset -> true);

        assertThatExceptionOfType(TelemetryException.class)
                .isThrownBy(() -> write(1_000, 1))
                .withMessageStartingWith("Writing failed 3 times and cannot succeed: none of ");

        assertWritten(0, offset -> false);
        assertThat(sink.writes).isLessThan(5_000);
    }

    /** Either this row is at fault or every write, and no other record arrives to show which. */
    @Test
    void write_ofARowThatIsAloneWaitsForOthersThenWritesNothing() {
        refuse(offset -> true);

        assertThatExceptionOfType(TelemetryException.class)
                .isThrownBy(() -> write(1, 1))
                .withMessageContaining("none of 1 records is accepted");

        assertWritten(0, offset -> false);
        assertThat(fixture.host.waits.stream().reduce(Duration.ZERO, Duration::plus))
                .isBetween(Duration.ofSeconds(10), Duration.ofSeconds(15));
    }

    @Test
    void write_ofARowThatIsAloneIsDecidedByTheNext() {
        refuse(offset -> offset == 0);
        Batcher<String> batcher = fixture.writing(writer, 1);
        fixture.host.duringBackOff = () -> assertWritten(0, offset -> false);

        batcher.append(Logs.chunk(generation, 0, 1));
        assertThat(batcher.isEmpty()).isFalse();
        batcher.append(Logs.chunk(generation, 1, 2));

        assertThat(batcher.isEmpty()).isTrue();
        assertWritten(2, offset -> offset == 0);
    }

    /** Earlier rows prove nothing: not one of the rows behind them is dead-lettered. */
    @Test
    void write_setsNothingAsideWhenARightIsWithdrawnBetweenBatches() {
        refuse(offset -> offset >= 10);

        assertThatExceptionOfType(TelemetryException.class).isThrownBy(() -> write(500, 1));

        assertWritten(10, offset -> false);
    }

    @Test
    void write_setsNothingAsideWhenARightIsWithdrawnWhileABatchIsHalved() {
        refuse(offset -> offset == 700);
        sink.faults = () -> {
            if (sink.offset(0) > 500) {
                refuse(offset -> true);
            }
            return Fault.NONE;
        };

        assertThatExceptionOfType(TelemetryException.class).isThrownBy(() -> write(1_000, 1_000));

        assertThat(sink.deadLetters).isEmpty();
        assertThat(sink.offset(0)).isEqualTo(sink.rows.size());
    }

    @Test
    void write_setsNothingAsideThatGoesInWhenItIsTriedAgain() {
        refuse(offset -> true);
        fixture.host.duringBackOff = () -> refuse(offset -> false);

        write(50, 50);

        assertWritten(50, offset -> false);
    }

    /** Refuses everything for some attempts, and then only the bad rows. */
    private void giveBackARight(int attempt, LongPredicate bad) {
        refuse(offset -> true);
        sink.faults = () -> {
            if (sink.writes >= attempt) {
                refuse(bad);
            }
            return Fault.NONE;
        };
    }

    @Test
    void write_setsNothingAsideWhenARightIsGivenBackWhileABatchIsHalved() {
        for (int attempt : GIVEN_BACK) {
            UndecidedRowsTest test = new UndecidedRowsTest();
            test.giveBackARight(attempt, offset -> false);

            test.write(300, 300);

            test.assertWritten(300, offset -> false);
        }
    }

    /** Rows that are bad by themselves delay others less each time. */
    @Test
    void write_waitsForShorterAfterItWasInVain() {
        UndecidedRowsTest once = new UndecidedRowsTest();
        once.refuse(offset -> offset < 3);
        once.write(100, 100);
        refuse(offset -> offset < 3 || (offset > 50 && offset < 54));

        write(100, 100);

        assertWritten(100, offset -> offset < 3 || (offset > 50 && offset < 54));
        int pauses = once.fixture.host.backOffs.size();
        assertThat(pauses).isPositive();
        assertThat(fixture.host.backOffs).hasSizeBetween(pauses + 1, 2 * pauses - 1);
    }

    /** A row is bad by itself, wherever it lies among those that were refused with it. */
    @Test
    void write_setsOnlyABadRowAsideWhenARightIsGivenBack() {
        for (long bad : new long[] {0, 1, 2, 7, 20, 150, 298}) {
            for (int attempt : GIVEN_BACK) {
                UndecidedRowsTest test = new UndecidedRowsTest();
                test.giveBackARight(attempt, offset -> offset == bad);
                FakeSink store = test.sink;
                int back = attempt;
                store.reason = () -> store.writes < back ? "no right" : "bad row";

                test.write(300, 300);

                assertThat(store.deadLetters)
                        .as("given back at attempt %s", attempt)
                        .extracting(DeadLetter::offset)
                        .containsExactly(bad);
                assertThat(store.rows).hasSize(299).doesNotHaveDuplicates();
            }
        }
    }

    /** An outage lies between the refusal of a row and the next accepted one: the row is retried. */
    @Test
    void write_setsNothingAsideThatWasRefusedBeforeAnOutage() {
        refuse(offset -> true);
        sink.script.addAll(Collections.nCopies(9, Fault.NONE));
        sink.script.add(Fault.before(FakeSink.failure(Kind.TRANSIENT)));
        fixture.host.duringBackOff = () -> refuse(offset -> false);

        write(300, 300);

        assertThat(sink.deadLetters).isEmpty();
        assertWritten(300, offset -> false);
    }

    @Test
    void write_setsNothingAsideThatAnotherConsumerHas() {
        refuse(offset -> offset == 0);
        Generation other = Logs.generation(1);
        sink.begin(1, 0);
        sink.script.addAll(List.of(Fault.NONE, Fault.NONE));
        sink.script.add(transaction -> {
            sink.begin(0, 77);
            sink.begin(1, 77);
            transaction.run();
        });

        writer.write(fixture.interleaved(2, generation, other));

        assertThat(sink.rows).isEmpty();
        assertThat(sink.deadLetters).isEmpty();
        assertThat(sink.offset(0)).isEqualTo(77);
    }

    /** A row that is certainly bad waits with the one before it. */
    @Test
    void write_setsRowsOfBothKindsAside() {
        refuse(offset -> offset == 3);
        sink.refused = value -> value.equals("t-0@4") || value.equals("t-0@1");
        sink.tooOld = delivery -> delivery.offset() == 5;

        write(8, 8);

        assertThat(sink.rows).containsExactly("t-0@0", "t-0@2", "t-0@6", "t-0@7");
        assertThat(sink.deadLetters)
                .extracting(letter -> letter.offset() + " " + letter.reasons().get(0))
                .containsExactlyInAnyOrder(
                        "1 failed: DATA", "3 failed: FATAL_PERHAPS_DATA", "4 failed: DATA", "5 beyond retention");
        assertThat(sink.offset(0)).isEqualTo(8);
    }
}
