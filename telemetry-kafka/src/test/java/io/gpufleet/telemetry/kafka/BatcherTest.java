package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.BatchPolicy;
import io.gpufleet.telemetry.Decoder;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.EventTime;
import io.gpufleet.telemetry.OffsetRange;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.Validator;
import io.gpufleet.telemetry.internal.RecordReader;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class BatcherTest {
    private static final int MOST_STEPS = 400;

    private final List<PendingBatch<String>> full = new ArrayList<>();
    private final Generation generation = Logs.generation(0);
    private int droppedRecords;
    private long droppedHeld;

    private Batcher<String> batcher(BatchPolicy.Builder policy) {
        return batcher(policy, new TextCodec());
    }

    private Batcher<String> batcher(BatchPolicy.Builder policy, Decoder<String> decoder) {
        RecordReader<String> reader =
                new RecordReader<>(decoder, EventTime.recordTimestamp(), Validator.acceptAll(), false);
        return new Batcher<>(reader, () -> unlimited(policy.build()), Logs.refusals(), full::add, (records, held) -> {
            droppedRecords += records;
            droppedHeld += held;
        });
    }

    private static BatchLimits unlimited(BatchPolicy policy) {
        return new BatchLimits(policy, Long.MAX_VALUE);
    }

    private static BatchPolicy.Builder records(int most) {
        return BatchPolicy.builder().maxRecords(most);
    }

    private static BatchPolicy.Builder bytes(int most) {
        return BatchPolicy.builder().maxBytes(most);
    }

    private List<Batch<String>> batches() {
        return full.stream().map(PendingBatch::build).toList();
    }

    private List<OffsetRange> ranges() {
        return batches().stream().flatMap(batch -> batch.ranges().stream()).toList();
    }

    private List<List<Long>> offsets() {
        return batches().stream()
                .map(batch -> batch.deliveries().stream().map(Delivery::offset).toList())
                .toList();
    }

    private static long nanos(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }

    private Chunk polledAt(long millis, long offset) {
        return new Chunk(
                generation, offset, offset + 1, Logs.EPOCH, Logs.records(0, offset, offset + 1), nanos(millis));
    }

    @Test
    void nanosUntilDue_aTrickleIsWrittenEverySecond() {
        Batcher<String> batcher = batcher(BatchPolicy.builder());
        List<Long> writtenAt = new ArrayList<>();
        long newestAt = 0;
        boolean restartedTimerWouldFire = false;

        for (long millis = 0; millis <= 10_000; millis++) {
            restartedTimerWouldFire |= millis - newestAt >= 1_000;
            if (batcher.nanosUntilDue(nanos(millis)) <= 0) {
                batcher.flush();
                writtenAt.add(millis);
            }
            if (millis % 100 == 0) {
                batcher.append(polledAt(millis, millis / 100));
                newestAt = millis;
            }
        }

        assertThat(writtenAt)
                .containsExactly(1_000L, 2_000L, 3_000L, 4_000L, 5_000L, 6_000L, 7_000L, 8_000L, 9_000L, 10_000L);
        assertThat(full).allMatch(batch -> batch.records() == 10);
        assertThat(restartedTimerWouldFire).isFalse();
    }

    @Test
    void nanosUntilDue_countsFromThePollAndNotFromTheAppend() {
        Batcher<String> batcher = batcher(BatchPolicy.builder());

        batcher.append(polledAt(100, 0));
        batcher.append(polledAt(900, 1));

        assertThat(batcher.nanosUntilDue(nanos(950))).isEqualTo(nanos(150));
        assertThat(batcher.nanosUntilDue(nanos(1_100))).isZero();
        assertThat(batcher.nanosUntilDue(nanos(1_200))).isNegative();
    }

    @Test
    void nanosUntilDue_withoutLingerIsNow() {
        Batcher<String> batcher = batcher(BatchPolicy.builder().linger(Duration.ZERO));

        batcher.append(polledAt(5, 0));

        assertThat(batcher.nanosUntilDue(nanos(5))).isZero();
    }

    @Test
    void nanosUntilDue_withoutRecordsIsFarAway() {
        Batcher<String> batcher = batcher(BatchPolicy.builder().linger(Duration.ZERO));

        assertThat(batcher.nanosUntilDue(nanos(5))).isEqualTo(Long.MAX_VALUE);
        assertThat(batcher.isEmpty()).isTrue();
        batcher.flush();
        assertThat(full).isEmpty();
    }

    @Test
    void append_cutsAChunkThatIsLargerThanABatch() {
        Batcher<String> batcher = batcher(records(4));

        batcher.append(Logs.chunk(generation, 7, 17));
        batcher.flush();

        assertThat(offsets()).containsExactly(List.of(7L, 8L, 9L, 10L), List.of(11L, 12L, 13L, 14L), List.of(15L, 16L));
        assertThat(ranges()).containsExactly(Logs.range(0, 7, 11), Logs.range(0, 11, 15), Logs.range(0, 15, 17));
    }

    @Test
    void append_startsTheLingerOfACutChunkWithItsPoll() {
        Batcher<String> batcher = batcher(records(2));

        batcher.append(polledAt(0, 0));
        batcher.append(new Chunk(generation, 1, 3, -1, Logs.records(0, 1, 3), nanos(600)));

        assertThat(full).hasSize(1);
        assertThat(batcher.nanosUntilDue(nanos(600))).isEqualTo(nanos(1_000));
    }

    @Test
    void append_leavesNothingBehindAChunkThatFillsItsBatch() {
        Batcher<String> batcher = batcher(records(5));

        batcher.append(Logs.chunk(generation, 0, 5));

        assertThat(ranges()).containsExactly(Logs.range(0, 0, 5));
        assertThat(batcher.isEmpty()).isTrue();
    }

    @Test
    void append_keepsWhatABatchPassesWithinItsBytes() {
        Batcher<String> batcher = batcher(bytes(100));

        batcher.append(
                Logs.chunk(generation, 0, 3, List.of(Logs.sized(0, 0, 60), Logs.sized(0, 1, 39), Logs.sized(0, 2, 2))));
        batcher.flush();

        assertThat(offsets()).containsExactly(List.of(0L, 1L), List.of(2L));
        assertThat(full).extracting(PendingBatch::bytes).containsExactly(99L, 2L);
    }

    @Test
    void append_writesABatchThatHasItsBytes() {
        Batcher<String> batcher = batcher(bytes(100));

        batcher.append(Logs.chunk(generation, 0, 2, List.of(Logs.sized(0, 0, 60), Logs.sized(0, 1, 40))));

        assertThat(offsets()).containsExactly(List.of(0L, 1L));
    }

    @Test
    void append_letsALargerRecordGoAlone() {
        Batcher<String> batcher = batcher(bytes(100));

        batcher.append(Logs.chunk(
                generation, 0, 3, List.of(Logs.sized(0, 0, 10), Logs.sized(0, 1, 5_000), Logs.sized(0, 2, 10))));

        assertThat(offsets()).containsExactly(List.of(0L), List.of(1L));
        batcher.flush();
        assertThat(offsets()).last().isEqualTo(List.of(2L));
        assertThat(ranges()).containsExactly(Logs.range(0, 0, 1), Logs.range(0, 1, 2), Logs.range(0, 2, 3));
    }

    @Test
    void append_coversOffsetsThatHoldNoRecord() {
        Batcher<String> batcher = batcher(records(2));

        batcher.append(
                Logs.chunk(generation, 5, 20, List.of(Logs.record(0, 7), Logs.record(0, 9), Logs.record(0, 12))));
        batcher.append(Logs.chunk(generation, 20, 31, List.of()));
        batcher.flush();

        assertThat(ranges()).containsExactly(Logs.range(0, 5, 10), Logs.range(0, 10, 31));
    }

    @Test
    void append_movesThePositionWithoutAnyRecord() {
        Batcher<String> batcher = batcher(BatchPolicy.builder());

        batcher.append(Logs.chunk(generation, 5, 9, List.of()));
        batcher.flush();

        assertThat(ranges()).containsExactly(Logs.range(0, 5, 9));
        assertThat(full.get(0).records()).isZero();
    }

    @Test
    void append_countsTombstonesAndDoesNotDecodeThem() {
        Batcher<String> batcher = batcher(records(3));

        batcher.append(Logs.chunk(
                generation, 0, 3, List.of(Logs.record(0, 0, null), Logs.record(0, 1), Logs.record(0, 2, null))));

        assertThat(offsets()).containsExactly(List.of(1L));
        assertThat(full.get(0).tombstones()).isEqualTo(2);
        assertThat(full.get(0).records()).isEqualTo(3);
        assertThat(ranges()).containsExactly(Logs.range(0, 0, 3));
    }

    @Test
    void append_decodesTombstonesForADecoderThatReadsThem() {
        Batcher<String> batcher = batcher(records(3), new RemovalsDecoder());

        batcher.append(Logs.chunk(
                generation, 0, 3, List.of(Logs.record(0, 0, null), Logs.record(0, 1), Logs.record(0, 2, null))));

        assertThat(batches().get(0).deliveries())
                .extracting(Delivery::value)
                .containsExactly("removed 0", "1", "removed 2");
        assertThat(full.get(0).tombstones()).isZero();
        assertThat(full.get(0).records()).isEqualTo(3);
        assertThat(ranges()).containsExactly(Logs.range(0, 0, 3));
    }

    private static final class RemovalsDecoder implements Decoder<String> {
        @Override
        public boolean readsTombstones() {
            return true;
        }

        @Override
        public void decode(SourceRecord source, Values<? super String> values) {
            values.accept((source.value().isEmpty() ? "removed " : "") + source.offset());
        }

        @Override
        public void decode(ByteBuffer source, Values<? super String> values) {
            throw new AssertionError("only whole records are decoded");
        }
    }

    @Test
    void append_dropsAStaleChunkAndGivesItsBytesBack() {
        Batcher<String> batcher = batcher(BatchPolicy.builder());
        generation.end();

        batcher.append(Logs.chunk(generation, 0, 2, List.of(Logs.sized(0, 0, 30), Logs.sized(0, 1, 12))));

        assertThat(batcher.isEmpty()).isTrue();
        assertThat(droppedRecords).isEqualTo(2);
        assertThat(droppedHeld).isEqualTo(42 + 2 * Logs.OBJECTS);
    }

    @Test
    void append_dropsTheRestWhenItsGenerationEndsMeanwhile() {
        RecordReader<String> ending = new RecordReader<>(
                new TextCodec(),
                EventTime.recordTimestamp(),
                delivery -> {
                    if (delivery.offset() == 1) {
                        generation.end();
                    }
                    return List.of();
                },
                false);
        Batcher<String> batcher = new Batcher<>(
                ending,
                () -> unlimited(BatchPolicy.defaults()),
                Logs.refusals(),
                full::add,
                (records, held) -> droppedRecords += records);

        batcher.append(Logs.chunk(generation, 0, 5));
        batcher.flush();

        assertThat(offsets()).containsExactly(List.of(0L, 1L));
        assertThat(ranges()).extracting(OffsetRange::next).containsExactly(2L);
        assertThat(droppedRecords).isEqualTo(3);
    }

    @Test
    void append_neverPutsTwoRunsOfAPartitionIntoOneBatch() {
        Batcher<String> batcher = batcher(BatchPolicy.builder());
        Generation other = Logs.generation(1);
        Generation second = Logs.generation(0);

        batcher.append(Logs.chunk(generation, 0, 3));
        batcher.append(Logs.chunk(other, 0, 1));
        generation.end();
        batcher.append(Logs.chunk(second, 3, 5));
        batcher.append(Logs.chunk(other, 1, 2));
        batcher.flush();

        assertThat(full).hasSize(2);
        assertThat(full.get(0).generations().values()).containsExactlyInAnyOrder(generation, other);
        assertThat(full.get(1).generations().values()).containsExactlyInAnyOrder(second, other);
        assertThat(ranges())
                .containsExactly(Logs.range(0, 0, 3), Logs.range(1, 0, 1), Logs.range(0, 3, 5), Logs.range(1, 1, 2));
    }

    /**
     * Random chunks of three partitions: nothing is lost, doubled or reordered, and every range continues the last one.
     */
    @Test
    void append_keepsEveryRecordOnceAndInOrder() {
        SplittableRandom random = new SplittableRandom(7);
        Generation[] generations = {Logs.generation(0), Logs.generation(1), Logs.generation(2)};
        long[] next = new long[generations.length];
        long[] covered = new long[generations.length];
        List<Long> polled = new ArrayList<>();
        Batcher<String> batcher = batcher(records(7).maxBytes(60));
        for (int step = 0; step < MOST_STEPS; step++) {
            int partition = random.nextInt(generations.length);
            long from = next[partition];
            next[partition] += random.nextInt(1, 20);
            List<ConsumerRecord<byte[], byte[]>> records = Logs.records(partition, from, next[partition]).stream()
                    .filter(record -> random.nextInt(3) > 0)
                    .toList();
            records.forEach(record -> polled.add(1_000_000L * partition + record.offset()));
            batcher.append(Logs.chunk(generations[partition], from, next[partition], records));
        }
        batcher.flush();

        for (OffsetRange range : ranges()) {
            assertThat(range.from()).isEqualTo(covered[range.partition().partition()]);
            covered[range.partition().partition()] = range.next();
        }
        assertThat(covered).isEqualTo(next);
        assertThat(batches().stream()
                        .flatMap(batch -> batch.deliveries().stream())
                        .map(delivery -> 1_000_000L * delivery.partition().partition() + delivery.offset()))
                .containsExactlyElementsOf(polled);
        assertThat(full).allMatch(batch -> batch.records() <= 7 && (batch.bytes() <= 60 || batch.records() == 1));
    }

    @Test
    void append_keepsABatchUnderThePolicyThatItWasBegunUnder() {
        List<BatchPolicy> policies = new ArrayList<>(List.of(records(3).build()));
        RecordReader<String> reader =
                new RecordReader<>(new TextCodec(), EventTime.recordTimestamp(), Validator.acceptAll(), false);
        Batcher<String> batcher = new Batcher<>(
                reader, () -> unlimited(policies.get(0)), Logs.refusals(), full::add, (records, held) -> {});

        batcher.append(Logs.chunk(generation, 0, 1));
        policies.set(0, records(1).build());
        batcher.append(Logs.chunk(generation, 1, 5));

        assertThat(offsets()).containsExactly(List.of(0L, 1L, 2L), List.of(3L), List.of(4L));
    }
}
