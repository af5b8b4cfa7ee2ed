package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.Codec;
import io.gpufleet.telemetry.Sink;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.heartbeat.HeartbeatValidator;

/**
 * The ready-made consumer of heartbeats: a {@link BatchingConsumer} with the fleet's names.
 *
 * <pre>{@code
 * var builder = HeartbeatConsumer.builder(BincodeHeartbeatCodec.fixed(), HeartbeatSink.create(dataSource));
 * try (BatchingConsumer consumer = builder.bootstrapServers("localhost:9092").closeOnShutdown().start()) {
 *     consumer.termination().join();
 * }
 * }</pre>
 */
public final class HeartbeatConsumer {

    /** The topic of the agents. */
    public static final String TOPIC = "client-heartbeats";

    /** The consumer group. */
    public static final String GROUP_ID = "heartbeat-consumer-group";

    private HeartbeatConsumer() {}

    /**
     * Returns a builder with the defaults of a {@link BatchingConsumer}, and with topic {@value #TOPIC}, group
     * {@value #GROUP_ID} (unless settings name another) and a {@link HeartbeatValidator}.
     *
     * @param codec the codec of the records
     * @param sink the destination of the batches
     * @return a builder without servers
     */
    public static BatchingConsumer.Builder<Heartbeat> builder(Codec<Heartbeat> codec, Sink<Heartbeat> sink) {
        return BatchingConsumer.builder(codec, sink)
                .topics(TOPIC)
                .usualGroupId(GROUP_ID)
                .validator(HeartbeatValidator.create());
    }
}
