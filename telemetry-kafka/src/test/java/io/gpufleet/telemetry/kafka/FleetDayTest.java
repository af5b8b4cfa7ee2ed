package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.AlarmPolicy;
import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.BatchPolicy;
import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.FailurePolicy;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.PositionChange;
import io.gpufleet.telemetry.ResetPolicy;
import io.gpufleet.telemetry.RetryPolicy;
import io.gpufleet.telemetry.SinkContext;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.TransactionalSink;
import io.gpufleet.telemetry.Validator;
import io.gpufleet.telemetry.codec.ExpositionTextDecoder;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.internal.RecordReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

/**
 * A day of 1,250 hosts with an unreadable line in every scrape, from the polled record to the sink. A host is scraped
 * every half hour instead of every 30 seconds: dead letters depend on the hours, not on the scrapes of an hour.
 */
class FleetDayTest {
    private static final int HOSTS = 1_250;
    private static final int GPUS = 2;
    private static final long MIDNIGHT = 1_772_323_200_000L;
    private static final Duration INTERVAL = Duration.ofMinutes(30);
    private static final int SCRAPES = 48;
    private static final int HOURS = 24;
    private static final long MEGABYTE = 1_000_000;

    /** A sink that counts. */
    private static final class CountingSink implements TransactionalSink<GpuSample> {
        private long samples;
        private long letters;
        private long letterBytes;
        private long lettersOfRecordsInPart;

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

    private final RecordReader<GpuSample> reader = new RecordReader<>(
            ExpositionTextDecoder.create(),
            (sample, source) -> Optional.of(sample.time()),
            Validator.acceptAll(),
            true);

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

    /** Returns the scrape of a host: two metrics of each GPU, one field without a value, and unreadable lines. */
    private static byte[] scrape(int host, List<String> unreadable) {
        StringBuilder text = new StringBuilder();
        add(text, "DCGM_FI_DEV_POWER_USAGE", host, GPUS, "112.250000");
        add(text, "DCGM_FI_DEV_GPU_UTIL", host, GPUS, "97");
        add(text, "DCGM_FI_DEV_MEMORY_TEMP", host, 1, "9223372036854775794");
        unreadable.forEach(row -> {
            int blank = row.indexOf(' ');
            add(text, row.substring(0, blank), host, 1, row.substring(blank + 1));
        });
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void add(StringBuilder text, String metric, int host, int gpus, String value) {
        text.append("# TYPE ").append(metric).append(" gauge\n");
        for (int gpu = 0; gpu < gpus; gpu++) {
            text.append(String.format(
                    Locale.ROOT,
                    "%s{gpu=\"%d\",UUID=\"GPU-5fd4f087-86f3-7a43-%04d-%012d\",device=\"nvidia%d\","
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

    private static final String ERROR = "DCGM_FI_DEV_COMPUTE_PIDS ERROR - FAILED TO CONVERT TO STRING";
    private static final String TOO_HOT = "DCGM_FI_DEV_GPU_TEMP 644245923";

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

    @Test
    void lineInEveryScrape_leavesFewLettersAndStopsNothing() {
        feed(fleet(HOSTS, List.of(ERROR), List.of(TOO_HOT)));

        long records = (long) HOSTS * SCRAPES;
        assertThat(sink.samples).isEqualTo(records * GPUS * 2);
        assertThat(sink.letters).isEqualTo((long) HOSTS * HOURS).isEqualTo(sink.lettersOfRecordsInPart);
        assertThat(sink.letterBytes).isLessThan(10 * MEGABYTE);
        ConsumerSnapshot.Counts counts = events.counts();
        assertThat(counts.rejected()).isEqualTo(records);
        assertThat(counts.repeated()).isEqualTo(records - (long) HOSTS * HOURS);
        assertThat(counts.noValues()).isEqualTo(records);
        assertThat(counts.deliveriesWritten()).isEqualTo(sink.samples);
        assertThat(counts.deadLetters()).isEqualTo(sink.letters);
    }

    @Test
    void twoLinesInEveryScrape_areOneLetterOfAHost() {
        int hosts = 50;

        feed(fleet(hosts, List.of(ERROR, TOO_HOT), List.of(ERROR, TOO_HOT)));

        assertThat(sink.letters).isEqualTo((long) hosts * HOURS);
        assertThat(events.counts().rejected()).isEqualTo(2L * hosts * SCRAPES);
        assertThat(events.counts().repeated()).isEqualTo(2L * hosts * (SCRAPES - HOURS));
    }

    /** The control: unreadable lines that outnumber the readable ones are a wrong topic, though of few kinds. */
    @Test
    void scrapesOfMostlyUnreadableLines_stopTheConsumer() {
        List<String> unreadable =
                IntStream.range(0, 40).mapToObj(i -> ERROR + i).toList();

        assertThatThrownBy(() -> feed(fleet(HOSTS, unreadable, unreadable))).isInstanceOf(TelemetryException.class);
    }
}
