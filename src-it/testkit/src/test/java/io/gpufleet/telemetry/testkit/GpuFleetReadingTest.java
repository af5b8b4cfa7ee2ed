package io.gpufleet.telemetry.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.Decoder;
import io.gpufleet.telemetry.codec.ExpositionTextDecoder;
import io.gpufleet.telemetry.codec.GpuSampleDecoder;
import io.gpufleet.telemetry.codec.MetricEventJsonCodec;
import io.gpufleet.telemetry.codec.NvidiaSmiCsvDecoder;
import io.gpufleet.telemetry.codec.SampleCounts;
import io.gpufleet.telemetry.codec.SampleCsvDecoder;
import io.gpufleet.telemetry.codec.SampleJsonDecoder;
import io.gpufleet.telemetry.codec.ScrapeContext;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.gpu.MetricEvent;
import io.gpufleet.telemetry.testkit.GpuFleetGenerator.Form;
import io.gpufleet.telemetry.testkit.GpuFleetGenerator.Metrics;
import io.gpufleet.telemetry.testkit.GpuFleetGenerator.Names;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** The decoders read what the generator says must be read: the proof of either by the other. */
class GpuFleetReadingTest {
    private static final int SEEDS = 25;
    private static final List<String> MODELS =
            List.of("NVIDIA H100 80GB HBM3", "NVIDIA H200", "NVIDIA A100-SXM4-80GB", "NVIDIA L40S", "NVIDIA B200");

    @ParameterizedTest
    @EnumSource(value = Form.class, mode = Mode.EXCLUDE, names = "METRIC_EVENT")
    void everyForm_isReadAsTheGeneratorSays(Form form) {
        int samples = 0;
        int refusals = 0;
        int noValues = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            for (GpuFleetRecord record : anyRecords(form, seed)) {
                assertIsReadAsExpected(record, form, seed);
                samples += record.samples().size();
                refusals += record.refusals().size();
                noValues += record.noValues();
            }
        }

        assertThat(samples).isGreaterThan(1_000);
        assertThat(refusals).isGreaterThan(100);
        assertThat(noValues).isGreaterThan(100);
    }

    /** A decoder remembers labels, so that one reads the scrapes of several fleets and hosts, mixed. */
    @Test
    void oneDecoder_readsScrapesInAnyOrderAsTheGeneratorSays() {
        GpuSampleDecoder decoder = ExpositionTextDecoder.create();
        List<GpuFleetRecord> records = mixedScrapes();

        for (GpuFleetRecord record : records) {
            Read read = Read.of(decoder, record);

            assertSame(read.refusals, record.refusals(), record.toString());
            assertSame(parts(read.samples), parts(record.samples()), record.toString());
            assertThat(read.samples.equals(record.samples()))
                    .as(record::toString)
                    .isTrue();
            assertThat(read.noValues).as(record::toString).isEqualTo(record.noValues());
        }
        assertThat(records).hasSizeGreaterThan(100);
    }

    private static List<GpuFleetRecord> mixedScrapes() {
        List<GpuFleetRecord> records = new ArrayList<>();
        for (long seed = 0; seed < 6; seed++) {
            Random random = new Random(seed);
            Form form =
                    any(new Form[] {Form.EXPOSITION_TEXT, Form.EXPOSITION_TEXT_WITH_TIMES, Form.OPEN_METRICS}, random);
            GpuFleetGenerator fleet = anyFleet(form, random);
            for (int scrape = 0; scrape < 12; scrape++) {
                records.addAll(fleet.records(scrape % Math.min(3, fleet.hosts()), scrape));
            }
        }
        Collections.shuffle(records, new Random(1));
        return records;
    }

    @Test
    void metricEvents_areReadAsTheGeneratorSays() {
        int events = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            for (GpuFleetRecord record : anyRecords(Form.METRIC_EVENT, seed)) {
                SampleCounts counts = new SampleCounts();
                MetricEvent read =
                        MetricEventJsonCodec.builder().counts(counts).build().decode(record.value());

                assertThat(read)
                        .as("seed %d, %s", seed, record)
                        .isEqualTo(record.event().orElseThrow());
                assertThat(counts.noValues()).as("seed %d, %s", seed, record).isEqualTo(record.noValues());
                events++;
            }
        }

        assertThat(events).isGreaterThan(SEEDS);
    }

    private static List<GpuFleetRecord> anyRecords(Form form, long seed) {
        Random random = new Random(seed);
        GpuFleetGenerator fleet = anyFleet(form, random);
        return fleet.records(random.nextInt(fleet.hosts()), random.nextInt(100_000));
    }

    private static void assertIsReadAsExpected(GpuFleetRecord record, Form form, long seed) {
        SampleCounts counts = new SampleCounts();
        Read read = Read.of(decoder(form, counts), record);
        String what = form + ", seed " + seed + ", " + record;

        assertSame(read.refusals, record.refusals(), what);
        assertSame(parts(read.samples), parts(record.samples()), what);
        assertThat(read.samples.equals(record.samples())).as(what).isTrue();
        assertThat(counts.noValues()).as(what).isEqualTo(record.noValues());
        assertThat(counts.unreadableLabels()).as(what).isEqualTo(record.unreadableLabels());
        assertThat(counts.otherMetrics() + counts.notGpus() + counts.labelFields() + counts.malformedTexts())
                .as(what)
                .isZero();
    }

    /** Fails with the first difference, since whole scrapes are too long to compare by eye. */
    private static void assertSame(List<String> read, List<String> expected, String what) {
        for (int i = 0; i < Math.min(read.size(), expected.size()); i++) {
            assertThat(read.get(i)).as("%s, number %d", what, i).isEqualTo(expected.get(i));
        }
        assertThat(read).as(what).hasSameSizeAs(expected);
    }

    private static List<String> parts(List<GpuSample> samples) {
        return samples.stream().map(GpuFleetReadingTest::parts).toList();
    }

    private static String parts(GpuSample sample) {
        GpuSubject subject = sample.subject();
        return String.join(
                " | ",
                sample.toString(),
                subject.series(),
                subject.index().toString(),
                subject.device(),
                subject.pciBusId(),
                subject.model(),
                subject.migProfile(),
                subject.host(),
                subject.labels().toString());
    }

    private static GpuSampleDecoder decoder(Form form, SampleCounts counts) {
        return switch (form) {
            case EXPOSITION_TEXT, EXPOSITION_TEXT_WITH_TIMES, OPEN_METRICS ->
                ExpositionTextDecoder.builder().counts(counts).build();
            case CSV -> SampleCsvDecoder.builder().counts(counts).build();
            case JSON_OBJECT, JSON_ARRAY, JSON_POST, JSON_BATCH ->
                SampleJsonDecoder.builder().counts(counts).build();
            case NVIDIA_SMI ->
                NvidiaSmiCsvDecoder.builder()
                        .zone(ZoneOffset.UTC)
                        .counts(counts)
                        .build();
            case METRIC_EVENT -> throw new IllegalArgumentException(form + " is not read here");
        };
    }

    private static GpuFleetGenerator anyFleet(Form form, Random random) {
        GpuFleetGenerator.Builder fleet = GpuFleetGenerator.builder()
                .form(form)
                .seed(random.nextLong())
                .gpus(1 + random.nextInt(100))
                .start(Instant.parse("2026-03-01T00:00:00Z").plusMillis(random.nextInt()))
                .interval(Duration.ofMillis(1 + random.nextInt(60_000)))
                .metrics(any(Metrics.values(), random))
                .names(any(Names.values(), random))
                .models(MODELS)
                .podShare(random.nextDouble())
                .jobShare(random.nextDouble())
                .xidRate(random.nextDouble() / 10)
                .driverLoads(Duration.ofHours(1 + random.nextInt(100)));
        addFaults(fleet, random);
        return fleet.build();
    }

    private static void addFaults(GpuFleetGenerator.Builder fleet, Random random) {
        if (random.nextBoolean()) {
            fleet.damageRate(random.nextDouble() / 5).noValueRate(random.nextDouble() / 5);
        }
        if (random.nextBoolean()) {
            fleet.spread();
        }
        if (random.nextBoolean()) {
            fleet.messagePerGpu();
        }
        if (random.nextBoolean()) {
            fleet.names(random.nextBoolean() ? Names.BEFORE_4_6 : Names.SINCE_4_6)
                    .migShare(random.nextDouble())
                    .sharedShare(random.nextDouble())
                    .links(random.nextInt(19))
                    .exporterMetrics();
        }
    }

    private static <T> T any(T[] values, Random random) {
        return values[random.nextInt(values.length)];
    }

    /** What a decoder makes of a record. */
    private static final class Read implements Decoder.Values<GpuSample> {
        private final List<GpuSample> samples = new ArrayList<>();
        private final List<String> refusals = new ArrayList<>();
        private int noValues;

        static Read of(GpuSampleDecoder decoder, GpuFleetRecord record) {
            Read read = new Read();
            String millis = new String(record.headers().get(0).value(), StandardCharsets.US_ASCII);
            Instant scrape = Instant.ofEpochMilli(Long.parseLong(millis));
            decoder.decode(ByteBuffer.wrap(record.value()), ScrapeContext.at(scrape), read);
            return read;
        }

        @Override
        public void count(String what, int number) {
            noValues += what.equals(NO_VALUE) ? number : 0;
        }

        @Override
        public void accept(GpuSample sample) {
            samples.add(sample);
        }

        @Override
        public void refuse(String reason) {
            refusals.add(reason);
        }
    }
}
