package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.FailurePolicy;
import io.gpufleet.telemetry.SinkException.Kind;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.kafka.FakeSink.Fault;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Bisection of rows that the store refuses: they are found and dead-lettered, and the others are written once. */
class BisectionTest {
    private static final int RECORDS = 5_000;
    private static final int MOST_FURTHER_ATTEMPTS = 26;

    private final Generation generation = Logs.generation(0);

    private static WriterFixture fixture(Set<String> bad) {
        WriterFixture fixture = new WriterFixture();
        fixture.sink.begin(0, 0);
        fixture.sink.refused = bad::contains;
        return fixture;
    }

    private static Set<String> bad(Integer... offsets) {
        return Set.of(offsets).stream().map(offset -> "t-0@" + offset).collect(Collectors.toSet());
    }

    private static void assertWritten(WriterFixture fixture, Set<String> bad, int records) {
        assertThat(fixture.sink.rows).hasSize(records - bad.size()).noneMatch(bad::contains);
        assertThat(Set.copyOf(fixture.sink.rows)).hasSize(records - bad.size());
        assertThat(fixture.sink.deadLetters)
                .extracting(letter -> letter.source().toString())
                .containsExactlyInAnyOrderElementsOf(bad);
        assertThat(fixture.sink.deadLetters).allMatch(letter -> letter.stage() == DeadLetter.Stage.WRITE);
        assertThat(fixture.sink.deadLetters)
                .allMatch(letter -> letter.reasons().get(0).equals("failed: DATA"));
    }

    @Test
    void write_findsOneBadRowInFewAttempts() {
        Set<Integer> indexes = new TreeSet<>(Set.of(0, 1, 2, 2_498, 2_499, 2_500, 2_501, 4_997, 4_998, 4_999));
        IntStream.iterate(3, index -> index < RECORDS, index -> index + 449).forEach(indexes::add);
        for (int index : indexes) {
            WriterFixture fixture = fixture(bad(index));

            fixture.writer().write(fixture.batch(Logs.chunk(generation, 0, RECORDS)));

            assertWritten(fixture, bad(index), RECORDS);
            assertThat(fixture.sink.offset(0)).isEqualTo(RECORDS);
            assertThat(fixture.sink.writes - 1).as("index %s", index).isLessThanOrEqualTo(MOST_FURTHER_ATTEMPTS);
            assertThat(fixture.host.backOffs).isEmpty();
        }
    }

    @Test
    void write_findsTwoBadRows() {
        for (Integer[] pair : new Integer[][] {{0, 1}, {0, 999}, {498, 499}, {499, 500}, {500, 501}, {998, 999}}) {
            WriterFixture fixture = fixture(bad(pair));

            fixture.writer().write(fixture.batch(Logs.chunk(generation, 0, 1_000)));

            assertWritten(fixture, bad(pair), 1_000);
            assertThat(fixture.sink.offset(0)).isEqualTo(1_000);
        }
    }

    @Test
    void write_findsTheOnlyRow() {
        WriterFixture fixture = fixture(bad(0));

        fixture.writer().write(fixture.batch(Logs.chunk(generation, 0, 1)));

        assertWritten(fixture, bad(0), 1);
        assertThat(fixture.sink.writes).isEqualTo(2);
    }

    @Test
    void write_stopsBeforeAWholeTopicIsSetAside() {
        WriterFixture fixture = fixture(Set.of());
        fixture.sink.refused = value -> true;

        assertThatExceptionOfType(TelemetryException.class)
                .isThrownBy(() -> fixture.writer().write(fixture.batch(Logs.chunk(generation, 0, RECORDS))))
                .withMessageStartingWith(
                        "More than 50 % of the last 1000 records (of at least 200) would be dead letters");

        assertThat(fixture.sink.rows).isEmpty();
        assertThat(fixture.sink.deadLetters).hasSize(199);
        assertThat(fixture.sink.offset(0)).isEqualTo(199);
    }

    @Test
    void write_findsBadRowsOfInterleavedPartitions() {
        SplittableRandom random = new SplittableRandom(11);
        for (int run = 0; run < 20; run++) {
            Generation[] generations = {Logs.generation(0), Logs.generation(1), Logs.generation(2)};
            Set<String> bad = random.ints(random.nextInt(1, 12), 0, 300)
                    .mapToObj(index -> "t-" + index % 3 + "@" + index / 3)
                    .collect(Collectors.toSet());
            WriterFixture fixture = fixture(bad);
            fixture.sink.begin(1, 0);
            fixture.sink.begin(2, 0);

            fixture.writer().write(fixture.interleaved(100, generations));

            assertWritten(fixture, bad, 300);
            assertThat(fixture.sink.positions.values()).allMatch(position -> position.nextOffset() == 100);
        }
    }

    @Test
    void write_keepsDeadLettersOfOtherStagesInTheirHalves() {
        WriterFixture fixture = fixture(bad(7));
        PendingBatch<String> batch = fixture.batch(
                Logs.chunk(generation, 0, 5),
                Logs.chunk(generation, 5, 6, List.of(Logs.record(0, 5, "damaged"))),
                Logs.chunk(generation, 6, 10),
                Logs.chunk(generation, 10, 11, List.of(Logs.record(0, 10, "damaged"))));

        fixture.writer().write(batch);

        assertThat(fixture.sink.rows).hasSize(8).doesNotHaveDuplicates().doesNotContain("t-0@7");
        assertThat(fixture.sink.deadLetters)
                .extracting(letter -> letter.offset() + " " + letter.stage())
                .containsExactlyInAnyOrder("5 DECODE", "7 WRITE", "10 DECODE");
        assertThat(fixture.sink.offset(0)).isEqualTo(11);
    }

    @Test
    void write_retriesATransientFailureInTheMiddle() {
        WriterFixture fixture = fixture(bad(30));
        fixture.sink.script.add(Fault.NONE);
        fixture.sink.script.add(Fault.lostReply());
        fixture.sink.script.add(Fault.before(FakeSink.failure(Kind.TRANSIENT)));

        fixture.writer().write(fixture.batch(Logs.chunk(generation, 0, 40)));

        assertWritten(fixture, bad(30), 40);
        assertThat(fixture.sink.offset(0)).isEqualTo(40);
    }

    @Test
    void write_refusesNoRowThatIsTakenAlone() {
        WriterFixture fixture = fixture(Set.of());
        fixture.options.failure = FailurePolicy.builder().maxDeadLetterShare(1).build();
        fixture.sink.script.add(Fault.before(FakeSink.failure(Kind.DATA)));

        fixture.writer().write(fixture.batch(Logs.chunk(generation, 0, 9)));

        assertWritten(fixture, Set.of(), 9);
    }

    @Test
    void write_goesOnWhenThePartitionOfTheBadRowIsFencedMeanwhile() {
        WriterFixture fixture = fixture(bad(2));
        Generation other = Logs.generation(1);
        fixture.sink.begin(1, 0);
        fixture.sink.script.add(Fault.NONE);
        fixture.sink.script.add(transaction -> {
            fixture.sink.begin(0, 77);
            transaction.run();
        });

        fixture.writer().write(fixture.batch(Logs.chunk(generation, 0, 4), Logs.chunk(other, 0, 4)));

        assertThat(fixture.sink.rows).containsExactly("t-1@0", "t-1@1", "t-1@2", "t-1@3");
        assertThat(fixture.sink.deadLetters).isEmpty();
        assertThat(fixture.host.restarted).containsExactly(generation);
        assertThat(fixture.sink.offset(0)).isEqualTo(77);
    }
}
