package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.FailurePolicy;
import io.gpufleet.telemetry.SinkException.Kind;
import io.gpufleet.telemetry.kafka.FakeSink.Fault;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Batches into a store that fails at random, with bad rows, fences and ended generations. */
class RandomFaultsTest {
    private static final int RUNS = 400;
    private static final int PARTITIONS = 4;
    private static final int BATCHES = 5;

    private final SplittableRandom random = new SplittableRandom(20260301);
    private WriterFixture fixture;
    private Generation[] generations;
    private final Set<Integer> moved = new HashSet<>();
    private final Map<Integer, Long> endedAt = new HashMap<>();

    @Test
    void write_appliesEveryRecordOnce() {
        for (int run = 0; run < RUNS; run++) {
            begin();
            long[] next = new long[PARTITIONS];
            BatchWriter<String> writer = fixture.writer();
            for (int i = 0; i < BATCHES; i++) {
                PendingBatch<String> batch = batch(next);
                while (!writer.write(batch)) {
                    // Until a later row decides, or the store accepts the refused rows.
                }
            }
            for (int partition = 0; partition < PARTITIONS; partition++) {
                assertApplied(partition, next[partition]);
            }
        }
    }

    private void begin() {
        fixture = new WriterFixture();
        fixture.options.failure = FailurePolicy.builder()
                .fatalAttempts(1_000)
                .maxDeadLetterShare(1)
                .build();
        generations = new Generation[PARTITIONS];
        moved.clear();
        endedAt.clear();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            generations[partition] = Logs.generation(partition);
            fixture.sink.begin(partition, 0);
        }
        fixture.sink.faults = this::fault;
        fixture.sink.readFaults =
                () -> random.nextInt(5) == 0 ? Fault.before(FakeSink.failure(Kind.TRANSIENT)) : Fault.NONE;
        int share = random.nextInt(2, 60);
        fixture.sink.refused = value -> value.hashCode() % share == 0;
        fixture.sink.perhapsRefused = value -> value.hashCode() % share == 1;
        fixture.host.duringBackOff = () -> {
            if (random.nextInt(10) == 0) {
                fixture.sink.perhapsRefused = value -> false;
            }
            if (random.nextInt(40) == 0) {
                int partition = random.nextInt(PARTITIONS);
                generations[partition].end();
                endedAt.putIfAbsent(partition, fixture.sink.offset(partition));
            }
        };
    }

    private Fault fault() {
        return switch (random.nextInt(16)) {
            case 0 -> Fault.before(FakeSink.failure(Kind.TRANSIENT));
            case 1 -> Fault.before(FakeSink.failure(Kind.TRANSIENT_PERHAPS_TOO_LARGE));
            case 2 -> Fault.before(FakeSink.failure(Kind.FATAL));
            case 3 -> Fault.before(new IllegalStateException("a defect"));
            case 4, 5 -> Fault.lostReply();
            case 6 -> random.nextInt(4) == 0 ? this::takenOver : Fault.NONE;
            default -> Fault.NONE;
        };
    }

    /** Writes some records of a partition as another consumer, before the transaction. */
    private void takenOver(Runnable transaction) {
        int partition = random.nextInt(PARTITIONS);
        long from = fixture.sink.offset(partition);
        long next = from + random.nextInt(1, 9);
        LongStream.range(from, next).forEach(offset -> fixture.sink.rows.add(Logs.partition(partition) + "@" + offset));
        fixture.sink.begin(partition, next);
        moved.add(partition);
        transaction.run();
    }

    private PendingBatch<String> batch(long[] next) {
        List<Chunk> chunks = new ArrayList<>();
        for (int i = random.nextInt(1, 8); i > 0; i--) {
            int partition = random.nextInt(PARTITIONS);
            long from = next[partition];
            next[partition] += random.nextInt(1, 12);
            chunks.add(Logs.chunk(generations[partition], from, next[partition]));
        }
        return fixture.batch(chunks.toArray(Chunk[]::new));
    }

    private void assertApplied(int partition, long next) {
        List<Long> applied = applied(partition);
        Set<Long> distinct = new TreeSet<>(applied);
        assertThat(applied).hasSameSizeAs(distinct);
        assertThat(distinct).containsExactlyElementsOf(upTo(distinct.size()));
        assertThat(fixture.sink.offset(partition)).isEqualTo(distinct.size());
        if (!moved.contains(partition)) {
            assertThat(fixture.sink.offset(partition)).isEqualTo(endedAt.getOrDefault(partition, next));
            assertThat(fixture.host.restarted).doesNotContain(generations[partition]);
        }
        assertInOrder(partition);
    }

    private List<Long> applied(int partition) {
        String name = Logs.partition(partition) + "@";
        return Stream.concat(
                        fixture.sink.rows.stream(),
                        fixture.sink.deadLetters.stream()
                                .map(DeadLetter::source)
                                .map(Object::toString))
                .filter(row -> row.startsWith(name))
                .map(row -> Long.valueOf(row.substring(name.length())))
                .toList();
    }

    private void assertInOrder(int partition) {
        String name = Logs.partition(partition) + "@";
        assertThat(fixture.sink.rows.stream()
                        .filter(row -> row.startsWith(name))
                        .map(row -> Long.valueOf(row.substring(name.length()))))
                .isSorted();
    }

    private static List<Long> upTo(int count) {
        return Stream.iterate(0L, offset -> offset + 1).limit(count).toList();
    }
}
