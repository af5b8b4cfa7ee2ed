package io.gpufleet.telemetry.kafka.producer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.MetricEvent;
import io.gpufleet.telemetry.gpu.ScrapeHeaders;
import io.gpufleet.telemetry.internal.Arguments;
import io.gpufleet.telemetry.internal.HostFault;
import io.gpufleet.telemetry.kafka.GpuSampleConsumer;
import io.gpufleet.telemetry.kafka.internal.ClientSecrets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * A publisher of GPU samples to Kafka: scrapes of dcgm-exporter, single samples, and metric events. The key of a record
 * is the UUID of its GPU, so that the records of a GPU lie in one partition, in their order.
 *
 * <pre>{@code
 * try (GpuSamplePublisher publisher = GpuSamplePublisher.builder("localhost:9092").throughput().build()) {
 *     byte[] text = http.send(request, BodyHandlers.ofByteArray()).body();
 *     publisher.scrape(text, "node-031", Instant.now()).join();
 * }
 * }</pre>
 *
 * <p>A record's timestamp is the time of sending. The time of a scrape goes into the header {@link ScrapeHeaders#TIME},
 * its host into {@link ScrapeHeaders#HOST}; samples and events carry their time themselves.
 *
 * <p>No sample is dropped in silence: what is not acknowledged within {@code delivery.timeout.ms} (2 minutes) fails its
 * future. It may have arrived: send it again with the same time, and the consumer drops the second one. A record that
 * is refused for its own fault, or cannot be encoded, fails alone.
 *
 * <p>Thread-safe.
 */
public final class GpuSamplePublisher implements AutoCloseable {

    /** The replicas that acknowledge a record before its future completes. */
    public enum Acks {
        /** None: the future completes when the record has left for the broker, and a lost one is not noticed. */
        NONE("0"),
        /** The leader of the partition; a record is lost if the leader fails before a follower has it. */
        LEADER("1"),
        /** All in-sync replicas; the only ones that allow idempotence, by which no retry doubles a record. */
        ALL("all");

        private final String setting;

        Acks(String setting) {
            this.setting = setting;
        }
    }

    private final String topic;
    private final boolean wholeScrapes;
    private final @Nullable Function<? super GpuSample, byte[]> sampleEncoder;
    private final @Nullable Function<? super MetricEvent, byte[]> eventEncoder;
    private final RecordSender sender;

    private GpuSamplePublisher(Builder builder, RecordOutbox producer) {
        this.topic = builder.topic;
        this.wholeScrapes = builder.wholeScrapes;
        this.sampleEncoder = builder.sampleEncoder;
        this.eventEncoder = builder.eventEncoder;
        this.sender = new RecordSender(producer);
    }

    /**
     * Returns a builder with the defaults.
     *
     * @param bootstrapServers the bootstrap servers: {@code host:port}, separated by commas
     * @return a builder
     */
    public static Builder builder(String bootstrapServers) {
        return new Builder(bootstrapServers);
    }

    /**
     * Sends a scrape: a record for each GPU with that GPU's lines, and one with the host's name as its key for the
     * lines of no GPU and those whose GPU cannot be found; no line is lost. TYPE, HELP and UNIT lines go along with the
     * lines of their metric. A text in gzip is sent as one record, with the host as its key.
     *
     * <p>While no broker can be reached, or the buffer is full, it waits for up to {@code max.block.ms} (2 minutes).
     * After a record for which that was not long enough, the further ones of the scrape fail without a wait.
     *
     * @param text exposition text as dcgm-exporter serves it, in UTF-8 or gzip
     * @param host the host whose GPUs were scraped, not blank
     * @param time the time of the scrape, to the millisecond, 1970 or later; a resend carries the same
     * @return completes when all records are acknowledged; fails with a {@link TelemetryException} that counts those
     *     that were not sent, with the reason for the first one, and the others among its suppressed exceptions
     * @throws IllegalArgumentException if the host is blank, or the time is before 1970 or later than Kafka counts
     */
    public CompletableFuture<Void> scrape(byte[] text, String host, Instant time) {
        requireNonNull(text, "text");
        Scrape scrape = new Scrape(topic, Arguments.text("host", host), RecordSender.millis(time), sender);
        if (wholeScrapes || Scrape.isPacked(text)) {
            scrape.send(Optional.empty(), text);
        } else {
            ScrapeSplitter.split(text, scrape::send);
        }
        return scrape.outcome();
    }

    /**
     * Sends a sample. While no broker can be reached, or the buffer is full, it waits for up to {@code max.block.ms} (2
     * minutes).
     *
     * @param sample the sample
     * @return completes when it is acknowledged; fails with a {@link TelemetryException} that names GPU and topic if it
     *     was not sent or cannot be encoded
     * @throws IllegalStateException if the publisher was built without {@link Builder#sampleEncoder}
     */
    public CompletableFuture<Void> send(GpuSample sample) {
        requireNonNull(sample, "sample");
        return send(
                sample,
                required("sampleEncoder", sampleEncoder),
                sample.subject().uuid(),
                sample.metric().name() + " of ");
    }

    /**
     * Sends an event, as {@link #send(GpuSample)} sends a sample. An event without a UUID has no key.
     *
     * @param event the event
     * @return completes when it is acknowledged; fails with a {@link TelemetryException} that names GPU and topic if it
     *     was not sent or cannot be encoded
     * @throws IllegalStateException if the publisher was built without {@link Builder#eventEncoder}
     */
    public CompletableFuture<Void> send(MetricEvent event) {
        requireNonNull(event, "event");
        return send(event, required("eventEncoder", eventEncoder), event.gpu().uuid(), "Event of ");
    }

    /**
     * Sends samples of one GPU that have a form already, as one record, as {@link #send(GpuSample)} sends a sample.
     *
     * @param uuid the GPU, which is the record's key, not blank
     * @param samples the record: JSON, CSV or any other form that the consumer's decoder reads; not copied
     * @return completes when it is acknowledged; fails with a {@link TelemetryException} that names GPU and topic if it
     *     was not sent
     * @throws IllegalArgumentException if the UUID is blank
     */
    public CompletableFuture<Void> send(String uuid, byte[] samples) {
        byte[] key = Arguments.text("uuid", uuid).getBytes(UTF_8);
        requireNonNull(samples, "samples");
        return sender.send(new ProducerRecord<>(topic, key, samples), "Record of " + uuid);
    }

    private static <F> F required(String name, @Nullable F encoder) {
        if (encoder == null) {
            throw new IllegalStateException(name + ": none is set; scrape(text, host, time) is the way without one");
        }
        return encoder;
    }

    private <T> CompletableFuture<Void> send(
            T value, Function<? super T, byte[]> encoder, String uuid, String subject) {
        byte[] bytes;
        try {
            bytes = requireNonNull(encoder.apply(value), "bytes of a value");
        } catch (Throwable e) {
            return CompletableFuture.failedFuture(new TelemetryException(
                    subject + uuid + " was not sent to " + topic + ": it cannot be encoded: " + HostFault.describe(e),
                    e));
        }
        byte @Nullable [] key = uuid.isBlank() ? null : uuid.getBytes(UTF_8);
        return sender.send(new ProducerRecord<>(topic, key, bytes), subject + uuid);
    }

    /** Closes within 30 seconds; see {@link #close(Duration)}. */
    @Override
    public void close() {
        close(RecordSender.CLOSE_LIMIT);
    }

    /**
     * Sends buffered records and ends the producer's thread. On an interrupted thread it waits for nothing: records not
     * yet acknowledged fail, and the thread stays interrupted.
     *
     * @param limit the longest time for that, 0 or more
     * @return the number of records that were not acknowledged; their futures have failed
     * @throws IllegalArgumentException if the limit is negative
     */
    public long close(Duration limit) {
        return sender.close(limit);
    }

    /** Builds a {@link GpuSamplePublisher}. Not thread-safe. */
    public static final class Builder {
        /** A scrape that cannot be sent makes room for the next one. */
        private static final int PATIENCE_MILLIS = 120_000;

        private final String bootstrapServers;
        private String topic = GpuSampleConsumer.TOPIC;
        private boolean wholeScrapes;
        private @Nullable Function<? super GpuSample, byte[]> sampleEncoder;
        private @Nullable Function<? super MetricEvent, byte[]> eventEncoder;
        private Map<String, Object> preset = Map.of();
        private Acks acks = Acks.ALL;
        private Map<String, ?> overrides = Map.of();

        private Builder(String bootstrapServers) {
            this.bootstrapServers = Arguments.text("bootstrapServers", bootstrapServers);
        }

        /**
         * Sets the topic.
         *
         * @param name the topic (default: {@value GpuSampleConsumer#TOPIC})
         * @return this
         */
        public Builder topic(String name) {
            this.topic = Arguments.topic("topic", name);
            return this;
        }

        /**
         * Sends each scrape as one record with the host's name as its key. Default: a record for each GPU.
         *
         * @return this
         */
        public Builder wholeScrapes() {
            this.wholeScrapes = true;
            return this;
        }

        /**
         * Sets the form of single samples, for {@link GpuSamplePublisher#send(GpuSample)}.
         *
         * @param encoder returns the bytes of a sample; thread-safe (default: none)
         * @return this
         */
        public Builder sampleEncoder(Function<? super GpuSample, byte[]> encoder) {
            this.sampleEncoder = requireNonNull(encoder, "encoder");
            return this;
        }

        /**
         * Sets the form of events, for {@link GpuSamplePublisher#send(MetricEvent)}.
         *
         * @param encoder returns the bytes of an event, {@code codec::encode} of a codec; thread-safe (default: none)
         * @return this
         */
        public Builder eventEncoder(Function<? super MetricEvent, byte[]> encoder) {
            this.eventEncoder = requireNonNull(encoder, "encoder");
            return this;
        }

        /**
         * Configures fewer and larger requests: a record waits for up to 100 ms for others (the client's default is 5
         * ms), a batch holds 64 KiB (16 KiB) and is compressed with LZ4 (not compressed). Settings in
         * {@link #overrides} win. It does not change {@link #acks}.
         *
         * @return this
         */
        public Builder throughput() {
            this.preset = ProducerProperties.THROUGHPUT;
            return this;
        }

        /**
         * Configures the safest delivery, which is the default: acknowledged by all in-sync replicas, idempotent, and
         * with the client's own waits, as short as they are. It takes back {@link #throughput} and {@link #acks}.
         *
         * @return this
         */
        public Builder safest() {
            this.preset = Map.of();
            this.acks = Acks.ALL;
            return this;
        }

        /**
         * Sets the replicas that acknowledge a record.
         *
         * @param replicas the replicas (default: {@link Acks#ALL}); with any others a retry may double a record, which
         *     the consumer drops, and a failing broker may lose records that were acknowledged
         * @return this
         */
        public Builder acks(Acks replicas) {
            this.acks = requireNonNull(replicas, "replicas");
            return this;
        }

        /**
         * Sets further settings of the Kafka client, such as security, and {@code partitioner.class}, for example
         * {@link ConsistentPartitioner}; without one, the partition is the hash of the key (murmur2) modulo the number
         * of partitions. {@code max.block.ms}, the longest that a {@code send} waits, and {@code delivery.timeout.ms}
         * are 2 minutes by default.
         *
         * @param settings names as in Kafka's documentation; acks, enable.idempotence, key.serializer and
         *     value.serializer are refused
         * @return this
         */
        public Builder overrides(Map<String, ?> settings) {
            ProducerProperties.check(
                    requireNonNull(settings, "settings"),
                    "records are sent as bytes; acks(…) and safest() choose safety");
            this.overrides = ClientSecrets.wrapped(settings);
            return this;
        }

        /**
         * Builds the publisher, which starts its producer's thread.
         *
         * @return a publisher, to be closed
         * @throws TelemetryException if the client cannot be built
         */
        public GpuSamplePublisher build() {
            return build(RecordOutbox.start(bootstrapServers, properties()));
        }

        GpuSamplePublisher build(RecordOutbox producer) {
            return new GpuSamplePublisher(this, producer);
        }

        Map<String, Object> properties() {
            Map<String, Object> defaults = new HashMap<>(preset);
            defaults.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, PATIENCE_MILLIS);
            defaults.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, PATIENCE_MILLIS);
            Map<String, Object> merged = ProducerProperties.of(bootstrapServers, defaults, overrides);
            merged.put(ProducerConfig.ACKS_CONFIG, acks.setting);
            merged.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, acks == Acks.ALL);
            return merged;
        }
    }
}
