package io.gpufleet.telemetry.kafka.producer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.gpu.GpuMetric;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.gpu.MetricEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GpuSamplePublisherTest {
    private static final Instant TIME = Instant.parse("2026-03-01T12:00:00.25Z");
    private static final byte[] SCRAPE = "x{UUID=\"a\"} 1\nx{UUID=\"b\"} 2\ngo 3\n".getBytes(UTF_8);

    private final List<RuntimeException> refusals = new ArrayList<>();
    private final MockProducer<byte[], byte[]> producer =
            new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer()) {
                @Override
                public synchronized Future<RecordMetadata> send(
                        ProducerRecord<byte[], byte[]> message, Callback callback) {
                    if (refusals.isEmpty()) {
                        return super.send(message, callback);
                    }
                    RuntimeException refusal = refusals.remove(0);
                    callback.onCompletion(null, refusal);
                    return CompletableFuture.failedFuture(refusal);
                }
            };

    private static GpuSamplePublisher.Builder builder() {
        return GpuSamplePublisher.builder("localhost:1");
    }

    private GpuSamplePublisher publisher(UnaryOperator<GpuSamplePublisher.Builder> options) {
        return options.apply(builder()).build(new RecordOutbox(new PatientProducer(producer, 1), () -> {
            throw new AssertionError("nothing is to be sent again");
        }));
    }

    private static String text(ProducerRecord<byte[], byte[]> sent) {
        StringBuilder text = new StringBuilder(sent.topic())
                .append(' ')
                .append(sent.timestamp())
                .append(' ');
        text.append(sent.key() == null ? null : new String(sent.key(), UTF_8)).append(' ');
        sent.headers()
                .forEach(header -> text.append(header.key())
                        .append('=')
                        .append(new String(header.value(), UTF_8))
                        .append(' '));
        return text.append(new String(sent.value(), UTF_8)).toString();
    }

    @Test
    void scrape_isARecordForEachGpu() {
        CompletableFuture<Void> sent = publisher(options -> options).scrape(SCRAPE, "node-031", TIME);

        String headers = "telemetry-scrape-time=1772366400250 telemetry-host=node-031 ";
        assertThat(producer.history())
                .extracting(GpuSamplePublisherTest::text)
                .containsExactly(
                        "gpu-metrics-raw null a " + headers + "x{UUID=\"a\"} 1\n",
                        "gpu-metrics-raw null b " + headers + "x{UUID=\"b\"} 2\n",
                        "gpu-metrics-raw null node-031 " + headers + "go 3\n");
        producer.completeNext();
        producer.completeNext();
        assertThat(sent).isNotDone();
        producer.completeNext();
        assertThat(sent).isCompleted();
    }

    @Test
    void scrape_isOneRecordIfTheHostWantsSo() {
        assertThat(publisher(options -> options.wholeScrapes().topic("t")).scrape(SCRAPE, "node-031", TIME))
                .isNotDone();

        assertThat(producer.history()).hasSize(1);
        assertThat(text(producer.history().get(0)))
                .isEqualTo("t null node-031 telemetry-scrape-time=1772366400250 telemetry-host=node-031 "
                        + new String(SCRAPE, UTF_8));
    }

    /** Its lines are not in it as such. */
    @Test
    void scrape_inGzipIsOneRecord() {
        byte[] packed = {0x1f, (byte) 0x8b, '\n', '#', '\n', '\n'};
        assertThat(publisher(options -> options).scrape(packed, "node-031", TIME))
                .isNotDone();

        assertThat(producer.history()).hasSize(1);
        assertThat(producer.history().get(0).value()).isEqualTo(packed);
    }

    @Test
    void scrape_withoutLinesIsDone() {
        assertThat(publisher(options -> options).scrape(new byte[0], "node-031", TIME))
                .isCompleted();
        assertThat(producer.history()).isEmpty();
    }

    @Test
    void scrape_sendsTheOthersWhenARecordIsRefused() {
        refusals.add(new RecordTooLargeException("too large"));
        CompletableFuture<Void> sent = publisher(options -> options).scrape(SCRAPE, "node-031", TIME);
        producer.completeNext();
        assertThat(sent).isNotDone();
        producer.completeNext();

        assertThat(producer.history()).hasSize(2);
        assertFailed(
                sent,
                "1 of 3 records of the scrape of node-031 were not sent: Scrape of a on node-031 was not sent to"
                        + " gpu-metrics-raw: too large");
    }

    @Test
    void scrape_tellsAllFailures() {
        CompletableFuture<Void> sent = publisher(options -> options).scrape(SCRAPE, "node-031", TIME);
        producer.errorNext(new TimeoutException("expired"));
        producer.completeNext();
        producer.errorNext(new TimeoutException("expired, too"));

        assertFailed(
                sent,
                "2 of 3 records of the scrape of node-031 were not sent: Scrape of a on node-031 was not sent to"
                        + " gpu-metrics-raw: expired");
        assertThat(sent.handle((none, failure) -> failure).join().getSuppressed())
                .extracting(Throwable::getMessage)
                .containsExactly("Scrape of node-031 was not sent to gpu-metrics-raw: expired, too");
    }

    /** Without a broker each record would wait as long as the first one. */
    @Test
    void scrape_waitsOnceForABroker() {
        refusals.add(new TimeoutException("no broker"));
        CompletableFuture<Void> sent = publisher(options -> options).scrape(SCRAPE, "node-031", TIME);

        assertThat(producer.history()).isEmpty();
        assertFailed(
                sent,
                "3 of 3 records of the scrape of node-031 were not sent: Scrape of a on node-031 was not sent to"
                        + " gpu-metrics-raw: no broker");
    }

    private static void assertFailed(CompletableFuture<Void> sent, String message) {
        assertThatExceptionOfType(CompletionException.class)
                .isThrownBy(sent::join)
                .havingCause()
                .isInstanceOf(TelemetryException.class)
                .withMessage(message);
    }

    @Test
    void scrape_checksItsArguments() {
        GpuSamplePublisher publisher = publisher(options -> options);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> publisher.scrape(SCRAPE, " ", TIME))
                .withMessage("host: \" \" is blank");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> publisher.scrape(SCRAPE, "n", Instant.ofEpochMilli(-1)))
                .withMessage("time: 1969-12-31T23:59:59.999Z is before 1970");
        assertThat(producer.history()).isEmpty();
    }

    private static GpuSample sample(double value) {
        return GpuSample.of(
                TIME, GpuMetric.GPU_TEMP, value, GpuSubject.builder("GPU-1").build());
    }

    private static byte[] encode(GpuSample sample) {
        if (sample.value() > 100) {
            throw new IllegalArgumentException("hot");
        }
        return Double.toString(sample.value()).getBytes(UTF_8);
    }

    @Test
    void sample_hasTheGpuAsItsKey() {
        CompletableFuture<Void> sent = publisher(options -> options.sampleEncoder(GpuSamplePublisherTest::encode))
                .send(sample(41));

        assertThat(producer.history())
                .extracting(GpuSamplePublisherTest::text)
                .containsExactly("gpu-metrics-raw null GPU-1 41.0");
        producer.completeNext();
        assertThat(sent).isCompleted();
    }

    @Test
    void sample_thatCannotBeEncodedFailsAlone() {
        GpuSamplePublisher publisher = publisher(options -> options.sampleEncoder(GpuSamplePublisherTest::encode));
        CompletableFuture<Void> bad = publisher.send(sample(101));
        CompletableFuture<Void> good = publisher.send(sample(42));
        producer.completeNext();

        assertFailed(
                bad,
                "DCGM_FI_DEV_GPU_TEMP of GPU-1 was not sent to gpu-metrics-raw: it cannot be encoded:"
                        + " java.lang.IllegalArgumentException: hot");
        assertThat(good).isCompleted();
        assertThat(publisher.close(Duration.ofSeconds(10))).isZero();
    }

    @Test
    void event_hasTheGpuAsItsKey() {
        GpuSamplePublisher publisher = publisher(
                options -> options.eventEncoder(event -> event.eventType().getBytes(UTF_8)));
        assertThat(List.of(publisher.send(event("GPU-1")), publisher.send(event(""))))
                .noneMatch(CompletableFuture::isDone);

        assertThat(producer.history())
                .extracting(GpuSamplePublisherTest::text)
                .containsExactly(
                        "gpu-metrics-raw null GPU-1 gpu_metric_sample", "gpu-metrics-raw null null gpu_metric_sample");
    }

    private static MetricEvent event(String uuid) {
        return MetricEvent.builder(MetricEvent.Gpu.of(uuid), MetricEvent.Host.of("node-031"))
                .eventType("gpu_metric_sample")
                .build();
    }

    @Test
    void send_needsAnEncoder() {
        assertThatIllegalStateException()
                .isThrownBy(() -> publisher(options -> options).send(sample(1)))
                .withMessage("sampleEncoder: none is set; scrape(text, host, time) is the way without one");
    }

    @ParameterizedTest
    @CsvSource({"NONE, 0, false", "LEADER, 1, false", "ALL, all, true"})
    void acks_areTheHostsChoice(GpuSamplePublisher.Acks acks, String setting, boolean idempotent) {
        assertThat(builder().throughput().acks(acks).properties())
                .containsAllEntriesOf(Map.of(
                        "acks",
                        setting,
                        "enable.idempotence",
                        idempotent,
                        "linger.ms",
                        100,
                        "compression.type",
                        "lz4"));
    }

    @Test
    void safest_takesBackTheRest() {
        assertThat(builder()
                        .throughput()
                        .acks(GpuSamplePublisher.Acks.NONE)
                        .safest()
                        .properties())
                .containsAllEntriesOf(Map.of(
                        "acks",
                        "all",
                        "enable.idempotence",
                        true,
                        "delivery.timeout.ms",
                        120_000,
                        "max.block.ms",
                        120_000))
                .doesNotContainKeys("linger.ms", "batch.size", "compression.type");
    }

    @Test
    void overrides_winOverPresets() {
        assertThat(builder()
                        .throughput()
                        .overrides(Map.of("linger.ms", 7, "delivery.timeout.ms", 9))
                        .properties())
                .containsAllEntriesOf(Map.of("linger.ms", 7, "delivery.timeout.ms", 9, "batch.size", 65_536));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().overrides(Map.of("acks", "0")))
                .withMessage(
                        "overrides: acks=0 cannot be set: records are sent as bytes; acks(…) and safest() choose safety");
    }
}
