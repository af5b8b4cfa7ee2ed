package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.BatchPolicy;
import io.gpufleet.telemetry.Decoder;
import io.gpufleet.telemetry.Sink;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSampleValidator;
import io.gpufleet.telemetry.gpu.MetricEvent;
import io.gpufleet.telemetry.gpu.MetricEventValidator;
import java.util.Optional;

/**
 * The ready-made consumer of GPU samples, or of metric events: a {@link BatchingConsumer} with the fleet's names.
 *
 * <pre>{@code
 * var builder = GpuSampleConsumer.builder(ExpositionTextDecoder.create(), sink);
 * try (BatchingConsumer consumer = builder.bootstrapServers("localhost:9092").closeOnShutdown().start()) {
 *     consumer.termination().join();
 * }
 * }</pre>
 *
 * <p>The time of a sample or an event is the one that it carries, so topics with
 * {@code message.timestamp.type=LogAppendTime} are accepted. Rows of a scrape that carry no time have the time in the
 * record's header ({@link io.gpufleet.telemetry.gpu.ScrapeHeaders#TIME}).
 */
public final class GpuSampleConsumer {

    /** The topic of the exporters. */
    public static final String TOPIC = "gpu-metrics-raw";

    /** The consumer group of samples. */
    public static final String GROUP_ID = "gpu-sample-consumer-group";

    /** The consumer group of metric events. */
    public static final String EVENTS_GROUP_ID = "gpu-event-consumer-group";

    /** A scrape has hundreds of samples, a record with a single one is small: what is written is counted in samples. */
    private static final BatchPolicy SAMPLES =
            BatchPolicy.builder().maxRecords(10_000).maxValues(10_000).build();

    private static final BatchPolicy EVENTS =
            BatchPolicy.builder().maxRecords(1_000).maxValues(1_000).build();

    private GpuSampleConsumer() {}

    /**
     * Returns a builder for samples with the defaults of a {@link BatchingConsumer}, and with topic {@value #TOPIC},
     * group {@value #GROUP_ID} (unless settings name another), batches of 10,000 samples in at most 10,000 records, a
     * {@link GpuSampleValidator}, and the sample's time as event time.
     *
     * @param decoder the decoder of the records
     * @param sink the destination of the batches
     * @return a builder without servers
     */
    public static BatchingConsumer.Builder<GpuSample> builder(Decoder<GpuSample> decoder, Sink<GpuSample> sink) {
        return BatchingConsumer.builder(decoder, sink)
                .topics(TOPIC)
                .usualGroupId(GROUP_ID)
                .batching(SAMPLES)
                .validator(GpuSampleValidator.create())
                .eventTime((sample, source) -> Optional.of(sample.time()));
    }

    /**
     * Returns a builder for metric events with the defaults of a {@link BatchingConsumer}, and with topic
     * {@value #TOPIC}, group {@value #EVENTS_GROUP_ID} (unless settings name another), batches of 1,000 events, a
     * {@link MetricEventValidator}, and the event's time as event time.
     *
     * @param decoder the decoder of the records
     * @param sink the destination of the batches
     * @return a builder without servers
     */
    public static BatchingConsumer.Builder<MetricEvent> ofEvents(Decoder<MetricEvent> decoder, Sink<MetricEvent> sink) {
        return BatchingConsumer.builder(decoder, sink)
                .topics(TOPIC)
                .usualGroupId(EVENTS_GROUP_ID)
                .batching(EVENTS)
                .validator(MetricEventValidator.create())
                .eventTime((event, source) -> event.time());
    }
}
