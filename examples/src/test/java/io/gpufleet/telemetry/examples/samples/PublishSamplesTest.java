package io.gpufleet.telemetry.examples.samples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.codec.SampleJsonDecoder;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.examples.terminal.Text;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.ScrapeHeaders;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.ForkedJvm;
import io.gpufleet.telemetry.testkit.KafkaBroker;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files on a topic: scrapes with their headers, samples with their times moved, once and again and again. */
@TelemetryStackTest
final class PublishSamplesTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String CSV = """
            timestamp,metric_name,uuid,Hostname,pod,value
            2024-03-01T12:00:00Z,DCGM_FI_DEV_GPU_TEMP,U,n1,p1,40
            2024-03-01T12:00:30.5Z,DCGM_FI_DEV_GPU_TEMP,V,n2,,41
            2024-03-01T12:00:30.5Z,DCGM_FI_DEV_GPU_TEMP,V,n2,,many
            """;

    @TempDir
    private Path directory;

    private String file(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text).toString();
    }

    private static Ended publish(TelemetryStack stack, String topic, String... arguments) {
        List<String> all = new ArrayList<>(List.of("publish", "--bootstrap-server", stack.bootstrapServers()));
        all.addAll(List.of("--topic", topic));
        all.addAll(List.of(arguments));
        return Ended.of(all.toArray(String[]::new));
    }

    /** Returns all records of a topic, as many as there were when it was asked. */
    private static List<ConsumerRecord<byte[], byte[]>> records(TelemetryStack stack, String topic) {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", stack.bootstrapServers()),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(partition -> new TopicPartition(topic, partition.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long end = consumer.endOffsets(partitions).values().stream()
                    .mapToLong(Long::longValue)
                    .sum();
            List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
            while (records.size() < end) {
                consumer.poll(LIMIT).forEach(records::add);
            }
            return records;
        }
    }

    private static List<GpuSample> samples(TelemetryStack stack, String topic) {
        List<GpuSample> samples = new ArrayList<>();
        records(stack, topic).forEach(record -> SampleJsonDecoder.create().decode(record.value(), samples::add));
        return samples;
    }

    @Test
    void scrape_isSentByGpu_withItsTimeAndHost(TelemetryStack stack) throws IOException {
        String file = file("scrape", """
                DCGM_FI_DEV_GPU_TEMP{UUID="U",Hostname="n1"} 41
                DCGM_FI_DEV_GPU_TEMP{UUID="V",Hostname="n1"} 42
                DCGM_FI_DEV_GPU_TEMP{UUID="V",Hostname="n1"} many
                """);

        Ended ended = publish(stack, "seen-scrapes", "--any-age", "--time", "2024-03-01T12:00:00.25Z", file);

        assertThat(ended.errors())
                .containsExactly("gpu-samples publish: " + file
                        + ": 1 line could not be read and was not sent; gpu-samples check names them");
        assertThat(ended.code()).isEqualTo(ExitCodes.NOT_SO);
        assertThat(ended.out())
                .singleElement()
                .asString()
                .startsWith("Published 2 samples to seen-scrapes of " + stack.bootstrapServers() + " at ");
        assertThat(records(stack, "seen-scrapes"))
                .extracting(record -> new String(record.key(), UTF_8))
                .containsExactlyInAnyOrder("U", "V");
        assertThat(records(stack, "seen-scrapes")).allSatisfy(record -> {
            assertThat(header(record, ScrapeHeaders.TIME)).isEqualTo("1709294400250");
            assertThat(header(record, ScrapeHeaders.HOST)).isEqualTo("n1");
        });
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), UTF_8);
    }

    @Test
    void scrapeThatIsCutOff_isSentUpToItsLastWholeLine_andSaysSo(TelemetryStack stack) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 2_000; i++) {
            text.append("DCGM_FI_DEV_GPU_TEMP{UUID=\"GPU-").append(i * 7919).append("\",Hostname=\"n1\"} 41\n");
        }
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream packing = new GZIPOutputStream(packed)) {
            packing.write(text.toString().getBytes(UTF_8));
        }
        Path cut = directory.resolve("cut.prom.gz");
        Files.write(cut, Arrays.copyOf(packed.toByteArray(), packed.size() / 2));

        Ended ended = publish(stack, "seen-cut", cut.toString());

        List<ConsumerRecord<byte[], byte[]>> records = records(stack, "seen-cut");
        assertThat(records).hasSizeBetween(100, 1_900);
        assertThat(ended.out()).singleElement().asString().startsWith("Published " + Text.count(records.size()) + " ");
        assertThat(ended.errors())
                .containsExactly("gpu-samples publish: " + cut + ": unexpected end of gzip data after line "
                        + records.size() + "; nothing behind it was sent");
        assertThat(ended.code()).isEqualTo(ExitCodes.NOT_SO);
    }

    @Test
    void scrape_isSentWithoutTheLinesThatTheConsumerRefuses(TelemetryStack stack) throws IOException {
        String good = "DCGM_FI_DEV_GPU_TEMP{UUID=\"U\",Hostname=\"n1\"} 41\n";
        String file = file(
                "scrape",
                good + "DCGM_FI_DEV_GPU_TEMP{UUID=\"U\"} many\n"
                        + "DCGM_FI_DEV_GPU_TEMP{UUID=\"U\",pod=\"\0\"} 41\nDCGM_FI_DEV_POWER_USAGE{UUID=\"U\"} 6");

        Ended ended = publish(stack, "seen-readable", "--host", "n1", file);

        assertThat(ended.errors())
                .containsExactly("gpu-samples publish: " + file
                        + ": 2 lines could not be read and were not sent; gpu-samples check names them");
        assertThat(records(stack, "seen-readable"))
                .singleElement()
                .extracting(record -> new String(record.value(), UTF_8))
                .isEqualTo(good + "DCGM_FI_DEV_POWER_USAGE{UUID=\"U\"} 6\n");
    }

    /** The consumer refuses a line without its end, since it may be cut off; a file often lacks the last one. */
    @Test
    void scrapeWithoutItsLastLineFeed_isSentWithIt(TelemetryStack stack) throws IOException {
        String text = "DCGM_FI_DEV_GPU_TEMP{UUID=\"U\",Hostname=\"n1\"} 41";

        Ended ended = publish(stack, "seen-open", file("open.prom", text));

        assertThat(ended.code()).isEqualTo(ExitCodes.OK);
        assertThat(records(stack, "seen-open"))
                .singleElement()
                .extracting(record -> new String(record.value(), UTF_8))
                .isEqualTo(text + "\n");
    }

    @Test
    void samplesOfAnotherTime_areSent_withAWordOnTheConsumer(TelemetryStack stack) throws IOException {
        String file = file("old.csv", CSV.replaceFirst(".*many\n", ""));

        Ended ended = publish(stack, "seen-old", file);

        assertThat(ended.errors())
                .singleElement()
                .asString()
                .startsWith("gpu-samples publish: " + file
                        + ": 2 samples have times that gpu-consumer refuses: time 2024-03-01T12:00:00Z is more than 30"
                        + " days behind the record's timestamp ")
                .endsWith("; for a backfill, give --any-age");
        assertThat(ended.code()).isEqualTo(ExitCodes.OK);
        assertThat(samples(stack, "seen-old")).hasSize(2);
    }

    @Test
    void samples_areSentOneByOne_asTheyWereRead(TelemetryStack stack) throws IOException {
        String file = file("samples.csv", CSV);

        Ended ended = publish(stack, "seen-samples", "--any-age", file);

        assertThat(ended.errors())
                .containsExactly("gpu-samples publish: " + file
                        + ": 1 line could not be read and was not sent; gpu-samples check names them");
        assertThat(ended.code()).isEqualTo(ExitCodes.NOT_SO);
        assertThat(samples(stack, "seen-samples"))
                .containsExactlyInAnyOrderElementsOf(LiveFile.read(file, new DecoderOptions(), Optional.empty())
                        .samples());
    }

    @Test
    void times_areMovedTogether_soThatTheNewestIsNow(TelemetryStack stack) throws IOException {
        String older = file("older.prom", "DCGM_FI_DEV_GPU_TEMP{UUID=\"W\",Hostname=\"n3\"} 43 1709294370000\n");
        Instant before = Instant.now();

        Ended ended = publish(stack, "seen-shifted", "--shift-times", file("samples.csv", CSV), older);

        List<GpuSample> samples = samples(stack, "seen-shifted");
        Instant newest =
                samples.stream().map(GpuSample::time).max(Instant::compareTo).orElseThrow();
        assertThat(ended.out()).hasSize(1);
        assertThat(newest).isBetween(before.minusMillis(1), Instant.now());
        assertThat(samples)
                .extracting(sample -> sample.subject().uuid() + " "
                        + Duration.between(sample.time(), newest).toMillis())
                .containsExactlyInAnyOrder("U 30500", "V 0", "W 60500");
    }

    @Test
    void textOfSeveralHosts_isSentAsSamples_unlessOneIsGiven(TelemetryStack stack) throws IOException {
        String file = file("scrapes", """
                DCGM_FI_DEV_GPU_TEMP{UUID="U",Hostname="n1"} 41
                DCGM_FI_DEV_GPU_TEMP{UUID="V",Hostname="n2"} 42
                """);

        Ended each = publish(stack, "seen-hosts", "--any-age", "--time", "2024-03-01T12:00:00Z", file);
        Ended one = publish(stack, "seen-host", "--any-age", "--time", "2024-03-01T12:00:00Z", "--host", "n3", file);

        assertThat(List.of(each.code(), one.code())).containsOnly(0);
        assertThat(samples(stack, "seen-hosts"))
                .extracting(sample -> sample.subject().host() + " " + sample.time())
                .containsExactlyInAnyOrder("n1 2024-03-01T12:00:00Z", "n2 2024-03-01T12:00:00Z");
        assertThat(records(stack, "seen-host"))
                .allSatisfy(
                        record -> assertThat(header(record, ScrapeHeaders.HOST)).isEqualTo("n3"))
                .hasSize(2);
    }

    @Test
    void loop_sendsNewTimesUntilItIsStopped(TelemetryStack stack) throws IOException {
        stack.createTopic("seen-live", 1);
        try (ForkedJvm program = ForkedJvm.builder(GpuSamplesMain.class)
                .arguments("publish", "--bootstrap-server", stack.bootstrapServers(), "--topic", "seen-live")
                .arguments("--no-create-topic", "--loop", "--every", "50ms", "--shift-times")
                .arguments(file("samples.csv", CSV.replaceFirst(".*many\n", "")))
                .start()) {
            program.awaitLine("Published 2 samples", LIMIT);
            while (samples(stack, "seen-live").size() < 6) {
                assertThat(program.isAlive()).isTrue();
            }

            program.terminate();

            assertThat(program.awaitExit(LIMIT)).isZero();
            assertThat(program.errors()).containsExactly("Ended, all samples are acknowledged");
        }
        List<Instant> times = samples(stack, "seen-live").stream()
                .filter(sample -> sample.subject().uuid().equals("V"))
                .map(GpuSample::time)
                .toList();
        assertThat(times).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void outage_isSaidAtItsBeginAndItsEnd_andEndsNothing() throws IOException {
        try (KafkaBroker broker = KafkaBroker.builder().start()) {
            broker.createTopic("seen-outage", 1, Map.of());
            try (ForkedJvm program = ForkedJvm.builder(GpuSamplesMain.class)
                    .arguments("publish", "--bootstrap-server", broker.bootstrapServers(), "--topic", "seen-outage")
                    .arguments("--no-create-topic", "--loop", "--every", "100ms", "--shift-times")
                    .arguments("--client-property=delivery.timeout.ms=900", "--client-property=request.timeout.ms=500")
                    .arguments("--client-property=max.block.ms=900")
                    .arguments(file("samples.csv", CSV.replaceFirst(".*many\n", "")))
                    .start()) {
                program.awaitLine("Published 2 samples", LIMIT);

                broker.stop();
                Await.until("outage is said", LIMIT, program::errors, errors -> !errors.isEmpty());
                broker.start();
                Await.until("end is said", LIMIT, program::errors, errors -> errors.size() > 1);
                program.terminate();

                assertThat(program.awaitExit(LIMIT)).isEqualTo(ExitCodes.NOT_SO);
                assertThat(program.errors())
                        .satisfiesExactly(
                                line -> assertThat(line)
                                        .contains("Outage of seen-outage of ")
                                        .contains(" begins: "),
                                line -> assertThat(line)
                                        .contains(" ended; until now ")
                                        .contains(" samples were not sent, and ")
                                        .containsPattern(" rounds? skipped$"),
                                line -> assertThat(line).startsWith("Ended, ").endsWith(" samples were not sent"));
            }
        }
    }

    @Test
    void unreachableBroker_isOneLine() throws IOException {
        Ended ended = Ended.of(
                "publish",
                "--bootstrap-server=localhost:1",
                "--client-property=request.timeout.ms=300",
                "--client-property=default.api.timeout.ms=300",
                file("samples.csv", CSV));

        assertThat(ended.errors()).singleElement().asString().startsWith("gpu-samples publish: ");
        assertThat(ended.code()).isEqualTo(ExitCodes.UNAVAILABLE);
    }
}
