package io.gpufleet.telemetry.kafka.metrics;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.PositionChange;
import io.gpufleet.telemetry.Sink;
import io.gpufleet.telemetry.SinkContext;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TransactionalSink;
import io.opentelemetry.api.OpenTelemetry;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/**
 * A sink that traces the writes of another sink, each attempt in one span. Needs
 * {@code io.opentelemetry:opentelemetry-api}.
 *
 * <pre>{@code
 * BatchingConsumer.builder(codec, TracingSink.create(openTelemetry, sink))
 * }</pre>
 *
 * <p>The span is named {@code process <topic>} ({@code process} if the batch has several topics), is of the kind
 * CONSUMER, and is current while the sink writes, so that the spans of a traced JDBC driver are its children. It is
 * linked to the trace contexts that the propagators of the given OpenTelemetry find in the headers of the batch's
 * records ({@code traceparent} and {@code tracestate} with W3C's), to the first 128 of them, dead letters before
 * deliveries; the number of records shows whether there were more. A failed write has the status ERROR and its
 * exception, which is rethrown unchanged.
 *
 * <p>Attributes, as the <a href="https://opentelemetry.io/docs/specs/semconv/messaging/kafka/">semantic conventions of
 * Kafka</a> name them: {@code messaging.system}, {@code messaging.operation.name} and {@code .type},
 * {@code messaging.batch.message_count} (records), {@code messaging.destination.name} if there is one topic,
 * {@code messaging.consumer.group.name} if the sink is transactional, {@code error.type}; on every link
 * {@code messaging.destination.name}, {@code messaging.destination.partition.id} and {@code messaging.kafka.offset}.
 * The SDK adds {@code telemetry.batch.dead_letters}, and {@code telemetry.batch.topics} if there are several.
 * Thread-safe, if the sink is.
 *
 * @param <T> the type of the values
 */
public final class TracingSink<T> implements Sink<T> {
    private final BatchTracer tracer;
    private final Sink<T> sink;

    private TracingSink(BatchTracer tracer, Sink<T> sink) {
        this.tracer = tracer;
        this.sink = sink;
    }

    /**
     * Returns a traced sink.
     *
     * @param openTelemetry the receiver of the spans, with the propagators that read the headers
     * @param sink the sink to trace
     * @param <T> the type of the values
     * @return a sink, transactional if the given one is
     */
    public static <T> Sink<T> create(OpenTelemetry openTelemetry, Sink<T> sink) {
        return sink instanceof TransactionalSink<T> transactional
                ? create(openTelemetry, transactional)
                : new TracingSink<>(new BatchTracer(openTelemetry), requireNonNull(sink, "sink"));
    }

    /**
     * Returns a traced transactional sink.
     *
     * @param openTelemetry the receiver of the spans, with the propagators that read the headers
     * @param sink the sink to trace
     * @param <T> the type of the values
     * @return a transactional sink
     */
    public static <T> TransactionalSink<T> create(OpenTelemetry openTelemetry, TransactionalSink<T> sink) {
        return new Transactional<>(new BatchTracer(openTelemetry), requireNonNull(sink, "sink"));
    }

    @Override
    public void write(Batch<T> batch) {
        tracer.trace(batch, () -> sink.write(batch));
    }

    @Override
    public boolean isIdempotent() {
        return sink.isIdempotent();
    }

    private static final class Transactional<T> implements TransactionalSink<T> {
        private final BatchTracer tracer;
        private final TransactionalSink<T> sink;

        private Transactional(BatchTracer tracer, TransactionalSink<T> sink) {
            this.tracer = tracer;
            this.sink = sink;
        }

        @Override
        public void open(SinkContext context) {
            tracer.group(context.groupId());
            sink.open(context);
        }

        @Override
        public Map<SourcePartition, Position> positions(Collection<SourcePartition> partitions) {
            return sink.positions(partitions);
        }

        @Override
        public Map<SourcePartition, Instant> newestRecords(Collection<SourcePartition> partitions) {
            return sink.newestRecords(partitions);
        }

        @Override
        public Map<SourcePartition, Position> change(Collection<PositionChange> changes) {
            return sink.change(changes);
        }

        @Override
        public void write(Batch<T> batch) {
            tracer.trace(batch, () -> sink.write(batch));
        }

        @Override
        public Optional<TransactionalSink<T>> wrapped() {
            return Optional.of(sink);
        }

        @Override
        public boolean isIdempotent() {
            return sink.isIdempotent();
        }
    }
}
