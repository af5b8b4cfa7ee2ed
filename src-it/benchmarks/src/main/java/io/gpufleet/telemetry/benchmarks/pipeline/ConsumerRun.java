package io.gpufleet.telemetry.benchmarks.pipeline;

import io.gpufleet.telemetry.Sink;
import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.kafka.HeartbeatConsumer;

/** The product's consumer, measured while it does the backlog of a stage. */
final class ConsumerRun {
    private ConsumerRun() {}

    /** Consumes the whole backlog into a sink. */
    static Figures of(Stage stage, BacklogSettings settings, Sink<Heartbeat> sink) throws InterruptedException {
        return of(stage, settings, HeartbeatConsumer.builder(BincodeHeartbeatCodec.fixed(), sink));
    }

    /** Consumes the whole backlog into a sink that keeps neither positions nor dead letters. */
    static Figures ofPlain(Stage stage, BacklogSettings settings, Sink<Heartbeat> sink) throws InterruptedException {
        return of(
                stage,
                settings,
                HeartbeatConsumer.builder(BincodeHeartbeatCodec.fixed(), sink).discardDeadLetters());
    }

    private static Figures of(Stage stage, BacklogSettings settings, BatchingConsumer.Builder<Heartbeat> builder)
            throws InterruptedException {
        Measurement measurement = stage.measure(stage.backlog().records());
        builder.bootstrapServers(stage.servers().broker().bootstrapServers())
                .topics(stage.backlog().topic())
                .groupId(stage.newGroup())
                .batching(settings.batching())
                .concurrency(settings.lanes())
                .bufferBytes(settings.bufferBytes())
                .overrides(BacklogSettings.CLIENT)
                .listener(event -> note(event, measurement));
        try (BatchingConsumer<Heartbeat> consumer = builder.start()) {
            return measurement.await(consumer.termination());
        }
    }

    private static void note(TelemetryEvent event, Measurement measurement) {
        if (event instanceof TelemetryEvent.RecordsPolled) {
            measurement.begin();
        } else if (event instanceof TelemetryEvent.BatchWritten written) {
            measurement.done(written.deliveries() + written.deadLetters());
        }
    }
}
