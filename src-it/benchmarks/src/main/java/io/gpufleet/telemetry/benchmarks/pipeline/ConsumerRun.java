package io.gpufleet.telemetry.benchmarks.pipeline;

import io.gpufleet.telemetry.Sink;
import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.heartbeat.HeartbeatValidator;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.kafka.HeartbeatConsumer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The measurement of the product's consumers with the backlog of a stage. */
public final class ConsumerRun {
    private ConsumerRun() {}

    /** Consumes the whole backlog into a sink. */
    public static Figures of(Stage stage, BacklogSettings settings, Sink<Heartbeat> sink) throws InterruptedException {
        return ofGroup(stage, settings, List.of(sink));
    }

    /** Consumes the whole backlog by a group of consumers, each with a sink of its own. */
    public static Figures ofGroup(Stage stage, BacklogSettings settings, List<Sink<Heartbeat>> sinks)
            throws InterruptedException {
        return measure(
                stage, settings, sinks.stream().map(ConsumerRun::consumer).toList());
    }

    /** Consumes the whole backlog into a sink that keeps neither positions nor dead letters. */
    static Figures ofPlain(Stage stage, BacklogSettings settings, Sink<Heartbeat> sink) throws InterruptedException {
        return measure(stage, settings, List.of(consumer(sink).discardDeadLetters()));
    }

    /** Returns a consumer that accepts any age: the backlog's heartbeats are of the same day every time. */
    private static BatchingConsumer.Builder<Heartbeat> consumer(Sink<Heartbeat> sink) {
        return HeartbeatConsumer.builder(BincodeHeartbeatCodec.fixed(), sink)
                .validator(HeartbeatValidator.builder().anyAge().build());
    }

    private static Figures measure(
            Stage stage, BacklogSettings settings, List<BatchingConsumer.Builder<Heartbeat>> builders)
            throws InterruptedException {
        String group = stage.newGroup();
        builders.forEach(builder -> set(builder, stage, settings, group));
        return of(stage.measure(stage.backlog().records()), builders);
    }

    /** Consumes a backlog by consumers that have all settings but their listener, until all its values are written. */
    public static <T> Figures of(Measurement measurement, List<BatchingConsumer.Builder<T>> builders)
            throws InterruptedException {
        List<BatchingConsumer> consumers = new ArrayList<>();
        try {
            for (BatchingConsumer.Builder<T> builder : builders) {
                consumers.add(
                        builder.listener(event -> note(event, measurement)).start());
            }
            return measurement.await(CompletableFuture.anyOf(consumers.stream()
                            .map(BatchingConsumer::termination)
                            .toArray(CompletableFuture<?>[]::new))
                    .thenApply(ended -> null));
        } finally {
            consumers.forEach(BatchingConsumer::close);
        }
    }

    private static void set(
            BatchingConsumer.Builder<Heartbeat> builder, Stage stage, BacklogSettings settings, String group) {
        builder.bootstrapServers(stage.servers().broker().bootstrapServers())
                .topics(stage.backlog().topic())
                .groupId(group)
                .batching(settings.batching())
                .concurrency(settings.lanes())
                .bufferBytes(settings.bufferBytes())
                .overrides(BacklogSettings.CLIENT);
    }

    private static void note(TelemetryEvent event, Measurement measurement) {
        if (event instanceof TelemetryEvent.RecordsPolled) {
            measurement.begin();
        } else if (event instanceof TelemetryEvent.BatchWritten written) {
            measurement.done(written.deliveries() + written.deadLetters());
        }
    }
}
