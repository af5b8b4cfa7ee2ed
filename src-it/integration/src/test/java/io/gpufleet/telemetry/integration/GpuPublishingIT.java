package io.gpufleet.telemetry.integration;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.Decoder;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.EventTime;
import io.gpufleet.telemetry.Sink;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.codec.ExpositionTextDecoder;
import io.gpufleet.telemetry.gpu.GpuReading;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.MetricEvent;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.kafka.GpuSampleConsumer;
import io.gpufleet.telemetry.kafka.producer.GpuSamplePublisher;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.GpuFleetGenerator;
import io.gpufleet.telemetry.testkit.GpuFleetRecord;
import io.gpufleet.telemetry.testkit.KafkaBroker;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Scrapes of GPUs through Kafka into samples, with the time and the host of their scrape. */
@TelemetryStackTest
final class GpuPublishingIT {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final int GPUS = 8;
    private static final Instant TIME =
            Instant.ofEpochMilli(System.currentTimeMillis()).minusSeconds(1_800);

    private static String uuid(String host, int gpu) {
        return "GPU-" + host + "-" + gpu;
    }

    /** The text of an exporter that knows its host by another name, with rows of no GPU and one that is unreadable. */
    private static byte[] scrape(String host, int value) {
        StringBuilder text = new StringBuilder();
        for (String metric : List.of("DCGM_FI_DEV_GPU_TEMP", "DCGM_FI_DEV_FB_USED")) {
            text.append("# HELP ")
                    .append(metric)
                    .append(" help\n# TYPE ")
                    .append(metric)
                    .append(" gauge\n");
            for (int gpu = 0; gpu < GPUS; gpu++) {
                text.append(metric)
                        .append("{gpu=\"")
                        .append(gpu)
                        .append("\",UUID=\"")
                        .append(uuid(host, gpu));
                text.append("\",pod=\"a}\\\"b\",Hostname=\"elsewhere\"} ")
                        .append(value)
                        .append('\n');
            }
        }
        text.append(
                "DCGM_FI_DEV_CPU_UTIL_TOTAL{cpu=\"0\"} 0.2\nDCGM_FI_DEV_GPU_TEMP{gpu=\"0\",pod=\"say \"hi\"\"} 40\n");
        return text.toString().getBytes(UTF_8);
    }

    private static GpuSamplePublisher.Builder publisher(TelemetryStack stack, String topic) {
        return GpuSamplePublisher.builder(stack.bootstrapServers()).topic(topic);
    }

    private static <T> BatchingConsumer.Builder<T> consumer(
            BatchingConsumer.Builder<T> builder, TelemetryStack stack, String topic) {
        return builder.bootstrapServers(stack.bootstrapServers())
                .topics(topic)
                .groupId(topic)
                .concurrency(2);
    }

    /** A sink that takes the good samples of a record with refused ones. */
    private static Sink<GpuSample> into(Queue<Delivery<GpuSample>> samples) {
        return new Sink<>() {
            @Override
            public void write(Batch<GpuSample> batch) {
                samples.addAll(batch.deliveries());
            }

            @Override
            public boolean isIdempotent() {
                return true;
            }
        };
    }

    private static void awaitRejected(BatchingConsumer consumer, int rows) {
        Await.until(
                "the unreadable rows are refused",
                LIMIT,
                () -> consumer.snapshot().counts().rejected(),
                rejected -> rejected == rows);
    }

    private static void awaitSize(Collection<?> collected, int size) {
        Await.until("all values are consumed", LIMIT, collected::size, count -> count >= size);
        assertThat(collected).hasSize(size);
    }

    private static String text(GpuSample sample) {
        return sample.subject().uuid() + " " + sample.metric().name() + " " + sample.value() + " " + sample.time() + " "
                + sample.subject().host();
    }

    private static List<String> expected(String host, int value, Instant time) {
        return IntStream.range(0, GPUS)
                .boxed()
                .flatMap(gpu -> List.of("DCGM_FI_DEV_GPU_TEMP", "DCGM_FI_DEV_FB_USED").stream()
                        .map(metric -> uuid(host, gpu) + " " + metric + " " + (double) value + " " + time + " " + host))
                .toList();
    }

    @Test
    void scrapes_arriveAsSamplesOfTheirTimeAndHost(TelemetryStack stack) {
        stack.createTopic("scrapes", 4);
        try (GpuSamplePublisher publisher =
                publisher(stack, "scrapes").throughput().build()) {
            CompletableFuture.allOf(
                            publisher.scrape(scrape("n1", 40), "n1", TIME),
                            publisher.scrape(scrape("n2", 50), "n2", TIME),
                            publisher.scrape(scrape("n1", 41), "n1", TIME.plusSeconds(10)))
                    .join();
        }
        Queue<Delivery<GpuSample>> samples = new ConcurrentLinkedQueue<>();
        try (BatchingConsumer consumer = consumer(
                        GpuSampleConsumer.builder(ExpositionTextDecoder.create(), into(samples)), stack, "scrapes")
                .discardDeadLetters()
                .start()) {
            awaitSize(samples, 3 * 2 * GPUS);
            awaitRejected(consumer, 3);
        }
        List<String> all = new ArrayList<>(expected("n1", 40, TIME));
        all.addAll(expected("n2", 50, TIME));
        all.addAll(expected("n1", 41, TIME.plusSeconds(10)));
        assertThat(samples).extracting(delivery -> text(delivery.value())).containsExactlyInAnyOrderElementsOf(all);
        assertKeysAndOrder(samples);
    }

    /** All records of a GPU lie in one partition, the later scrape behind the earlier one. */
    private static void assertKeysAndOrder(Collection<Delivery<GpuSample>> samples) {
        samples.stream()
                .collect(Collectors.groupingBy(
                        delivery -> delivery.value().subject().uuid()))
                .forEach((uuid, own) -> {
                    assertThat(own)
                            .allSatisfy(delivery -> assertThat(
                                            delivery.source().key().orElseThrow())
                                    .asString()
                                    .isEqualTo(uuid));
                    assertThat(own)
                            .extracting(Delivery::partition)
                            .containsOnly(own.get(0).partition());
                    assertThat(own)
                            .isSortedAccordingTo((one, other) -> one.offset() < other.offset()
                                    ? one.value().time().compareTo(other.value().time())
                                    : 0);
                });
    }

    /** Nothing is added, lost or changed by the split: the generator says what is in a scrape. */
    @ParameterizedTest
    @EnumSource(
            value = GpuFleetGenerator.Form.class,
            names = {"EXPOSITION_TEXT", "EXPOSITION_TEXT_WITH_TIMES", "OPEN_METRICS"})
    void fleet_isReadAsItWasGenerated(GpuFleetGenerator.Form form, TelemetryStack stack) {
        String topic = "fleet-" + form;
        stack.createTopic(topic, 3);
        List<GpuFleetRecord> fleet = fleet(form);
        try (GpuSamplePublisher publisher = publisher(stack, topic).throughput().build()) {
            CompletableFuture.allOf(fleet.stream()
                            .map(record -> publisher.scrape(record.value(), record.host(), record.timestamp()))
                            .toArray(CompletableFuture[]::new))
                    .join();
        }
        List<String> expected = fleet.stream()
                .flatMap(record -> record.samples().stream().map(GpuPublishingIT::everything))
                .sorted()
                .toList();
        Queue<Delivery<GpuSample>> samples = new ConcurrentLinkedQueue<>();
        try (BatchingConsumer consumer = consumer(
                        GpuSampleConsumer.builder(ExpositionTextDecoder.create(), into(samples)), stack, topic)
                .discardDeadLetters()
                .start()) {
            awaitSize(samples, expected.size());
            awaitRejected(consumer, refusals(fleet));
        }
        assertThat(samples.stream()
                        .map(delivery -> everything(delivery.value()))
                        .sorted()
                        .toList())
                .isEqualTo(expected);
    }

    private static List<GpuFleetRecord> fleet(GpuFleetGenerator.Form form) {
        return GpuFleetGenerator.builder()
                .form(form)
                .start(TIME)
                .gpus(16)
                .migShare(0.3)
                .podShare(0.5)
                .sharedShare(0.3)
                .noValueRate(0.1)
                .damageRate(0.02)
                .xidRate(0.2)
                .build()
                .stream()
                .limit(6)
                .toList();
    }

    private static int refusals(List<GpuFleetRecord> fleet) {
        return fleet.stream().mapToInt(record -> record.refusals().size()).sum();
    }

    /** The label of the host stays a label where a header says the host. */
    private static String everything(GpuSample sample) {
        Map<String, String> labels = new TreeMap<>(sample.subject().labels());
        labels.remove("Hostname");
        return sample + " of " + sample.subject().host() + " " + labels;
    }

    @Test
    void wholeScrape_isOneRecord(TelemetryStack stack) {
        stack.createTopic("whole-scrapes", 1);
        try (GpuSamplePublisher publisher =
                publisher(stack, "whole-scrapes").wholeScrapes().build()) {
            publisher.scrape(scrape("n1", 40), "n1", TIME).join();
        }
        assertThat(stack.kafka().endOffsets("whole-scrapes")).containsEntry(0, 1L);
        Queue<Delivery<GpuSample>> samples = new ConcurrentLinkedQueue<>();
        try (BatchingConsumer consumer = consumer(
                        GpuSampleConsumer.builder(ExpositionTextDecoder.create(), into(samples)),
                        stack,
                        "whole-scrapes")
                .discardDeadLetters()
                .start()) {
            assertThat(consumer).isNotNull();
            awaitSize(samples, 2 * GPUS);
        }
        assertThat(samples)
                .extracting(delivery -> text(delivery.value()))
                .containsExactlyInAnyOrderElementsOf(expected("n1", 40, TIME));
    }

    /** The broker's time says when a record came, not when a GPU was read. */
    @Test
    void samplesAndEvents_keepTheirTimesWhereTheBrokerSetsItsOwn(TelemetryStack stack) {
        Map<String, String> brokersTime = Map.of("message.timestamp.type", "LogAppendTime");
        stack.createTopic("appended-scrapes", 2, brokersTime);
        stack.createTopic("appended-events", 2, brokersTime);
        try (GpuSamplePublisher scrapes = publisher(stack, "appended-scrapes").build();
                GpuSamplePublisher events = publisher(stack, "appended-events")
                        .eventEncoder(GpuPublishingIT::encode)
                        .build()) {
            scrapes.scrape(scrape("n1", 40), "n1", TIME).join();
            events.send(event(TIME)).join();
        }
        Queue<Instant> times = new ConcurrentLinkedQueue<>();
        BatchingConsumer.Builder<GpuSample> ofSamples = consumer(
                        GpuSampleConsumer.builder(
                                ExpositionTextDecoder.create(),
                                batch -> batch.deliveries().forEach(delivery -> times.add(delivery.time()))),
                        stack,
                        "appended-scrapes")
                .discardDeadLetters();
        BatchingConsumer.Builder<MetricEvent> ofEvents = consumer(
                        GpuSampleConsumer.ofEvents(
                                EVENTS, batch -> batch.deliveries().forEach(delivery -> times.add(delivery.time()))),
                        stack,
                        "appended-events")
                .discardDeadLetters();
        try (BatchingConsumer samples = ofSamples.start();
                BatchingConsumer events = ofEvents.start()) {
            awaitSize(times, 2 * GPUS + 1);
            assertThat(samples.snapshot().counts().deadLetters()).isEqualTo(1);
            assertThat(events.snapshot().counts().deadLetters()).isZero();
        }
        assertThat(times).containsOnly(TIME);
        assertThatThrownBy(() ->
                        ofSamples.eventTime(EventTime.recordTimestamp()).start().close())
                .hasMessageContaining("LogAppendTime");
    }

    private static final Decoder<MetricEvent> EVENTS = (source, values) -> {
        String text = UTF_8.decode(source).toString();
        values.accept(event(Instant.ofEpochMilli(Long.parseLong(text))));
    };

    private static byte[] encode(MetricEvent event) {
        return Long.toString(event.time().orElseThrow().toEpochMilli()).getBytes(UTF_8);
    }

    private static MetricEvent event(Instant time) {
        return MetricEvent.builder(MetricEvent.Gpu.of("GPU-1"), MetricEvent.Host.of("n1"))
                .schemaVersion("1.0")
                .eventType("gpu_metric_sample")
                .time(time)
                .value(GpuReading.GPU_TEMP, 41)
                .build();
    }

    /** The broker refuses a GPU with too many rows, and no other one of the same request. */
    @Test
    void largeRecord_isRefusedAlone(TelemetryStack stack) {
        stack.createTopic("large", 1, Map.of("max.message.bytes", "20000"));
        String noise = new Random(7)
                .ints(30_000, 'a', 'z')
                .mapToObj(Character::toString)
                .collect(Collectors.joining());
        String text = "DCGM_FI_DEV_GPU_TEMP{UUID=\"GPU-0\"} 40\nDCGM_FI_DEV_GPU_TEMP{UUID=\"GPU-1\",pod=\"" + noise
                + "\"} 40\nDCGM_FI_DEV_GPU_TEMP{UUID=\"GPU-2\"} 40\n";
        try (GpuSamplePublisher publisher =
                publisher(stack, "large").throughput().build()) {
            assertThatThrownBy(() ->
                            publisher.scrape(text.getBytes(UTF_8), "n1", TIME).get(30, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(TelemetryException.class)
                    .hasMessageContaining("1 of 3 records of the scrape of n1 were not sent: Scrape of GPU-1 on n1");
        }
        assertThat(stack.kafka().endOffsets("large")).containsEntry(0, 2L);
    }

    @Test
    void scrape_failsWhenNoBrokerTakesItInTime() throws Exception {
        try (KafkaBroker broker = KafkaBroker.builder().start()) {
            broker.createTopic("away", 1);
            try (GpuSamplePublisher publisher = GpuSamplePublisher.builder(broker.bootstrapServers())
                    .topic("away")
                    .overrides(Map.of("delivery.timeout.ms", 1_500, "request.timeout.ms", 1_000, "linger.ms", 0))
                    .build()) {
                publisher.scrape(scrape("n1", 40), "n1", TIME).get(30, TimeUnit.SECONDS);
                broker.stop();
                assertThatThrownBy(() -> publisher
                                .scrape(scrape("n1", 41), "n1", TIME.plusSeconds(10))
                                .get(30, TimeUnit.SECONDS))
                        .hasCauseInstanceOf(TelemetryException.class)
                        .hasMessageContaining("9 of 9 records of the scrape of n1 were not sent")
                        .hasMessageContaining("Expiring 9 record(s)");
                broker.start();
                Await.until("a scrape arrives again", LIMIT, () -> {
                    publisher
                            .scrape(scrape("n1", 42), "n1", TIME.plusSeconds(20))
                            .get(30, TimeUnit.SECONDS);
                    return true;
                });
                assertThat(broker.endOffsets("away").get(0)).isGreaterThanOrEqualTo(18);
                assertThat(publisher.close(Duration.ZERO)).isZero();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(GpuSamplePublisher.Acks.class)
    void scrape_arrivesWithAnyAcks(GpuSamplePublisher.Acks acks, TelemetryStack stack) {
        String topic = "acks-" + acks;
        stack.createTopic(topic, 1);
        try (GpuSamplePublisher publisher = publisher(stack, topic).acks(acks).build()) {
            publisher.scrape(scrape("n1", 40), "n1", TIME).join();
        }
        Await.until("all records are there", LIMIT, () -> stack.kafka().endOffsets(topic), Map.of(0, 9L)::equals);
    }
}
