package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.AlarmPolicy;
import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.BatchPolicy;
import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.Decoder;
import io.gpufleet.telemetry.FailurePolicy;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.PositionChange;
import io.gpufleet.telemetry.ResetPolicy;
import io.gpufleet.telemetry.RetryPolicy;
import io.gpufleet.telemetry.SinkContext;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.TransactionalSink;
import io.gpufleet.telemetry.Validator;
import io.gpufleet.telemetry.codec.ExpositionTextDecoder;
import io.gpufleet.telemetry.codec.GpuSampleDecoder;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSampleValidator;
import io.gpufleet.telemetry.internal.RecordReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A day of 1,250 hosts with unreadable lines in every scrape, from the polled record to the sink. A host is scraped
 * every 48 minutes instead of every 30 seconds: dead letters depend on pauses of an hour, not on the scrapes of one.
 */
class FleetDayTest {
    private static final int HOSTS = 1_250;
    private static final int GPUS = 2;

    /** More of a GPU than the unreadable ones, as in a real scrape. */
    private static final List<String> READABLE = List.of(
            "POWER_USAGE",
            "GPU_UTIL",
            "MEM_COPY_UTIL",
            "SM_CLOCK",
            "MEM_CLOCK",
            "FB_USED",
            "FB_FREE",
            "PCIE_REPLAY_COUNTER",
            "XID_ERRORS",
            "ENC_UTIL",
            "DEC_UTIL");

    /** Metrics and readings of one GPU: texts, and numbers outside of the range. */
    private static final List<String> UNREADABLE = List.of(
            "DEV_COMPUTE_PIDS ERROR - FAILED TO CONVERT TO STRING",
            "DEV_GPU_TEMP 644245923",
            "DEV_GRAPHICS_PIDS ERROR - FAILED TO CONVERT TO STRING",
            "DEV_FAN_SPEED 4294967295",
            "DEV_PSTATE ERROR - FAILED TO CONVERT TO STRING",
            "PROF_SM_ACTIVE 112.252000",
            "DEV_VIDEO_CLOCK ERROR - FAILED TO CONVERT TO STRING",
            "PROF_GR_ENGINE_ACTIVE 112.252000",
            "DEV_FB_TOTAL ERROR - FAILED TO CONVERT TO STRING",
            "PROF_SM_OCCUPANCY 112.252000",
            "DEV_ENFORCED_POWER_LIMIT ERROR - FAILED TO CONVERT TO STRING",
            "PROF_PIPE_TENSOR_ACTIVE 112.252000",
            "DEV_RETIRED_SBE ERROR - FAILED TO CONVERT TO STRING",
            "PROF_DRAM_ACTIVE 112.252000",
            "DEV_PCIE_LINK_GEN ERROR - FAILED TO CONVERT TO STRING",
            "PROF_PIPE_FP64_ACTIVE 112.252000");

    private static final long MIDNIGHT = 1_772_323_200_000L;
    private static final Duration INTERVAL = Duration.ofMinutes(48);
    private static final int SCRAPES = 30;
    private static final long MEGABYTE = 1_000_000;

    /** A sink that counts. */
    private static final class CountingSink implements TransactionalSink<GpuSample> {
        private long samples;
        private long letters;
        private long letterBytes;
        private long lettersOfRecordsInPart;
        private long refusedOfLetters;

        @Override
        public void open(SinkContext context) {}

        @Override
        public Map<SourcePartition, Position> positions(Collection<SourcePartition> partitions) {
            return Map.of();
        }

        @Override
        public Map<SourcePartition, Position> change(Collection<PositionChange> changes) {
            return Map.of();
        }

        @Override
        public boolean isIdempotent() {
            return true;
        }

        @Override
        public void write(Batch<GpuSample> batch) {
            samples += batch.values();
            letters += batch.deadLetters().size();
            for (DeadLetter letter : batch.deadLetters()) {
                lettersOfRecordsInPart += letter.isPartial() ? 1 : 0;
                refusedOfLetters += letter.indexes().size();
                letterBytes += letter.source().sizeInBytes() + bytes(letter.reasons());
            }
        }

        private static long bytes(List<String> texts) {
            return texts.stream()
                    .mapToLong(text -> text.getBytes(StandardCharsets.UTF_8).length)
                    .sum();
        }
    }

    private final CountingSink sink = new CountingSink();
    private final FailurePolicy failure = FailurePolicy.defaults();
    private final Events events = new Events(List.of());
    private final RepeatedRefusals refusals = Logs.refusals();
    private final Generation generation = Logs.generation(0);
    private long offset;

    private RecordReader<GpuSample> reader = reader(ExpositionTextDecoder.create(), Validator.acceptAll());

    private static RecordReader<GpuSample> reader(Decoder<GpuSample> decoder, Validator<GpuSample> validator) {
        return new RecordReader<>(decoder, (sample, source) -> Optional.of(sample.time()), validator, true);
    }

    /** A decoder that leaves it to the validator to find what is out of range. */
    private static final class Unjudged implements Decoder<GpuSample> {
        private final GpuSampleDecoder text =
                ExpositionTextDecoder.builder().keepOutOfRange().build();

        @Override
        public void decode(ByteBuffer source, Values<? super GpuSample> values) {
            throw new AssertionError("the record was given");
        }

        @Override
        public void decode(SourceRecord source, Values<? super GpuSample> values) {
            text.decode(source, new Values<GpuSample>() {
                @Override
                public void accept(GpuSample sample) {
                    values.accept(sample.withQuality(Set.of()));
                }

                @Override
                public void refuse(String reason) {
                    values.refuse(reason);
                }

                @Override
                public void refuse(String reason, String kind) {
                    values.refuse(reason, kind);
                }

                @Override
                public void count(String what, int number) {
                    values.count(what, number);
                }
            });
        }

        @Override
        public byte[] excerpt(byte[] source, SortedSet<Integer> indexes) {
            return text.excerpt(source, indexes);
        }
    }

    private ConsumerOptions<GpuSample> options() {
        CurrentTuning tuning = new CurrentTuning(new Tuning(
                ClientProperties.of(Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, "localhost:1"), Map.of()),
                BatchPolicy.defaults(),
                ResetPolicy.EARLIEST));
        return new ConsumerOptions<>(
                tuning,
                new ConsumerOptions.Subscription(Set.of(Logs.TOPIC), TestOptions.GROUP, false, Optional.empty()),
                Target.transactional(sink),
                reader,
                new ConsumerOptions.Policies(RetryPolicy.defaults(), failure, AlarmPolicy.defaults()),
                new ConsumerOptions.Capacity(1, 1 << 20),
                List.of(),
                System::nanoTime);
    }

    private Batcher<GpuSample> batcher() {
        FakeLaneOwner owner = new FakeLaneOwner();
        LaneContext<GpuSample> context = new LaneContext<>(
                sink, owner, new DeadLetterWindow(failure), refusals, new BufferBudget(1 << 20, 1), events, owner);
        BatchWriter<GpuSample> writer = new BatchWriter<>(options(), context, new LaneGate(), new FakeHost());
        BatchPolicy policy = BatchPolicy.builder().maxRecords(10_000).build();
        return new Batcher<>(
                reader, () -> new BatchLimits(policy, Long.MAX_VALUE), refusals, writer::write, (records, held) -> {});
    }

    /** Returns the scrape of a host: metrics of each GPU, one field without a value, and unreadable lines. */
    private static byte[] scrape(int host, List<String> unreadable) {
        StringBuilder text = new StringBuilder();
        READABLE.forEach(metric -> add(text, "DEV_" + metric, host, GPUS, "97"));
        add(text, "DEV_MEMORY_TEMP", host, 1, "9223372036854775794");
        unreadable.forEach(row -> {
            int blank = row.indexOf(' ');
            add(text, row.substring(0, blank), host, 1, row.substring(blank + 1));
        });
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void add(StringBuilder text, String metric, int host, int gpus, String value) {
        text.append("# TYPE DCGM_FI_").append(metric).append(" gauge\n");
        for (int gpu = 0; gpu < gpus; gpu++) {
            text.append(String.format(
                    Locale.ROOT,
                    "DCGM_FI_%s{gpu=\"%d\",UUID=\"GPU-5fd4f087-86f3-7a43-%04d-%012d\",device=\"nvidia%d\","
                            + "modelName=\"NVIDIA H100 80GB HBM3\",Hostname=\"node-%05d\"} %s%n",
                    metric,
                    gpu,
                    gpu,
                    host,
                    gpu,
                    host,
                    value));
        }
    }

    /** Feeds a day, scrape by scrape, as a consumer polls it. */
    private void feed(List<byte[]> scrapes) {
        Batcher<GpuSample> batcher = batcher();
        for (int scrape = 0; scrape < SCRAPES; scrape++) {
            long time = MIDNIGHT + scrape * INTERVAL.toMillis();
            List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
            for (int host = 0; host < scrapes.size(); host++) {
                records.add(record(offset + host, time + host, host, scrapes.get(host)));
            }
            batcher.append(Logs.chunk(generation, offset, offset + records.size(), records));
            batcher.flush();
            offset += records.size();
        }
    }

    private static ConsumerRecord<byte[], byte[]> record(long offset, long time, int host, byte[] value) {
        byte[] key = String.format(Locale.ROOT, "node-%05d", host).getBytes(StandardCharsets.UTF_8);
        return new ConsumerRecord<>(
                Logs.TOPIC,
                0,
                offset,
                time,
                TimestampType.CREATE_TIME,
                key.length,
                value.length,
                key,
                value,
                new RecordHeaders(),
                Optional.of(Logs.EPOCH));
    }

    private static List<byte[]> fleet(int hosts, List<String> evenHosts, List<String> oddHosts) {
        return IntStream.range(0, hosts)
                .mapToObj(host -> scrape(host, host % 2 == 0 ? evenHosts : oddHosts))
                .toList();
    }

    /** Returns rows of different metrics, of which every other is no number and every other is out of range. */
    private static List<String> unreadable(int lines, int first) {
        return IntStream.range(first, first + lines)
                .mapToObj(line -> UNREADABLE.get(line % UNREADABLE.size()))
                .toList();
    }

    /** With more lines, a part of the hosts has to keep its part of the megabytes. */
    @ParameterizedTest
    @CsvSource({"1, 1250", "2, 125", "16, 125"})
    void linesInEveryScrape_leaveOneSmallLetterOfAHostAndStopNothing(int lines, int hosts) {
        feed(fleet(hosts, unreadable(lines, 0), unreadable(lines, 1)));

        assertOneSmallLetterOfAHost(lines, hosts);
    }

    private void assertOneSmallLetterOfAHost(int lines, int hosts) {
        long records = (long) hosts * SCRAPES;
        assertThat(sink.samples).isEqualTo(records * GPUS * READABLE.size());
        assertThat(sink.letters).isEqualTo(hosts).isEqualTo(sink.lettersOfRecordsInPart);
        assertThat(sink.refusedOfLetters).isEqualTo((long) hosts * lines);
        assertThat(sink.letterBytes).isLessThan(10 * MEGABYTE * hosts / HOSTS);
        ConsumerSnapshot.Counts counts = events.counts();
        assertThat(counts.rejected()).isEqualTo(records * lines);
        assertThat(counts.repeated()).isEqualTo((records - hosts) * lines);
        assertThat(counts.noValues()).isEqualTo(records);
        assertThat(counts.deliveriesWritten()).isEqualTo(sink.samples);
        assertThat(counts.deadLetters()).isEqualTo(sink.letters);
    }

    @Test
    void readingsThatTheValidatorRefuses_costAsLittleAsUnreadableLines() {
        reader = reader(new Unjudged(), GpuSampleValidator.create());
        int hosts = 125;

        feed(fleet(hosts, unreadable(16, 0), unreadable(16, 0)));

        assertOneSmallLetterOfAHost(16, hosts);
    }

    /** The control: a validator that says no kinds. */
    @Test
    void readingsOfNoKind_haveALetterOfEachScrape() {
        GpuSampleValidator rules = GpuSampleValidator.create();
        reader = reader(new Unjudged(), delivery -> rules.validate(delivery));
        int hosts = 10;

        feed(fleet(hosts, unreadable(1, 1), unreadable(1, 1)));

        assertThat(sink.letters).isEqualTo((long) hosts * SCRAPES);
        assertThat(events.counts().repeated()).isZero();
    }

    /** Labels that the exporter does not escape: the rows of each GPU are unreadable, and known by its UUID. */
    @Test
    void unreadableLabels_leaveOneLetterOfAHost() {
        String label = "DEV_TOTAL_ENERGY_CONSUMPTION{gpu=\"1\",UUID=\"GPU-%d\",pod_label=\"say \"hi\"\"} 41";
        int hosts = 10;

        feed(IntStream.range(0, hosts)
                .mapToObj(host -> (new String(scrape(host, List.of()), StandardCharsets.UTF_8) + "DCGM_FI_"
                                + label.formatted(host) + "\n")
                        .getBytes(StandardCharsets.UTF_8))
                .toList());

        assertThat(sink.letters).isEqualTo(hosts);
        assertThat(events.counts().repeated()).isEqualTo((long) hosts * (SCRAPES - 1));
    }

    /** The control: unreadable lines that outnumber the readable ones are a wrong topic, though of few kinds. */
    @Test
    void scrapesOfMostlyUnreadableLines_stopTheConsumer() {
        List<String> unreadable =
                IntStream.range(0, 40).mapToObj(i -> UNREADABLE.get(0) + i).toList();

        assertThatThrownBy(() -> feed(fleet(HOSTS, unreadable, unreadable))).isInstanceOf(TelemetryException.class);
    }
}
