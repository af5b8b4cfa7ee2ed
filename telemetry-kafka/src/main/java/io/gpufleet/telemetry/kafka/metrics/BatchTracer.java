package io.gpufleet.telemetry.kafka.metrics;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.internal.Onlooker;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.context.propagation.TextMapPropagator;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The tracer of batch writes; {@link TracingSink} describes the span. Thread-safe. */
final class BatchTracer {
    private static final Logger log = LoggerFactory.getLogger(BatchTracer.class);
    private static final String SCOPE = "io.gpufleet.telemetry";
    private static final String OPERATION = "process";
    /** The default limit of OpenTelemetry's SDK. */
    private static final int MOST_LINKS = 128;

    private static final AttributeKey<String> SYSTEM = AttributeKey.stringKey("messaging.system");
    private static final AttributeKey<String> OPERATION_NAME = AttributeKey.stringKey("messaging.operation.name");
    private static final AttributeKey<String> OPERATION_TYPE = AttributeKey.stringKey("messaging.operation.type");
    private static final AttributeKey<String> GROUP = AttributeKey.stringKey("messaging.consumer.group.name");
    private static final AttributeKey<Long> SIZE = AttributeKey.longKey("messaging.batch.message_count");
    private static final AttributeKey<String> TOPIC = AttributeKey.stringKey("messaging.destination.name");
    private static final AttributeKey<String> PARTITION = AttributeKey.stringKey("messaging.destination.partition.id");
    private static final AttributeKey<Long> OFFSET = AttributeKey.longKey("messaging.kafka.offset");
    private static final AttributeKey<String> ERROR = AttributeKey.stringKey("error.type");
    private static final AttributeKey<Long> DEAD_LETTERS = AttributeKey.longKey("telemetry.batch.dead_letters");
    private static final AttributeKey<List<String>> TOPICS = AttributeKey.stringArrayKey("telemetry.batch.topics");

    private final Onlooker onlooker = new Onlooker(log, "Write cannot be traced");
    private final Tracer tracer;
    private final TextMapPropagator propagator;
    private volatile Attributes common =
            Attributes.of(SYSTEM, "kafka", OPERATION_NAME, OPERATION, OPERATION_TYPE, OPERATION);

    BatchTracer(OpenTelemetry openTelemetry) {
        requireNonNull(openTelemetry, "openTelemetry");
        this.tracer = openTelemetry.getTracer(SCOPE);
        this.propagator = openTelemetry.getPropagators().getTextMapPropagator();
    }

    void group(String name) {
        common = common.toBuilder().put(GROUP, name).build();
    }

    @SuppressWarnings("MustBeClosedChecker") // closed as everything of the host is called: whatever it throws
    void trace(Batch<?> batch, Runnable write) {
        Span span = onlooker.call(() -> begin(batch), Span.getInvalid());
        Scope scope = onlooker.call(() -> Context.current().with(span).makeCurrent(), Scope.noop());
        try {
            write.run();
        } catch (Throwable e) {
            onlooker.call(() -> fail(span, e));
            throw e;
        } finally {
            onlooker.call(scope::close);
            onlooker.call(span::end);
        }
    }

    private static void fail(Span span, Throwable failure) {
        span.recordException(failure);
        span.setStatus(StatusCode.ERROR, String.valueOf(failure.getMessage()));
        span.setAttribute(ERROR, failure.getClass().getName());
    }

    private Span begin(Batch<?> batch) {
        List<String> topics = batch.ranges().stream()
                .map(range -> range.partition().topic())
                .distinct()
                .toList();
        String name = topics.size() == 1 ? OPERATION + " " + topics.get(0) : OPERATION;
        SpanBuilder span =
                tracer.spanBuilder(name).setSpanKind(SpanKind.CONSUMER).setAllAttributes(attributes(batch, topics));
        link(batch, span);
        return span.startSpan();
    }

    private Attributes attributes(Batch<?> batch, List<String> topics) {
        int deadLetters = batch.deadLetters().size();
        AttributesBuilder attributes = common.toBuilder()
                .put(SIZE, (long) batch.deliveries().size() + deadLetters)
                .put(DEAD_LETTERS, (long) deadLetters);
        if (topics.size() == 1) {
            attributes.put(TOPIC, topics.get(0));
        } else {
            attributes.put(TOPICS, topics);
        }
        return attributes.build();
    }

    private void link(Batch<?> batch, SpanBuilder span) {
        Stream.concat(
                        batch.deadLetters().stream().map(DeadLetter::source),
                        batch.deliveries().stream().map(Delivery::source))
                .map(record -> new Origin(record, contextOf(record)))
                .filter(origin -> origin.context().isValid())
                .limit(MOST_LINKS)
                .forEach(origin -> span.addLink(origin.context(), attributes(origin.record())));
    }

    private SpanContext contextOf(SourceRecord record) {
        return Span.fromContext(propagator.extract(Context.root(), record, TraceHeaders.INSTANCE))
                .getSpanContext();
    }

    private static Attributes attributes(SourceRecord record) {
        return Attributes.of(
                TOPIC,
                record.partition().topic(),
                PARTITION,
                Integer.toString(record.partition().partition()),
                OFFSET,
                record.offset());
    }

    private record Origin(SourceRecord record, SpanContext context) {}
}
