package io.gpufleet.telemetry.kafka.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.FencedException;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.PositionChange;
import io.gpufleet.telemetry.Sink;
import io.gpufleet.telemetry.SinkContext;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.TelemetryListener;
import io.gpufleet.telemetry.TransactionalSink;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.kafka.FakeSink;
import io.gpufleet.telemetry.kafka.Logs;
import io.gpufleet.telemetry.kafka.TextCodec;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TracingSinkTest {
    private static final SourcePartition PARTITION = Logs.partition(0);
    private static final AttributeKey<Long> OFFSET = AttributeKey.longKey("messaging.kafka.offset");
    private static final String DAMAGED = "00-nonsense";

    private final InMemorySpanExporter spans = InMemorySpanExporter.create();
    private final OpenTelemetrySdk openTelemetry = OpenTelemetrySdk.builder()
            .setTracerProvider(SdkTracerProvider.builder()
                    .addSpanProcessor(SimpleSpanProcessor.create(spans))
                    .build())
            .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
            .build();

    @AfterEach
    void close() {
        openTelemetry.close();
    }

    private Sink<String> traced(Sink<String> sink) {
        return TracingSink.create(openTelemetry, sink);
    }

    private SpanData span() {
        assertThat(spans.getFinishedSpanItems()).hasSize(1);
        return spans.getFinishedSpanItems().get(0);
    }

    @Test
    void transactionalSink_isFoundBehindItsTrace() {
        TransactionalSink<String> sink = new FakeSink();
        assertThat(TracingSink.create(openTelemetry, sink).wrapped()).containsSame(sink);
    }

    private static SourceRecord record(SourcePartition partition, long offset, SourceRecord.Header... headers) {
        return SourceRecord.builder(partition, offset).headers(List.of(headers)).build();
    }

    private static Delivery<String> delivery(SourceRecord record) {
        return Delivery.of("v", Instant.EPOCH, record);
    }

    private static DeadLetter letter(SourceRecord record) {
        return new DeadLetter(record, DeadLetter.Stage.DECODE, List.of("no text"));
    }

    private static SourceRecord.Header header(String key, String value) {
        return new SourceRecord.Header(key, value.getBytes(StandardCharsets.UTF_8));
    }

    private static String traceId(long number) {
        return String.format("%032x", number);
    }

    private static SourceRecord.Header parent(long number) {
        return header("traceparent", "00-" + traceId(number) + "-00000000000000aa-01");
    }

    private static Batch.Builder<String> batch() {
        return Batch.<String>builder().open(PARTITION, Logs.ID, 0);
    }

    private static Batch<String> batchOf(SourceRecord... records) {
        Batch.Builder<String> batch = batch();
        List.of(records).forEach(record -> batch.add(delivery(record)));
        return batch.build();
    }

    @Test
    void write_isOneSpanNamedByItsTopic() {
        List<Batch<String>> written = new ArrayList<>();
        Batch<String> batch = batch().add(delivery(record(PARTITION, 0)))
                .add(letter(record(PARTITION, 1)))
                .add(delivery(record(PARTITION, 2)))
                .build();

        traced(written::add).write(batch);

        assertThat(written).containsExactly(batch);
        assertThat(span().getName()).isEqualTo("process t");
        assertThat(span().getKind()).isEqualTo(SpanKind.CONSUMER);
        assertThat(span().getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
        assertThat(span().getLinks()).isEmpty();
        assertThat(span().getInstrumentationScopeInfo().getName()).isEqualTo("io.gpufleet.telemetry");
        assertThat(span().getAttributes().asMap())
                .isEqualTo(Attributes.builder()
                        .put("messaging.system", "kafka")
                        .put("messaging.operation.name", "process")
                        .put("messaging.operation.type", "process")
                        .put("messaging.batch.message_count", 3)
                        .put("messaging.destination.name", "t")
                        .put("telemetry.batch.dead_letters", 1)
                        .build()
                        .asMap());
    }

    @Test
    void batchOfSeveralTopics_namesNoneInTheSpan() {
        SourcePartition other = new SourcePartition("u", 0);

        traced(batch -> {})
                .write(batch().open(other, Logs.ID, 0)
                        .add(delivery(record(PARTITION, 0)))
                        .add(delivery(record(other, 0)))
                        .build());

        assertThat(span().getName()).isEqualTo("process");
        assertThat(span().getAttributes().get(AttributeKey.stringKey("messaging.destination.name")))
                .isNull();
        assertThat(span().getAttributes().get(AttributeKey.stringArrayKey("telemetry.batch.topics")))
                .containsExactly("t", "u");
    }

    @Test
    void traceContexts_areLinked() {
        traced(batch -> {})
                .write(batchOf(
                        record(PARTITION, 0),
                        record(PARTITION, 1, header("k", "v"), parent(7), header("tracestate", "vendor=x")),
                        record(PARTITION, 2, header("traceparent", DAMAGED)),
                        record(PARTITION, 3, new SourceRecord.Header("traceparent", null)),
                        record(PARTITION, 4, parent(8), parent(9))));

        assertThat(span().getLinks()).hasSize(2);
        LinkData first = span().getLinks().get(0);
        assertThat(first.getSpanContext().getTraceId()).isEqualTo(traceId(7));
        assertThat(first.getSpanContext().getTraceState().get("vendor")).isEqualTo("x");
        assertThat(first.getAttributes().asMap())
                .isEqualTo(Attributes.builder()
                        .put("messaging.destination.name", "t")
                        .put("messaging.destination.partition.id", "0")
                        .put("messaging.kafka.offset", 1)
                        .build()
                        .asMap());
        assertThat(span().getLinks().get(1).getSpanContext().getTraceId()).isEqualTo(traceId(9));
        assertThat(span().getParentSpanContext().isValid()).isFalse();
    }

    @Test
    void links_areAtMost128AndDeadLettersFirst() {
        Batch.Builder<String> batch = batch();
        for (int offset = 0; offset < 200; offset++) {
            batch.add(delivery(record(PARTITION, offset, parent(offset + 1))));
        }

        traced(ignored -> {})
                .write(batch.add(letter(record(PARTITION, 200, parent(201)))).build());

        assertThat(span().getLinks()).hasSize(128);
        assertThat(span().getTotalRecordedLinks()).isEqualTo(128);
        assertThat(span().getLinks().get(0).getAttributes().get(OFFSET)).isEqualTo(200);
        assertThat(span().getLinks().get(127).getAttributes().get(OFFSET)).isEqualTo(126);
    }

    @Test
    void span_isCurrentWhileTheSinkWrites() {
        Span before = Span.current();
        List<Span> current = new ArrayList<>();

        traced(batch -> current.add(Span.current())).write(batchOf(record(PARTITION, 0)));

        assertThat(current.get(0).getSpanContext()).isEqualTo(span().getSpanContext());
        assertThat(Span.current()).isSameAs(before);
    }

    static List<Throwable> failures() {
        return List.of(
                new FencedException(Set.of(PARTITION)),
                new SinkException(SinkException.Kind.DATA, "the row is refused"),
                new IllegalStateException("a defect"),
                new StackOverflowError("an error"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void failure_isRecordedAndThrownAsItIs(Throwable failure) {
        Sink<String> sink = traced(batch -> TracingSinkTest.<RuntimeException>sneak(failure));

        assertThat(catchThrowable(() -> sink.write(batchOf(record(PARTITION, 0)))))
                .isSameAs(failure);

        assertThat(span().hasEnded()).isTrue();
        assertThat(span().getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
        assertThat(span().getStatus().getDescription()).isEqualTo(failure.getMessage());
        assertThat(span().getAttributes().get(AttributeKey.stringKey("error.type")))
                .isEqualTo(failure.getClass().getName());
        assertThat(span().getEvents())
                .singleElement()
                .satisfies(event -> assertThat(event.getName()).isEqualTo("exception"));
        assertThat(Span.current().getSpanContext().isValid()).isFalse();
    }

    @SuppressWarnings("unchecked") // so that one sink throws exceptions and errors
    private static <E extends Throwable> void sneak(Throwable failure) throws E {
        throw (E) failure;
    }

    @Test
    void transactionalSink_staysTransactional() {
        FakeSink sink = new FakeSink();
        Sink<String> plainByType = sink;

        assertThat(TracingSink.create(openTelemetry, sink)).isInstanceOf(TransactionalSink.class);
        assertThat(traced(plainByType)).isInstanceOf(TransactionalSink.class);
        assertThat(traced(batch -> {})).isNotInstanceOf(TransactionalSink.class);
    }

    @Test
    void consumer_takesTheTracedSinkForTransactional() {
        Sink<String> sink = traced(new FakeSink());

        assertThatIllegalStateException()
                .isThrownBy(() -> BatchingConsumer.builder(new TextCodec(), sink)
                        .bootstrapServers("localhost:1")
                        .topics("t")
                        .groupId("g")
                        .discardDeadLetters()
                        .start())
                .withMessage("deadLetters: a transactional sink takes the dead letters itself");
    }

    @Test
    void openPositionsAndChange_arePassedOn() {
        ContextSink sink = new ContextSink();
        TransactionalSink<String> traced = TracingSink.create(openTelemetry, sink);
        SinkContext context = SinkContext.of("g", TelemetryListener.none()).concurrency(3);
        PositionChange change = new PositionChange(PARTITION, Optional.empty(), Logs.position(5), Optional.empty());

        traced.open(context);

        assertThat(sink.contexts).containsExactly(context);
        assertThat(traced.change(List.of(change))).containsEntry(PARTITION, Logs.position(5));
        assertThat(traced.positions(List.of(PARTITION))).containsEntry(PARTITION, Logs.position(5));
        assertThat(spans.getFinishedSpanItems()).isEmpty();
    }

    @Test
    void failureToOpen_isThrownAsItIs() {
        ContextSink sink = new ContextSink();
        SinkException failure = new SinkException(SinkException.Kind.FATAL, "the pool is too small");
        sink.openFailure = failure;
        TransactionalSink<String> traced = TracingSink.create(openTelemetry, sink);

        assertThatThrownBy(() -> traced.open(SinkContext.of("g", TelemetryListener.none())))
                .isSameAs(failure);
    }

    @Test
    void openedSink_namesItsGroup() {
        FakeSink sink = new FakeSink();
        sink.begin(0, 0);
        TransactionalSink<String> traced = TracingSink.create(openTelemetry, sink);
        traced.open(SinkContext.of("g", TelemetryListener.none()));
        traced.open(SinkContext.of("g", TelemetryListener.none()));

        traced.write(batchOf(record(PARTITION, 0)));

        assertThat(sink.rows).containsExactly("t-0@0");
        assertThat(span().getAttributes().get(AttributeKey.stringKey("messaging.consumer.group.name")))
                .isEqualTo("g");
    }

    @Test
    void create_namesWhatIsNull() {
        assertThatNullPointerException()
                .isThrownBy(() -> TracingSink.create(null, new FakeSink()))
                .withMessage("openTelemetry");
        assertThatNullPointerException().isThrownBy(() -> traced(null)).withMessage("sink");
        assertThatNullPointerException()
                .isThrownBy(() -> TracingSink.create(openTelemetry, (TransactionalSink<String>) null))
                .withMessage("sink");
    }

    /** A sink that keeps the context of its opening, and a position. */
    private static final class ContextSink implements TransactionalSink<String> {
        private final FakeSink store = new FakeSink();
        private final List<SinkContext> contexts = new ArrayList<>();
        private SinkException openFailure;

        @Override
        public void open(SinkContext context) {
            contexts.add(context);
            if (openFailure != null) {
                throw openFailure;
            }
        }

        @Override
        public Map<SourcePartition, Position> positions(Collection<SourcePartition> partitions) {
            return store.positions(partitions);
        }

        @Override
        public Map<SourcePartition, Position> change(Collection<PositionChange> changes) {
            return store.change(changes);
        }

        @Override
        public void write(Batch<String> batch) {
            store.write(batch);
        }
    }
}
