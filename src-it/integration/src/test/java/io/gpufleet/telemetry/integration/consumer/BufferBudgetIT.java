package io.gpufleet.telemetry.integration.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.BatchPolicy;
import io.gpufleet.telemetry.TelemetryEvent.PartitionsRevoked;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A sink that stands still: the buffer stays within its budget, and the consumer stays in its group. */
@TelemetryStackTest
@Execution(ExecutionMode.CONCURRENT)
final class BufferBudgetIT {
    private static final long BUDGET = 256 << 10;
    private static final int PARTITIONS = 6;
    private static final int RECORDS = 4000;

    /** The records before the standstill: only a few, so that there is room for later polls. */
    private static final int BEFORE = 2 * PARTITIONS;

    private static final Duration POLL_LIMIT = Duration.ofSeconds(6);

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void stoppedSink_isNeitherOverrunNorEvicted(int lanes, TelemetryStack stack) {
        String topic = "budget-" + lanes;
        Pipeline pipeline = Pipeline.create(stack, topic, PARTITIONS);
        List<ProducerRecord<byte[], byte[]>> records = records(pipeline.topic());
        pipeline.send(records.subList(0, BEFORE));
        Valve<byte[]> valve = new Valve<>();
        valve.close();
        RecordedEvents events = new RecordedEvents();
        try (BatchingConsumer consumer =
                consumer(pipeline, valve).concurrency(lanes).listener(events).start()) {
            valve.awaitHeld(lanes);
            pipeline.send(records.subList(BEFORE, RECORDS));
            long stopped = System.nanoTime();
            Await.until("the poll limit has passed", Pipeline.LIMIT, () -> hasPassedSince(stopped));
            assertThat(consumer.snapshot().bufferedBytes()).isBetween(BUDGET / 3, BUDGET);
            valve.open();
            pipeline.awaitEnd();
            assertThat(consumer.snapshot().peakBufferedBytes()).isBetween(BUDGET / 3, BUDGET);
            assertThat(events.of(PartitionsRevoked.class)).isEmpty();
            assertThat(consumer.snapshot().counts().fences()).isZero();
        }
        assertThat(pipeline.database().count("audit")).isEqualTo(RECORDS);
    }

    private static boolean hasPassedSince(long nanos) {
        return System.nanoTime() - nanos > POLL_LIMIT.plusSeconds(2).toNanos();
    }

    private static BatchingConsumer.Builder<byte[]> consumer(Pipeline pipeline, Valve<byte[]> valve) {
        PostgresSink<byte[]> sink = PostgresSink.<byte[]>builder(
                        pipeline.database().source())
                .inTransaction(new Audit<>())
                .inTransaction(valve)
                .build();
        return BatchingConsumer.builder(new BytesCodec(), sink)
                .bootstrapServers(pipeline.kafka().bootstrapServers())
                .topics(pipeline.topic())
                .groupId(pipeline.group())
                .batching(BatchPolicy.builder().linger(Duration.ofMillis(50)).build())
                .bufferBytes(BUDGET)
                .overrides(Map.of("max.poll.interval.ms", (int) POLL_LIMIT.toMillis()));
    }

    /** Returns records of no bytes up to an eighth of the budget, most of them small, in every partition in turn. */
    private static List<ProducerRecord<byte[], byte[]>> records(String topic) {
        Random random = new Random(5);
        return IntStream.range(0, RECORDS)
                .mapToObj(number -> new ProducerRecord<byte[], byte[]>(
                        topic,
                        number % PARTITIONS,
                        null,
                        new byte[random.nextInt(number % 100 == 99 ? (int) BUDGET / 8 : 2000)]))
                .toList();
    }
}
