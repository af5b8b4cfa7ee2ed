package io.gpufleet.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import io.gpufleet.telemetry.DeadLetter.Stage;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Batches of records that hold many values, whose borders are kept. */
class BatchOfManyValuesTest {
    private static final SourcePartition PARTITION = new SourcePartition("t", 0);
    private static final SourcePartition OTHER = new SourcePartition("t", 1);
    private static final LogId LOG = new LogId("c", new UUID(1, 1));

    private final Batch.Builder<String> batch =
            Batch.<String>builder().open(PARTITION, LOG, 0).open(OTHER, LOG, 0);

    private static Delivery<String> delivery(SourceRecord source, int index) {
        return Delivery.of(source + "#" + index, Instant.EPOCH, source, index);
    }

    private void add(SourcePartition partition, long offset, int values) {
        SourceRecord source = Records.record(partition, offset);
        for (int i = 0; i < values; i++) {
            batch.add(delivery(source, i));
        }
    }

    private static DeadLetter letter(long offset, Integer... indexes) {
        return new DeadLetter(
                Records.record(PARTITION, offset), Stage.DECODE, List.of("bad " + offset), List.of(indexes));
    }

    @Test
    void batch_countsRecordsAndValues() {
        add(PARTITION, 0, 3);
        add(OTHER, 0, 2);
        batch.add(letter(1));
        add(PARTITION, 2, 4);
        Batch<String> built = batch.add(letter(2, 4, 5)).build();

        assertThat(built.values()).isEqualTo(9);
        assertThat(built.deliveredRecords()).isEqualTo(3);
        assertThat(built.records()).isEqualTo(4);
        assertThat(built.refusedRecords()).isEqualTo(1 + 2.0 / 6, within(1e-12));
    }

    private static RecordCounts counts(long offset, int refused, int repeated) {
        return new RecordCounts(PARTITION, offset, refused, repeated, Map.of());
    }

    @Test
    void batch_countsRefusedValuesWithoutALetterAsTheOthers() {
        add(PARTITION, 0, 3);
        batch.add(counts(0, 1, 1));
        add(PARTITION, 1, 2);
        batch.add(letter(1, 5)).add(counts(1, 2, 1));
        batch.add(counts(2, 4, 4));
        batch.add(letter(3)).add(counts(3, 2, 1));
        Batch<String> built = batch.add(counts(4, 0, 0)).build();

        assertThat(built.records()).isEqualTo(4);
        assertThat(built.deliveredRecords()).isEqualTo(2);
        assertThat(built.countedOnlyRecords()).isEqualTo(1);
        assertThat(built.refusedRecords()).isEqualTo(1.0 / 4 + 2.0 / 4 + 1 + 1, within(1e-12));
        assertThat(built.ranges()).extracting(OffsetRange::next).containsExactly(5L, 0L);
    }

    @Test
    void counts_stayWithTheirRecords() {
        batch.add(counts(0, 1, 1));
        add(PARTITION, 1, 2);
        batch.add(counts(1, 1, 0));
        add(PARTITION, 2, 2);
        add(OTHER, 0, 1);
        RecordCounts ofOther = new RecordCounts(OTHER, 0, 1, 1, Map.of("no value", 2));
        Batch<String> built = batch.add(ofOther).build();

        List<Batch<String>> halves = built.split();

        assertThat(halves.get(0).counts()).containsExactly(counts(0, 1, 1), counts(1, 1, 0));
        assertThat(halves.get(1).counts()).containsExactly(ofOther);
        assertThat(halves.get(0).join(halves.get(1)).counts()).isEqualTo(built.counts());
        assertThat(built.without(List.of(PARTITION)).counts()).containsExactly(ofOther);
        assertThat(built.replaceDeadLetters(letter -> letter).counts()).isEqualTo(built.counts());
        assertThat(built.enrich(deliveries -> deliveries).counts()).isEqualTo(built.counts());
    }

    @Test
    void refuse_countsTheValuesItTakesOut() {
        add(PARTITION, 0, 5);
        Batch<String> built = batch.add(letter(0, 7)).add(counts(0, 1, 0)).build();

        Batch<String> rest = built.refuse(List.of(letter(0, 1, 2)));

        assertThat(rest.counts()).containsExactly(counts(0, 1, 0), counts(0, 2, 0));
        assertThat(rest.refusedRecords()).isEqualTo(3.0 / 6, within(1e-12));
    }

    @Test
    void add_refusesCountsOfAPartitionThatIsNotOpen() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> batch.add(new RecordCounts(new SourcePartition("u", 0), 0, 1, 1, Map.of())))
                .withMessage("u-0: the batch does not cover this partition");
    }

    @Test
    void recordCounts_refuseImpossibleNumbers() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> counts(-1, 1, 1))
                .withMessage("offset: -1 is not 0 or more");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> counts(0, 1, 2))
                .withMessage("repeated: 2 is not between 0 and 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> counts(0, 1, -1))
                .withMessage("repeated: -1 is not between 0 and 1");
    }

    @Test
    void split_cutsBetweenRecordsOnly() {
        add(PARTITION, 0, 1);
        add(PARTITION, 1, 6);
        add(PARTITION, 2, 1);
        Batch<String> built = batch.advance(PARTITION, 9, -1).build();

        List<Batch<String>> halves = built.split();

        assertThat(halves.get(0).deliveries()).extracting(Delivery::offset).containsOnly(0L);
        assertThat(halves.get(1).deliveries()).hasSize(7);
        assertThat(halves.get(1).split().get(0).deliveries())
                .hasSize(6)
                .extracting(Delivery::offset)
                .containsOnly(1L);
        assertThat(halves.get(0).join(halves.get(1)).deliveries()).isEqualTo(built.deliveries());
    }

    /** Splits a batch of records that have so many values each, and returns the numbers of values. */
    private List<Integer> split(int... values) {
        for (int offset = 0; offset < values.length; offset++) {
            add(PARTITION, offset, values[offset]);
        }
        return batch.build().split().stream().map(Batch::values).toList();
    }

    @Test
    void split_cutsAtTheBorderNextToTheMiddle() {
        assertThat(split(1, 3, 2)).containsExactly(4, 2);
    }

    @Test
    void split_cutsBeforeALastRecordThatReachesBeyondTheMiddle() {
        assertThat(split(1, 3)).containsExactly(1, 3);
    }

    @Test
    void split_keepsThePartialLetterWithItsRecord() {
        add(PARTITION, 0, 5);
        add(PARTITION, 1, 5);
        Batch<String> built = batch.add(letter(1, 7)).build();

        List<Batch<String>> halves = built.split();

        assertThat(halves.get(0).deadLetters()).isEmpty();
        assertThat(halves.get(1).deadLetters()).extracting(DeadLetter::offset).containsExactly(1L);
    }

    @Test
    void oneRecord_isNotSplit() {
        add(PARTITION, 0, 5);
        Batch<String> built = batch.build();

        assertThat(built.isDivisible()).isFalse();
        assertThatIllegalStateException().isThrownBy(built::split).withMessage("Batch of 1 records cannot be split");
    }

    @Test
    void refuse_ofSomeValuesKeepsTheOthers() {
        add(PARTITION, 0, 3);

        Batch<String> rest = batch.build().refuse(List.of(letter(0, 1)));

        assertThat(rest.deliveries()).extracting(Delivery::index).containsExactly(0, 2);
        assertThat(rest.deadLetters()).singleElement().satisfies(letter -> {
            assertThat(letter.stage()).isEqualTo(Stage.SAMPLE);
            assertThat(letter.indexes()).containsExactly(1);
        });
        assertThat(rest.records()).isEqualTo(1);
    }

    @Test
    void refuse_ofTheLastValuesRefusesTheRecordWhole() {
        add(PARTITION, 0, 3);

        Batch<String> rest = batch.build().refuse(List.of(letter(0, 1))).refuse(List.of(letter(0, 0, 2)));

        assertThat(rest.deliveries()).isEmpty();
        assertThat(rest.deadLetters()).singleElement().satisfies(letter -> {
            assertThat(letter.isPartial()).isFalse();
            assertThat(letter.stage()).isEqualTo(Stage.DECODE);
            assertThat(letter.reasons()).containsExactly("bad 0", "bad 0");
        });
    }

    @Test
    void refuse_ofARecordJoinsTheLetterOfSomeOfItsValues() {
        add(PARTITION, 0, 3);
        Batch<String> built = batch.add(letter(0, 3)).build();

        Batch<String> rest = built.refuse("the store says no");

        assertThat(rest.deadLetters()).singleElement().satisfies(letter -> {
            assertThat(letter.isPartial()).isFalse();
            assertThat(letter.stage()).isEqualTo(Stage.WRITE);
            assertThat(letter.reasons()).containsExactly("bad 0", "the store says no");
        });
    }

    @Test
    void validator_refusesValuesOfARecord() {
        add(PARTITION, 0, 3);

        Batch<String> rest = batch.build().refuse(d -> d.index() == 2 ? List.of("too old") : List.of());

        assertThat(rest.deliveries()).hasSize(2);
        assertThat(rest.deadLetters()).singleElement().satisfies(letter -> {
            assertThat(letter.indexes()).containsExactly(2);
            assertThat(letter.stage()).isEqualTo(Stage.SAMPLE);
        });
    }

    @Test
    void builder_refusesAValueThatDoesNotFollow() {
        add(PARTITION, 0, 2);
        SourceRecord first = Records.record(PARTITION, 0);

        assertThatIllegalArgumentException().isThrownBy(() -> batch.add(delivery(first, 1)));
        add(OTHER, 0, 1);
        assertThatIllegalArgumentException()
                .as("the values of a record lie side by side")
                .isThrownBy(() -> batch.add(delivery(first, 2)));
        batch.advance(OTHER, 5, -1);
        assertThatIllegalArgumentException()
                .as("a record that is covered")
                .isThrownBy(() -> batch.add(delivery(Records.record(OTHER, 0), 1)));
        assertThatIllegalArgumentException().isThrownBy(() -> batch.add(letter(0, 3)));
    }

    @Test
    void refuse_ofManyValuesKeepsAllIndexesAndSomeReasons() {
        int values = 50_000;
        add(PARTITION, 0, values);

        Batch<String> rest = batch.build().refuse(d -> d.index() == 0 ? List.of() : List.of("too old"));

        assertThat(rest.deliveries()).hasSize(1);
        assertThat(rest.deadLetters()).singleElement().satisfies(letter -> {
            assertThat(letter.indexes()).hasSize(values - 1).startsWith(1, 2).endsWith(values - 1);
            assertThat(letter.reasons()).hasSize(DeadLetter.MOST_REASONS);
        });
    }
}
