package io.gpufleet.telemetry.integration.faults;

import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.gpu.GpuSampleInvariant;
import io.gpufleet.telemetry.jdbc.gpu.WideRows;
import io.gpufleet.telemetry.testkit.GpuFleetGenerator;
import io.gpufleet.telemetry.testkit.GpuFleetRecord;
import io.gpufleet.telemetry.testkit.TestRecord;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;

/**
 * Scrapes of GPUs, with MIG instances, pods, readings without a value, some damaged rows and some records without a
 * readable row, stored long and wide. The generator says what each of its records must give. Thread-safe.
 */
final class SampleCargo implements Cargo {
    private static final int RUBBISH_ONE_IN = 100;
    /** The beginning of gzip, and no more: a line that cannot be read would be one fault of all records. */
    private static final byte[] RUBBISH = {0x1f, (byte) 0x8b, 0};

    private static final int GPUS = 64;
    private static final String KEY = "concat_ws(' ', g.uuid, m.metric_name, " + micros("s.ts") + ", s.series_key)";

    private static final List<String> ROW_TABLES = List.of("gpu_sample", "gpu_metrics", "gpu_mig_metrics");
    private static final List<String> PIECE_TABLES = List.of("gpu_sample_hour", "gpu_sample_times", "gpu_sample_piece");

    private static final StoredTable ROWS = gpuSample("gpu_sample");
    private static final StoredTable ROWS_AND_PIECES =
            gpuSample("(SELECT gpu_no, metric_no, ts, series_key, metric_value,"
                    + " scope, instance, labels_id FROM gpu_sample UNION ALL SELECT gpu_no, metric_no, ts, series_key, metric_value,"
                    + " scope, instance, labels_id FROM gpu_sample_unpacked)");

    private static StoredTable gpuSample(String source) {
        return new StoredTable(
                "gpu_sample",
                KEY,
                "concat_ws(' ', encode(float8send(s.metric_value), 'hex'), s.scope, '<' || s.instance || '>',"
                        + " l.hostname, l.gpu_id, l.device, l.model_name, '<' || l.namespace || '>', '<' || l.pod || '>',"
                        + " '<' || l.container || '>')",
                source + " AS s JOIN gpu AS g USING (gpu_no) JOIN gpu_metric AS m USING (metric_no)"
                        + " JOIN gpu_labels AS l USING (labels_id)");
    }

    /** Each sample as often as a consumer has inserted it. */
    private static final StoredTable INSERTED = new StoredTable(
            "inserted",
            KEY,
            "count(*)",
            "inserted AS s JOIN gpu AS g USING (gpu_no) JOIN gpu_metric AS m USING (metric_no)"
                    + " GROUP BY g.uuid, m.metric_name, s.ts, s.series_key");

    private static final StoredTable GPU = new StoredTable(
            "gpu",
            "uuid",
            "concat_ws(' ', hostname, device, model_name, " + micros("first_seen") + ", " + micros("last_seen") + ", "
                    + "coalesce(moved_at::text, '-'))",
            "gpu WHERE last_seen IS NOT NULL");

    private final Map<Id, Expected> sent = new ConcurrentHashMap<>();
    private final Map<GpuSubject, GpuSubject> subjects = new ConcurrentHashMap<>();
    private final boolean isHistory;
    private final StoredTable samples;
    private final AtomicReference<Instant> newest;
    private Instant keptFrom = Instant.EPOCH;

    private SampleCargo(boolean isHistory, Duration age) {
        this.isHistory = isHistory;
        this.newest = new AtomicReference<>(Instant.now().minus(age));
        this.samples = isHistory ? ROWS_AND_PIECES : ROWS;
    }

    /** Returns scrapes of the last two days. */
    static SampleCargo recent() {
        return new SampleCargo(false, Duration.ofDays(2));
    }

    /** Returns scrapes of weeks ago, some late and some again, whose days are compacted, and dropped in the end. */
    static SampleCargo ofHistory() {
        return new SampleCargo(true, Duration.ofDays(25));
    }

    /**
     * What tells a record from others.
     *
     * @param content a hash of the value
     * @param millis the timestamp
     */
    private record Id(UUID content, long millis) {
        static Id of(byte[] value, long millis) {
            return new Id(UUID.nameUUIDFromBytes(value), millis);
        }
    }

    /**
     * What a record must give. The record itself, with its text, is many times as large, and a run sends hundreds of
     * thousands.
     */
    private record Expected(List<GpuSample> samples, List<String> refusals) {}

    private static String micros(String column) {
        return "(extract(epoch FROM " + column + ") * 1000000)::bigint";
    }

    @Override
    public String name() {
        return "samples"; // the consumer need not know that they are old
    }

    @Override
    public Iterator<TestRecord> records(long seed) {
        Iterator<TestRecord> records = records(fleet(seed));
        return isHistory ? new LateRecords(records, seed) : records;
    }

    /** Starts where all records before have ended: the days before may be dropped. */
    private Iterator<GpuFleetRecord> fleet(long seed) {
        GpuFleetGenerator.Builder fleet = GpuFleetGenerator.builder()
                .seed(seed)
                .gpus(GPUS)
                .metrics(GpuFleetGenerator.Metrics.FEW)
                .messagePerGpu()
                .migShare(0.1)
                .podShare(0.5)
                .noValueRate(0.02)
                .damageRate(0.005)
                .start(newest.get());
        if (isHistory) {
            fleet.interval(Duration.ofMinutes(3));
        }
        return fleet.build().stream().iterator();
    }

    private Iterator<TestRecord> records(Iterator<GpuFleetRecord> fleet) {
        return new Iterator<>() {
            private int count;

            @Override
            public boolean hasNext() {
                return fleet.hasNext();
            }

            @Override
            public TestRecord next() {
                GpuFleetRecord next = fleet.next();
                newest.accumulateAndGet(next.timestamp(), (one, other) -> one.isAfter(other) ? one : other);
                count++;
                if (count % RUBBISH_ONE_IN == 0) {
                    return TestRecord.of(next.key(), RUBBISH, next.timestamp());
                }
                sent.put(Id.of(next.value(), next.timestamp().toEpochMilli()), expected(next));
                return next;
            }
        };
    }

    private Expected expected(GpuFleetRecord scrape) {
        List<GpuSample> samples =
                scrape.samples().stream().map(this::withSharedSubject).toList();
        return new Expected(samples, List.copyOf(scrape.refusals()));
    }

    private GpuSample withSharedSubject(GpuSample sample) {
        GpuSubject shared = subjects.computeIfAbsent(sample.subject(), subject -> subject);
        return new GpuSample(sample.time(), sample.metric(), sample.value(), shared, sample.scope(), sample.quality());
    }

    private Optional<Expected> sent(LogRecord record) {
        return Optional.ofNullable(sent.get(Id.of(record.value(), record.timestampMillis())));
    }

    /** Returns the samples to store: all rows of a record that can be read. */
    private List<GpuSample> samples(LogRecord record) {
        return sent(record).map(Expected::samples).orElse(List.of());
    }

    @Override
    public int refusedValues(LogRecord record) {
        return sent(record).map(scrape -> scrape.refusals().size()).orElse(1);
    }

    @Override
    public boolean isGood(TestRecord record) {
        return record instanceof GpuFleetRecord scrape && scrape.refusals().isEmpty();
    }

    @Override
    public void install(DataSource owner, boolean partitionedByDay) {
        TelemetrySchema.builder(owner).gpuSamples().consumerConfigs().build().install();
    }

    @Override
    public boolean isCompacted() {
        return isHistory;
    }

    @Override
    public void look(DataSource database) {
        keptFrom = Jdbi.create(database)
                .withHandle(handle -> handle.createQuery(
                                "SELECT kept_from::timestamp AT TIME ZONE 'UTC' FROM" + " gpu_sample_retention")
                        .mapTo(Instant.class)
                        .one());
    }

    @Override
    public List<String> partitionedTables(boolean partitionedByDay) {
        return isHistory
                ? Stream.concat(ROW_TABLES.stream(), PIECE_TABLES.stream()).toList()
                : ROW_TABLES;
    }

    @Override
    public String writtenTable() {
        return "gpu";
    }

    @Override
    public boolean isAccepted(LogRecord record) {
        return !samples(record).isEmpty();
    }

    @Override
    public List<StoredTable> tables() {
        return isHistory ? List.of(samples, INSERTED, GPU) : List.of(samples, GPU);
    }

    @Override
    public void putRows(Collection<LogRecord> accepted, Map<StoredTable, Map<String, String>> tables) {
        Map<String, Sighting> gpus = new TreeMap<>();
        for (LogRecord record : accepted) {
            for (GpuSample sample : samples(record)) {
                if (isHistory) {
                    tables.get(INSERTED).put(key(sample), "1");
                }
                if (!sample.time().isBefore(keptFrom)) {
                    tables.get(samples).putIfAbsent(key(sample), row(sample));
                }
                gpus.merge(sample.subject().uuid(), Sighting.of(sample), Sighting::with);
            }
        }
        gpus.forEach((uuid, seen) -> tables.get(GPU).put(uuid, seen.row()));
    }

    private static String key(GpuSample sample) {
        return String.join(
                " ",
                sample.subject().uuid(),
                sample.metric().name(),
                Long.toString(micros(sample)),
                Long.toString(sample.subject().seriesKey()));
    }

    private static long micros(GpuSample sample) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, sample.time());
    }

    private static String row(GpuSample sample) {
        return String.join(
                " ",
                "%016x".formatted(Double.doubleToRawLongBits(sample.value())),
                Integer.toString(sample.scope().number()),
                "<" + sample.subject().instance() + ">",
                place(sample),
                "<" + sample.subject().namespace() + ">",
                "<" + sample.subject().pod() + ">",
                "<" + sample.subject().container() + ">");
    }

    private static String place(GpuSample sample) {
        return sample.subject().host() + " " + sample.subject().index().getAsInt() + " "
                + sample.subject().device() + " " + sample.subject().model();
    }

    /** Where a GPU was seen; the GPUs of this fleet never move. */
    private record Sighting(String place, long first, long last) {
        static Sighting of(GpuSample sample) {
            String place = sample.subject().host() + " " + sample.subject().device() + " "
                    + sample.subject().model();
            return new Sighting(place, micros(sample), micros(sample));
        }

        Sighting with(Sighting other) {
            return new Sighting(place, Math.min(first, other.first), Math.max(last, other.last));
        }

        String row() {
            return place + " " + first + " " + last + " -";
        }
    }

    @Override
    public List<String> complaints(Collection<LogRecord> accepted, DataSource database) {
        RefusedRows refused = new RefusedRows();
        accepted.forEach(record -> sent(record)
                .filter(scrape -> !scrape.refusals().isEmpty())
                .ifPresent(scrape -> refused.add(record, scrape.refusals())));
        List<String> complaints = new ArrayList<>(refused.complaints(database));
        GpuSampleInvariant.Result invariant = GpuSampleInvariant.check(database, WideRows.ofMessages());
        if (!invariant.holds()) {
            complaints.add(invariant.toString());
        }
        return complaints;
    }

    /** Returns SQL of the id of a letter of some lines of a record, from 0. */
    private static String letterOfLines(int number) {
        return "(SELECT id FROM dead_letters WHERE stage = 'sample' ORDER BY id OFFSET " + number + " LIMIT 1)";
    }

    @Override
    public List<String> corruptions() {
        String sample = "(gpu_no, metric_no, ts, series_key) ="
                + " (SELECT gpu_no, metric_no, ts, series_key FROM gpu_sample ORDER BY ts, gpu_no, metric_no LIMIT 1)";
        String row = "(gpu_no, time) = (SELECT gpu_no, time FROM gpu_metrics ORDER BY time, gpu_no LIMIT 1)";
        return List.of(
                "UPDATE gpu_sample SET scope = 4 WHERE " + sample,
                "UPDATE gpu_sample SET metric_value = -metric_value - 1 WHERE " + sample,
                "DELETE FROM gpu_sample WHERE " + sample,
                "UPDATE gpu_labels SET device = device || '0' WHERE labels_id = (SELECT min(labels_id) FROM gpu_labels)",
                "UPDATE gpu SET first_seen = first_seen + interval '1 ms' WHERE gpu_no = (SELECT min(gpu_no) FROM gpu)",
                "UPDATE gpu SET moved_at = last_seen WHERE gpu_no = (SELECT max(gpu_no) FROM gpu)",
                "DELETE FROM dead_letters WHERE id = " + letterOfLines(1),
                "UPDATE dead_letters SET reasons = reasons || 'line 1: no UUID'::text WHERE id = " + letterOfLines(2),
                "UPDATE dead_letters SET value = value || 'x 1\n'::bytea WHERE id = " + letterOfLines(3),
                "UPDATE audit_refused SET repeated = 1 - repeated WHERE ctid = (SELECT min(ctid) FROM audit_refused)",
                "DELETE FROM audit_refused WHERE ctid = (SELECT max(ctid) FROM audit_refused)",
                "UPDATE gpu_metrics SET power_usage = coalesce(power_usage, 0) + 1 WHERE " + row,
                "DELETE FROM gpu_metrics WHERE " + row);
    }
}
