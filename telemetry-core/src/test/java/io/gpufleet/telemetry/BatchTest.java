package io.gpufleet.telemetry;

import static io.gpufleet.telemetry.Records.deadLetter;
import static io.gpufleet.telemetry.Records.delivery;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class BatchTest {
    private static final LogId TOPIC = new LogId("a-cluster", new UUID(1, 2));
    private static final SourcePartition FIRST = new SourcePartition("t", 0);
    private static final SourcePartition SECOND = new SourcePartition("t", 1);
    private static final SourcePartition THIRD = new SourcePartition("t", 2);

    private static Batch.Builder<String> open(SourcePartition... partitions) {
        Batch.Builder<String> builder = Batch.builder();
        for (SourcePartition partition : partitions) {
            builder.open(partition, TOPIC, 10);
        }
        return builder;
    }

    private static OffsetRange range(SourcePartition partition, long from, long next, int leaderEpoch) {
        return new OffsetRange(partition, TOPIC, from, next, leaderEpoch);
    }

    @Test
    void build_coversFromThePositionToBehindTheLastRecord() {
        Batch<String> batch = open(SECOND, FIRST)
                .add(delivery(SECOND, 13))
                .add(deadLetter(SECOND, 14))
                .add(delivery(FIRST, 10))
                .advance(FIRST, 20, 7)
                .build();

        assertThat(batch.ranges()).containsExactly(range(FIRST, 10, 20, 7), range(SECOND, 10, 15, -1));
        assertThat(batch.deliveries()).extracting(Delivery::value).containsExactly("t-1@13", "t-0@10");
        assertThat(batch.deadLetters()).extracting(DeadLetter::offset).containsExactly(14L);
        assertThat(batch).hasToString("Batch[2 deliveries of 2 records, 1 dead letters, 2 partitions]");
    }

    @Test
    void advance_keepsALeaderEpochThatIsNotKnownAnew() {
        Batch<String> batch =
                open(FIRST).advance(FIRST, 12, 5).advance(FIRST, 14, -1).build();

        assertThat(batch.ranges()).containsExactly(range(FIRST, 10, 14, 5));
    }

    @Test
    void advance_takesTheFirstLeaderEpoch() {
        Batch<String> batch = open(FIRST).advance(FIRST, 12, 0).build();

        assertThat(batch.ranges()).containsExactly(range(FIRST, 10, 12, 0));
    }

    @Test
    void open_continuesWhereTheRangeEnded() {
        Batch.Builder<String> builder = open(FIRST).add(delivery(FIRST, 11));

        builder.open(FIRST, TOPIC, 12).add(delivery(FIRST, 12));

        assertThat(builder.build().ranges()).containsExactly(range(FIRST, 10, 13, -1));
    }

    @Test
    void open_refusesAnotherPlaceOrAnotherLog() {
        Batch.Builder<String> builder = open(FIRST).add(delivery(FIRST, 11));

        for (long from : new long[] {10, 11, 13}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> builder.open(FIRST, TOPIC, from))
                    .withMessage("t-0: offset %d of log %s does not continue offset 12 of log %s", from, TOPIC, TOPIC);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.open(FIRST, new LogId("a-cluster", new UUID(1, 3)), 12));
    }

    @Test
    void add_refusesAnOffsetThatIsCoveredAlready() {
        Batch.Builder<String> builder = open(FIRST).add(delivery(FIRST, 11));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.add(delivery(FIRST, 11)))
                .withMessage("t-0: offset 11 lies below 12, which is covered already");
        assertThatIllegalArgumentException().isThrownBy(() -> builder.add(deadLetter(FIRST, 9)));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.advance(FIRST, 11, 0));
    }

    @Test
    void add_refusesAPartitionThatIsNotOpen() {
        Batch.Builder<String> builder = open(FIRST);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.add(delivery(SECOND, 10)))
                .withMessage("t-1: the batch does not cover this partition");
        assertThatIllegalArgumentException().isThrownBy(() -> builder.add(deadLetter(SECOND, 10)));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.advance(SECOND, 10, 0));
    }

    @Test
    void open_refusesNull() {
        assertThatNullPointerException().isThrownBy(() -> Batch.builder().open(FIRST, null, 0));
        assertThatNullPointerException().isThrownBy(() -> Batch.builder().advance(null, 0, 0));
    }

    @Test
    void build_isNotChangedByWhatIsAddedLater() {
        Batch.Builder<String> builder = open(FIRST).add(delivery(FIRST, 10));
        Batch<String> batch = builder.build();

        builder.add(delivery(FIRST, 11));

        assertThat(batch.deliveries()).hasSize(1);
        assertThat(batch.ranges()).containsExactly(range(FIRST, 10, 11, -1));
        assertThatThrownBy(() -> batch.deliveries().clear()).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void without_leavesOutEverythingOfAPartition() {
        Batch<String> batch = open(FIRST, SECOND)
                .add(delivery(FIRST, 10))
                .add(delivery(SECOND, 10))
                .add(deadLetter(FIRST, 11))
                .add(deadLetter(SECOND, 11))
                .build()
                .without(Set.of(FIRST));

        assertThat(batch.deliveries()).extracting(Delivery::partition).containsExactly(SECOND);
        assertThat(batch.deadLetters()).extracting(DeadLetter::partition).containsExactly(SECOND);
        assertThat(batch.ranges()).containsExactly(range(SECOND, 10, 12, -1));
        assertThat(batch.without(Set.of(SECOND)).ranges()).isEmpty();
        assertThat(batch.without(Set.of()).ranges()).isEqualTo(batch.ranges());
    }

    @Test
    void split_cutsAPartitionAtTheFirstDeliveryOfTheSecondHalf() {
        List<Batch<String>> halves = open(FIRST)
                .add(delivery(FIRST, 10))
                .add(deadLetter(FIRST, 12))
                .add(delivery(FIRST, 15))
                .add(deadLetter(FIRST, 16))
                .add(delivery(FIRST, 17))
                .advance(FIRST, 30, 4)
                .build()
                .split();

        assertThat(halves.get(0).deliveries()).extracting(Delivery::offset).containsExactly(10L);
        assertThat(halves.get(0).deadLetters()).extracting(DeadLetter::offset).containsExactly(12L);
        assertThat(halves.get(0).ranges()).containsExactly(range(FIRST, 10, 15, -1));
        assertThat(halves.get(1).deliveries()).extracting(Delivery::offset).containsExactly(15L, 17L);
        assertThat(halves.get(1).deadLetters()).extracting(DeadLetter::offset).containsExactly(16L);
        assertThat(halves.get(1).ranges()).containsExactly(range(FIRST, 15, 30, 4));
    }

    @Test
    void split_keepsAPartitionWholeIfItsDeliveriesAreInOneHalf() {
        List<Batch<String>> halves = open(FIRST, SECOND, THIRD)
                .add(deadLetter(SECOND, 11))
                .add(delivery(FIRST, 10))
                .add(delivery(SECOND, 12))
                .add(deadLetter(FIRST, 14))
                .add(deadLetter(THIRD, 10))
                .build()
                .split();

        assertThat(halves.get(0).ranges()).containsExactly(range(FIRST, 10, 15, -1), range(THIRD, 10, 11, -1));
        assertThat(halves.get(0).deadLetters())
                .extracting(DeadLetter::partition)
                .containsExactly(FIRST, THIRD);
        assertThat(halves.get(1).ranges()).containsExactly(range(SECOND, 10, 13, -1));
        assertThat(halves.get(1).deadLetters())
                .extracting(DeadLetter::partition)
                .containsExactly(SECOND);
    }

    @Test
    void split_refusesFewerThanTwoDeliveries() {
        assertThatIllegalStateException()
                .isThrownBy(() -> open(FIRST).add(delivery(FIRST, 10)).build().split())
                .withMessage("Batch of 1 records cannot be split");
        assertThatIllegalStateException()
                .isThrownBy(() -> open(FIRST).add(deadLetter(FIRST, 10)).build().split());
    }

    @Test
    void refuse_turnsTheOnlyDeliveryIntoADeadLetter() {
        Batch<String> batch =
                open(FIRST).add(deadLetter(FIRST, 10)).add(delivery(FIRST, 11)).build();

        Batch<String> refused = batch.refuse("value out of range");

        assertThat(refused.deliveries()).isEmpty();
        assertThat(refused.ranges()).isEqualTo(batch.ranges());
        assertThat(refused.deadLetters())
                .hasSize(2)
                .startsWith(batch.deadLetters().get(0));
        assertThat(refused.deadLetters().get(1))
                .isEqualTo(new DeadLetter(
                        batch.deliveries().get(0).source(), DeadLetter.Stage.WRITE, List.of("value out of range")));
    }

    @Test
    void refuse_needsExactlyOneDelivery() {
        assertThatIllegalStateException()
                .isThrownBy(() -> open(FIRST).build().refuse("bad"))
                .withMessage("Batch of 0 records cannot be refused as one");
        assertThatIllegalStateException()
                .isThrownBy(() -> open(FIRST)
                        .add(delivery(FIRST, 10))
                        .add(delivery(FIRST, 11))
                        .build()
                        .refuse("bad"));
    }

    @Test
    void refuse_setsAsideWhatAValidatorFindsFaultWith() {
        Batch<String> batch = open(FIRST)
                .add(delivery(FIRST, 10))
                .add(deadLetter(FIRST, 11))
                .add(delivery(FIRST, 12))
                .build();

        Batch<String> refused = batch.refuse(d -> d.offset() == 10 ? List.of("too old", "too small") : List.of());

        assertThat(refused.deliveries()).containsExactly(batch.deliveries().get(1));
        assertThat(refused.deadLetters()).extracting(DeadLetter::offset).containsExactly(11L, 10L);
        assertThat(refused.deadLetters().get(1).stage()).isEqualTo(DeadLetter.Stage.VALIDATE);
        assertThat(refused.deadLetters().get(1).reasons()).containsExactly("too old", "too small");
        assertThat(refused.ranges()).isEqualTo(batch.ranges());
        assertThat(batch.refuse(Validator.acceptAll())).isSameAs(batch);
    }

    @Test
    void join_undoesASplit() {
        Batch<String> batch = open(FIRST, SECOND, THIRD)
                .add(delivery(FIRST, 10))
                .add(delivery(SECOND, 11))
                .add(deadLetter(FIRST, 12))
                .add(delivery(FIRST, 13))
                .add(delivery(SECOND, 14))
                .advance(FIRST, 20, 7)
                .build();
        List<Batch<String>> halves = batch.split();

        Batch<String> joined = halves.get(0).join(halves.get(1));

        assertThat(joined.ranges()).isEqualTo(batch.ranges());
        assertThat(joined.deliveries()).isEqualTo(batch.deliveries());
        assertThat(joined.deadLetters()).isEqualTo(batch.deadLetters());
    }

    @Test
    void join_refusesWhatDoesNotContinue() {
        Batch<String> batch = open(FIRST).add(delivery(FIRST, 10)).build();

        assertThatIllegalArgumentException().isThrownBy(() -> batch.join(batch)).withMessageContaining("t-0");
    }

    @Test
    void refuse_takesTheDeliveriesOfTheRecords() {
        Batch<String> batch = open(FIRST, SECOND)
                .add(delivery(FIRST, 10))
                .add(delivery(SECOND, 10))
                .add(deadLetter(SECOND, 12))
                .build();

        Batch<String> rest = batch.refuse(List.of(deadLetter(SECOND, 10)));

        assertThat(rest.ranges()).isEqualTo(batch.ranges());
        assertThat(rest.deliveries()).extracting(Delivery::value).containsExactly("t-0@10");
        assertThat(rest.deadLetters()).extracting(DeadLetter::offset).containsExactly(12L, 10L);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> rest.refuse(List.of(deadLetter(SECOND, 10))))
                .withMessageContaining("t-1@10");
    }

    @Test
    void enrich_changesValuesOnlyByOneCall() {
        Batch<String> batch = open(FIRST)
                .add(delivery(FIRST, 10))
                .add(deadLetter(FIRST, 11))
                .add(delivery(FIRST, 12))
                .build();
        List<List<Delivery<String>>> calls = new ArrayList<>();

        Batch<String> enriched = batch.enrich(deliveries -> {
            calls.add(deliveries);
            return deliveries.stream().map(d -> d.withValue(d.value() + "+")).toList();
        });

        assertThat(calls).containsExactly(batch.deliveries());
        assertThat(enriched.deliveries()).extracting(Delivery::value).containsExactly("t-0@10+", "t-0@12+");
        assertThat(enriched.deliveries())
                .extracting(Delivery::source)
                .containsExactlyElementsOf(
                        batch.deliveries().stream().map(Delivery::source).toList());
        assertThat(enriched.deadLetters()).isEqualTo(batch.deadLetters());
        assertThat(enriched.ranges()).isEqualTo(batch.ranges());
    }

    @Test
    void enrich_refusesOtherDeliveriesThanWereGiven() {
        Batch<String> batch =
                open(FIRST).add(delivery(FIRST, 10)).add(delivery(FIRST, 12)).build();
        List<Enricher<String>> wrong = List.of(
                deliveries -> deliveries.subList(0, 1),
                deliveries -> List.of(),
                deliveries -> List.of(deliveries.get(1), deliveries.get(0)),
                deliveries -> List.of(deliveries.get(0), deliveries.get(0)),
                deliveries -> deliveries.stream()
                        .map(d -> Delivery.of(d.value(), d.time().plusSeconds(1), d.source()))
                        .toList(),
                deliveries -> deliveries.stream()
                        .map(d -> Delivery.of(d.value(), d.time(), d.source(), 1))
                        .toList());
        for (Enricher<String> enricher : wrong) {
            assertThatThrownBy(() -> batch.enrich(enricher))
                    .isInstanceOfSatisfying(
                            SinkException.class, e -> assertThat(e.kind()).isEqualTo(SinkException.Kind.FATAL))
                    .hasMessageStartingWith("Enricher returned ");
        }
    }

    @Test
    void enrich_ofNoValuesAsksNobody() {
        Batch<String> batch = open(FIRST).add(deadLetter(FIRST, 11)).build();
        assertThat(batch.enrich(deliveries -> {
                    throw new IllegalStateException("asked");
                }))
                .isSameAs(batch);
        assertThatNullPointerException().isThrownBy(() -> batch.enrich(null)).withMessage("enricher");
    }

    @Test
    void refuse_namesTheRecordsThatTheBatchDoesNotHold() {
        Batch<String> batch = open(FIRST, SECOND)
                .add(delivery(FIRST, 10))
                .add(delivery(SECOND, 10))
                .build();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> batch.refuse(List.of(deadLetter(SECOND, 10), deadLetter(SECOND, 11))))
                .withMessage(
                        "Batch holds no delivery of the dead-lettered records [t-1@11]; only its own records can be"
                                + " refused");
    }

    @Test
    void refusedRecords_areTheDeadLettersOfWholeRecords() {
        Batch<String> batch = open(FIRST)
                .add(delivery(FIRST, 10))
                .add(deadLetter(FIRST, 11))
                .add(deadLetter(FIRST, 12))
                .build();

        assertThat(batch.refusedRecords()).isEqualTo(2);
        assertThat(batch.records()).isEqualTo(3);
    }

    @Test
    void replaceDeadLetters_changesNothingElse() {
        Batch<String> batch = open(FIRST, SECOND)
                .add(delivery(FIRST, 10))
                .add(deadLetter(FIRST, 11))
                .build();

        Batch<String> replaced = batch.replaceDeadLetters(letter -> deadLetter(SECOND, letter.offset()));

        assertThat(replaced.deadLetters())
                .extracting(DeadLetter::partition, DeadLetter::offset)
                .containsExactly(tuple(SECOND, 11L));
        assertThat(replaced.deliveries()).isEqualTo(batch.deliveries());
        assertThat(replaced.ranges()).isEqualTo(batch.ranges());
    }
}
