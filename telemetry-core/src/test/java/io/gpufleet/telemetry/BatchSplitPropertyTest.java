package io.gpufleet.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Random batches, split again and again until each delivery is alone, as a bisection does. */
class BatchSplitPropertyTest {
    private static final int BATCHES = 3_000;
    private static final int MOST_PARTITIONS = 6;
    private static final int MOST_STEPS = 40;

    private final SplittableRandom random = new SplittableRandom(20260101);

    @Test
    void split_losesAndAddsNothing() {
        for (int i = 0; i < BATCHES; i++) {
            Batch<String> batch = batch();
            if (batch.deliveries().size() < 2) {
                continue;
            }
            List<Batch<String>> halves = batch.split();

            assertThat(halves).hasSize(2).noneMatch(half -> half.deliveries().isEmpty());
            assertSame(halves, batch);
        }
    }

    @Test
    void split_downToSingleDeliveriesLosesAndAddsNothing() {
        for (int i = 0; i < BATCHES / 10; i++) {
            Batch<String> batch = batch();
            List<Batch<String>> singles = new ArrayList<>();

            bisect(batch, singles);

            assertThat(singles).allMatch(single -> single.deliveries().size() <= 1);
            assertSame(singles, batch);
        }
    }

    private static void bisect(Batch<String> batch, List<Batch<String>> singles) {
        if (batch.deliveries().size() < 2) {
            singles.add(batch);
            return;
        }
        batch.split().forEach(half -> bisect(half, singles));
    }

    /** Asserts that the parts, written one after the other, equal the whole. */
    private static void assertSame(List<Batch<String>> parts, Batch<String> whole) {
        assertThat(values(parts.stream())).isEqualTo(values(Stream.of(whole)));
        assertThat(parts.stream().flatMap(part -> part.deadLetters().stream()))
                .containsExactlyInAnyOrderElementsOf(whole.deadLetters());
        parts.forEach(BatchSplitPropertyTest::assertCovered);
        assertThat(joined(parts)).containsExactlyElementsOf(whole.ranges());
    }

    private static List<String> values(Stream<Batch<String>> batches) {
        return batches.flatMap(batch -> batch.deliveries().stream())
                .map(Delivery::value)
                .toList();
    }

    private static void assertCovered(Batch<String> part) {
        Map<SourcePartition, OffsetRange> ranges =
                part.ranges().stream().collect(Collectors.toMap(OffsetRange::partition, Function.identity()));
        part.deliveries().forEach(d -> assertInside(ranges.get(d.partition()), d.offset()));
        part.deadLetters().forEach(d -> assertInside(ranges.get(d.partition()), d.offset()));
    }

    private static void assertInside(OffsetRange range, long offset) {
        assertThat(range).isNotNull();
        assertThat(offset).isBetween(range.from(), range.next() - 1);
    }

    /** Joins the ranges of a partition, each of which begins where the one before it ends. */
    private static Collection<OffsetRange> joined(List<Batch<String>> parts) {
        Map<SourcePartition, OffsetRange> joined = new TreeMap<>();
        for (Batch<String> part : parts) {
            for (OffsetRange range : part.ranges()) {
                joined.merge(range.partition(), range, BatchSplitPropertyTest::join);
            }
        }
        return joined.values();
    }

    private static OffsetRange join(OffsetRange before, OffsetRange behind) {
        assertThat(behind.from()).isEqualTo(before.next());
        assertThat(behind.log()).isEqualTo(before.log());
        return new OffsetRange(before.partition(), before.log(), before.from(), behind.next(), behind.leaderEpoch());
    }

    private Batch<String> batch() {
        Batch.Builder<String> builder = Batch.builder();
        int partitions = random.nextInt(1, MOST_PARTITIONS);
        long[] next = new long[partitions];
        for (int partition = 0; partition < partitions; partition++) {
            next[partition] = random.nextInt(1000);
            builder.open(
                    new SourcePartition("t", partition),
                    new LogId("a-cluster", new UUID(0, partition)),
                    next[partition]);
        }
        for (int steps = random.nextInt(MOST_STEPS); steps > 0; steps--) {
            int partition = random.nextInt(partitions);
            next[partition] = step(builder, new SourcePartition("t", partition), next[partition]);
        }
        return builder.build();
    }

    private long step(Batch.Builder<String> builder, SourcePartition partition, long next) {
        long offset = next + random.nextInt(3);
        switch (random.nextInt(4)) {
            case 0 -> builder.add(Records.deadLetter(partition, offset));
            case 1 -> builder.advance(partition, offset + 1, random.nextInt(-1, 5));
            default -> builder.add(Records.delivery(partition, offset));
        }
        return offset + 1;
    }
}
