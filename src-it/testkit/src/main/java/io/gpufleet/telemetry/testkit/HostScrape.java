package io.gpufleet.telemetry.testkit;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One scrape of a host of the fleet: its GPUs at one time, and their rows. Belongs to the thread that calls it. */
final class HostScrape {
    /** The most GPUs of a host. */
    static final int GPUS = 8;
    /** The most links of a GPU. */
    static final int MOST_LINKS = 18;
    /** The most subjects of a host. */
    static final int MOST_SUBJECTS = GPUS * (GpuPart.ALL_SLICES + MOST_LINKS);

    private static final int MOST_SHARES = 4;
    private static final int SECONDS_OF_SPREAD = 4;
    private static final Duration POD_LIFE = Duration.ofHours(8);
    private static final Duration JOB_LIFE = Duration.ofHours(12);

    // The salts of the numbers that a GPU or a host keeps.
    private static final int MIG = 1_001;
    private static final int PODS = 1_002;
    private static final int SHARED = 1_003;
    private static final int JOB = 1_004;
    private static final int MODEL = 1_005;

    private final GpuFleetGenerator.Builder options;
    private final long seed;
    private final int firstGpu;
    private final int gpus;
    private final String name;
    private final Instant time;
    private final long noise;
    private final List<SampleSubject> subjects = new ArrayList<>();
    private final List<SampleSubject> links = new ArrayList<>();

    HostScrape(GpuFleetGenerator.Builder options, int host, Instant time) {
        this.options = options;
        this.seed = Noise.of(options.seed, host);
        this.firstGpu = host * GPUS;
        this.gpus = Math.min(GPUS, options.gpus - firstGpu);
        this.name = name(host);
        this.time = time;
        this.noise = Noise.of(seed, time.toEpochMilli());
        for (int index = 0; index < gpus; index++) {
            addSubjects(index);
        }
    }

    /** Returns the name of a host. */
    static String name(int host) {
        return String.format(Locale.ROOT, "node-%05d", host);
    }

    private void addSubjects(int index) {
        GpuModel model = options.models.get(Noise.below(options.models.size(), Noise.of(seed, MODEL)));
        SimulatedGpu gpu = SimulatedGpu.of(Noise.of(options.seed, -1L - firstGpu - index), index, model);
        GpuMoment moment = new GpuMoment(gpu.seed(), model, millis(), driverLoad(), options.xidRate);
        for (GpuPart part : parts(gpu)) {
            for (GpuWorkload workload : workloads(gpu, part)) {
                subjects.add(new SampleSubject(count(), gpu, moment, part, workload, "", name, job(), options.names));
            }
        }
        for (int link = 0; model.isForDataCenters() && link < options.links; link++) {
            String number = Integer.toString(link);
            links.add(new SampleSubject(
                    count(), gpu, moment, GpuPart.WHOLE, GpuWorkload.NONE, number, name, "", options.names));
        }
    }

    private int count() {
        return subjects.size() + links.size();
    }

    private long millis() {
        return time.toEpochMilli();
    }

    /** Returns the last time at which the driver was loaded, which it is once in each period. */
    private long driverLoad() {
        long period = options.driverLoads.toMillis();
        long number = millis() / period;
        long last = driverLoad(number, period);
        return last <= millis() ? last : driverLoad(number - 1, period);
    }

    private long driverLoad(long number, long period) {
        return number * period + Math.floorMod(Noise.of(seed, -number), period);
    }

    private List<GpuPart> parts(SimulatedGpu gpu) {
        long draw = Noise.of(gpu.seed(), MIG);
        if (!gpu.model().isForDataCenters() || !Noise.isWithin(options.migShare, draw)) {
            return List.of(GpuPart.WHOLE);
        }
        int count = Noise.between(options.fewestInstances, options.mostInstances, Noise.of(draw, 1));
        return GpuPart.instances(gpu.model(), count);
    }

    private List<GpuWorkload> workloads(SimulatedGpu gpu, GpuPart part) {
        if (!Noise.isWithin(options.podShare, Noise.of(gpu.seed(), PODS))) {
            return List.of(GpuWorkload.NONE);
        }
        long life = Noise.of(gpu.seed() + part.id(), millis() / POD_LIFE.toMillis());
        long draw = Noise.of(gpu.seed(), SHARED);
        if (!part.isWhole() || !Noise.isWithin(options.sharedShare, draw)) {
            return List.of(GpuWorkload.of(life, ""));
        }
        List<GpuWorkload> shares = new ArrayList<>();
        for (int share = Noise.between(2, MOST_SHARES, Noise.of(draw, 1)); share > 0; share--) {
            shares.add(GpuWorkload.of(Noise.of(life, share), Integer.toString(shares.size())));
        }
        return shares;
    }

    private String job() {
        if (!Noise.isWithin(options.jobShare, Noise.of(seed, JOB))) {
            return "";
        }
        long life = Noise.of(seed, millis() / JOB_LIFE.toMillis());
        return Integer.toString(Noise.between(1_000_000, 9_999_999, life));
    }

    /** Returns the rows in the exporter's order: metric by metric, the first exporters' GPU by GPU. */
    List<SampleRow> rows() {
        List<SampleRow> rows = new ArrayList<>(options.metrics.all().size() * subjects.size());
        for (SimulatedMetric metric : options.metrics.all()) {
            for (SampleSubject subject : subjects) {
                boolean missing = metric.isOfWholeGpus() && !subject.part().isWhole();
                if (!missing || options.names != GpuFleetGenerator.Names.SINCE_4_6) {
                    rows.add(row(metric, subject, missing));
                }
            }
        }
        addSeries(rows);
        if (options.names == GpuFleetGenerator.Names.FIRST_EXPORTERS) {
            rows.sort(Comparator.comparingInt(row -> row.subject().number()));
        }
        return rows;
    }

    /** Adds the rows of links, and those of the exporter's own metrics. */
    private void addSeries(List<SampleRow> rows) {
        for (SampleSubject link : links) {
            rows.add(row(SimulatedMetric.NVLINK_TX_BANDWIDTH, link, Map.of()));
            rows.add(row(SimulatedMetric.NVLINK_RX_BANDWIDTH, link, Map.of()));
        }
        if (options.exporterMetrics) {
            for (SampleSubject subject : subjects) {
                ExporterSeries.of(subject).forEach(series -> rows.add(row(series.metric(), subject, series.labels())));
            }
        }
    }

    private SampleRow row(SimulatedMetric metric, SampleSubject subject, Map<String, String> labels) {
        long draw = Noise.of(draw(metric, subject), labels.hashCode());
        long value = metric.at(subject.moment(), subject.part());
        return new SampleRow(metric, subject, time(metric), value, labels, fault(metric, draw), draw);
    }

    private long draw(SimulatedMetric metric, SampleSubject subject) {
        return Noise.of(noise, (long) metric.number() * MOST_SUBJECTS + subject.number());
    }

    private SampleRow row(SimulatedMetric metric, SampleSubject subject, boolean missing) {
        long draw = draw(metric, subject);
        SampleFault fault = missing ? SampleFault.ZERO_OF_INSTANCE : fault(metric, draw);
        long value = missing ? 0 : metric.at(subject.moment(), subject.part());
        return new SampleRow(metric, subject, time(metric), value, attributes(metric, value), fault, draw);
    }

    private @Nullable SampleFault fault(SimulatedMetric metric, long draw) {
        if (!Noise.isWithin(options.damageRate + options.noValueRate, draw)) {
            return null;
        }
        if (!Noise.isWithin(options.damageRate, draw)) {
            return SampleFault.NO_VALUE;
        }
        SampleFault damage = SampleFault.damage(Noise.of(draw, 1));
        boolean isUnbounded = metric.stored().range().isEmpty();
        return isUnbounded && damage == SampleFault.OUT_OF_RANGE ? SampleFault.ERROR_TEXT : damage;
    }

    /** Returns the time of the readings of a metric: some seconds later for some metrics, if that was asked for. */
    private Instant time(SimulatedMetric metric) {
        return options.spread ? time.plusSeconds(Math.floorMod(metric.number(), SECONDS_OF_SPREAD)) : time;
    }

    private static Map<String, String> attributes(SimulatedMetric metric, long value) {
        return metric == SimulatedMetric.XID_ERRORS ? XidText.labels((int) value) : Map.of();
    }
}
