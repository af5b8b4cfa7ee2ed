package io.gpufleet.telemetry.testkit;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.testkit.MessageForm.Extent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * A simulated fleet of GPUs, eight a host, whose exporters are scraped in turn. It writes the scrapes in every form
 * that the decoders of GPU samples read, and says what must be read from them. On request GPUs are split into MIG
 * instances, have pods, are shared by pods, and have Xids; readings have no value, and rows are damaged.
 *
 * <pre>{@code
 * GpuFleetGenerator fleet = GpuFleetGenerator.builder().gpus(100_000).podShare(0.8).damageRate(0.001).build();
 * for (GpuFleetRecord message : fleet.records(6_250, 17)) {
 *     send(message.key(), message.value(), message.headers()); // message.samples() must be stored
 * }
 * }</pre>
 *
 * <p>Use, power, clocks and temperatures follow a curve of the day in UTC, with idle nights for most GPUs. Counters
 * rise from scrape to scrape until the driver of their host is loaded again. The same options yield the same messages,
 * byte for byte, every time and on every JVM; a scrape depends on the options, its host and its number only, so any
 * scrape can be made without those before it, and a fleet of any size takes no memory. Immutable, thread-safe.
 */
public final class GpuFleetGenerator {
    /** The metrics that exporters send. */
    public enum Metrics {
        /** Ten: use, power, temperature, memory and clocks. */
        FEW(10),
        /** 25: those of the usual file of dcgm-exporter. */
        USUAL(25),
        /** 60: with error counters, violations, limits and more ratios; 480 rows for a host without MIG. */
        MANY(60);

        private final int count;

        Metrics(int count) {
            this.count = count;
        }

        List<SimulatedMetric> all() {
            return List.of(SimulatedMetric.values()).subList(0, count);
        }
    }

    /** The family of names of metrics and labels that exporters use. */
    public enum Names {
        /** Those before DCGM 4.6, with the label {@code Hostname}. */
        BEFORE_4_6,
        /** Those since DCGM 4.6, with the label {@code hostname}. */
        SINCE_4_6,
        /** Those of dcgm-exporter 1: small letters, GPU by GPU, without model and PCI address. */
        FIRST_EXPORTERS
    }

    /** The form of a message. */
    public enum Form {
        /** Exposition text 0.0.4 without times: the scrape's time is in the header. */
        EXPOSITION_TEXT,
        /** Exposition text 0.0.4 with milliseconds in each row. */
        EXPOSITION_TEXT_WITH_TIMES,
        /** OpenMetrics 1.0 with seconds in each row. */
        OPEN_METRICS,
        /** CSV with one sample a row. */
        CSV,
        /** A JSON object for each sample, with the names of the columns of CSV and {@code labels_raw} as an object. */
        JSON_OBJECT,
        /** A JSON array of twelve texts for each sample, in the order of the columns of CSV. */
        JSON_ARRAY,
        /** A JSON object for each sample, with the names of a REST service and {@code labels_raw} as a text. */
        JSON_POST,
        /** A JSON array of both forms of objects. */
        JSON_BATCH,
        /**
         * A {@link io.gpufleet.telemetry.gpu.MetricEvent} in JSON for each GPU: without pods and links, the readings of
         * MIG instances joined, and without the readings of damaged rows.
         */
        METRIC_EVENT,
        /**
         * CSV of {@code nvidia-smi --query-gpu}, a row for each GPU, with local times in UTC: without pods and MIG
         * instances, and only the metrics that nvidia-smi has.
         */
        NVIDIA_SMI;

        MessageForm form() {
            return switch (this) {
                case EXPOSITION_TEXT -> ExpositionForm.WITHOUT_TIMES;
                case EXPOSITION_TEXT_WITH_TIMES -> ExpositionForm.WITH_TIMES;
                case OPEN_METRICS -> ExpositionForm.OPEN_METRICS;
                case CSV -> CsvForm.INSTANCE;
                case JSON_OBJECT -> JsonForm.OBJECT;
                case JSON_ARRAY -> JsonForm.ARRAY;
                case JSON_POST -> JsonForm.POST;
                case JSON_BATCH -> JsonForm.BATCH;
                case METRIC_EVENT -> EventForm.INSTANCE;
                case NVIDIA_SMI -> NvidiaSmiForm.INSTANCE;
            };
        }
    }

    private final Builder options;
    private final int hosts;

    private GpuFleetGenerator(Builder options) {
        this.options = options;
        this.hosts = (options.gpus + HostScrape.GPUS - 1) / HostScrape.GPUS;
    }

    /**
     * Returns a builder with the defaults: one host with eight GPUs, scraped every 30 seconds from 2026-01-01 on, with
     * 25 metrics as exposition text, one message a host; no MIG, no pods, no Xids, nothing damaged.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Returns the number of hosts.
     *
     * @return 1 to 12,500
     */
    public int hosts() {
        return hosts;
    }

    /**
     * Returns the time of a scrape. The hosts share the interval evenly.
     *
     * @param host the number of the host, from 0
     * @param scrape the number of the scrape, from 0
     * @return a time in whole milliseconds
     */
    public Instant time(int host, long scrape) {
        requireHost(host);
        requireScrape(scrape);
        long interval = options.interval.toMillis();
        return options.start.plusMillis(scrape * interval + interval * host / hosts);
    }

    private void requireHost(int host) {
        if (host < 0 || host >= hosts) {
            throw new IllegalArgumentException("host: " + host + " is not between 0 and " + (hosts - 1));
        }
    }

    private static void requireScrape(long scrape) {
        if (scrape < 0) {
            throw new IllegalArgumentException("scrape: " + scrape + " is negative");
        }
    }

    /**
     * Returns the messages of a scrape.
     *
     * @param host the number of the host, from 0
     * @param scrape the number of the scrape, from 0
     * @return one message, one for each GPU, or one for each row, as the options say; unmodifiable
     */
    public List<GpuFleetRecord> records(int host, long scrape) {
        Instant time = time(host, scrape);
        MessageForm form = options.form.form();
        Extent extent = form.extent(options.messagePerGpu ? Extent.GPU : Extent.HOST);
        SampleWriter writer = form.writer();
        List<GpuFleetRecord> records = new ArrayList<>();
        for (List<SampleRow> message : messages(extent, new HostScrape(options, host, time).rows())) {
            SampleSubject subject = message.get(0).subject();
            String key = extent == Extent.HOST ? subject.host() : subject.gpu().uuid();
            records.add(new GpuFleetRecord(
                    form, writer, key.getBytes(StandardCharsets.US_ASCII), time, form.arrange(message)));
        }
        return List.copyOf(records);
    }

    private static Collection<List<SampleRow>> messages(Extent extent, List<SampleRow> rows) {
        if (extent == Extent.HOST) {
            return List.of(rows);
        }
        if (extent == Extent.ROW) {
            return rows.stream().map(List::of).toList();
        }
        Map<Integer, List<SampleRow>> byGpu = new TreeMap<>();
        for (SampleRow row : rows) {
            byGpu.computeIfAbsent(row.subject().gpu().index(), gpu -> new ArrayList<>())
                    .add(row);
        }
        return byGpu.values();
    }

    /**
     * Returns an endless stream of messages, to be limited: scrape 0 of all hosts, then scrape 1 of all hosts, and so
     * on. Times never decrease.
     *
     * @return a sequential, ordered stream
     */
    public Stream<GpuFleetRecord> stream() {
        return LongStream.iterate(0, number -> number + 1)
                .boxed()
                .flatMap(number -> records((int) (number % hosts), number / hosts).stream());
    }

    /** Builds a {@link GpuFleetGenerator}. Not thread-safe. */
    public static final class Builder {
        private static final int MOST_GPUS = 100_000;
        private static final Instant EARLIEST = Instant.parse("2000-01-01T00:00:00Z");
        private static final Instant LATEST = Instant.parse("2100-01-01T00:00:00Z");
        private static final Duration LONGEST = Duration.ofDays(365);

        long seed = 1;
        int gpus = HostScrape.GPUS;
        Instant start = Instant.parse("2026-01-01T00:00:00Z");
        Duration interval = Duration.ofSeconds(30);
        Metrics metrics = Metrics.USUAL;
        Names names = Names.BEFORE_4_6;
        Form form = Form.EXPOSITION_TEXT;
        boolean messagePerGpu;
        boolean spread;
        List<GpuModel> models = List.of(GpuModel.H100);
        double migShare;
        int fewestInstances = GpuPart.FEWEST_INSTANCES;
        int mostInstances = GpuPart.ALL_SLICES;
        double podShare;
        double sharedShare;
        double jobShare;
        double noValueRate;
        double damageRate;
        double xidRate;
        int links;
        boolean exporterMetrics;
        Duration driverLoads = Duration.ofDays(30);

        private Builder() {}

        private Builder(Builder other) {
            this.seed = other.seed;
            this.gpus = other.gpus;
            this.start = other.start;
            this.interval = other.interval;
            this.metrics = other.metrics;
            this.names = other.names;
            this.form = other.form;
            this.messagePerGpu = other.messagePerGpu;
            this.spread = other.spread;
            this.models = other.models;
            this.migShare = other.migShare;
            this.fewestInstances = other.fewestInstances;
            this.mostInstances = other.mostInstances;
            this.podShare = other.podShare;
            this.sharedShare = other.sharedShare;
            this.jobShare = other.jobShare;
            this.noValueRate = other.noValueRate;
            this.damageRate = other.damageRate;
            this.xidRate = other.xidRate;
            this.links = other.links;
            this.exporterMetrics = other.exporterMetrics;
            this.driverLoads = other.driverLoads;
        }

        /**
         * Sets the seed of all random choices.
         *
         * @param number any number (default: 1)
         * @return this
         */
        public Builder seed(long number) {
            this.seed = number;
            return this;
        }

        /**
         * Sets the number of GPUs. A host has eight of them, the last host the rest.
         *
         * @param count 1 to 100,000 (default: 8)
         * @return this
         */
        public Builder gpus(int count) {
            if (count < 1 || count > MOST_GPUS) {
                throw new IllegalArgumentException("gpus: " + count + " is not between 1 and " + MOST_GPUS);
            }
            this.gpus = count;
            return this;
        }

        /**
         * Sets the time of the first scrape. Consumers refuse samples that are more than 30 days behind their record by
         * default.
         *
         * @param time a time in this century, cut to milliseconds (default: 2026-01-01T00:00:00Z)
         * @return this
         */
        public Builder start(Instant time) {
            if (requireNonNull(time, "time").isBefore(EARLIEST) || !time.isBefore(LATEST)) {
                throw new IllegalArgumentException("start: " + time + " is not in the years 2000 to 2099");
            }
            this.start = Instant.ofEpochMilli(time.toEpochMilli());
            return this;
        }

        /**
         * Sets the interval between two scrapes of a host.
         *
         * @param duration 1 ms to 365 days (default: 30 seconds)
         * @return this
         */
        public Builder interval(Duration duration) {
            this.interval = requireWithin("interval", duration, Duration.ofMillis(1));
            return this;
        }

        /**
         * Sets the metrics.
         *
         * @param set a set (default: {@link Metrics#USUAL})
         * @return this
         */
        public Builder metrics(Metrics set) {
            this.metrics = requireNonNull(set, "set");
            return this;
        }

        /**
         * Sets the names of metrics and labels.
         *
         * @param family a family (default: {@link Names#BEFORE_4_6})
         * @return this
         */
        public Builder names(Names family) {
            this.names = requireNonNull(family, "family");
            return this;
        }

        /**
         * Sets the form of the messages. The readings of a fleet are the same in each.
         *
         * @param wireForm a form (default: {@link Form#EXPOSITION_TEXT})
         * @return this
         */
        public Builder form(Form wireForm) {
            this.form = requireNonNull(wireForm, "wireForm");
            return this;
        }

        /**
         * Sends one message for each GPU, with its UUID as the key. Default: one for each host, with its name as the
         * key.
         *
         * @return this
         */
        public Builder messagePerGpu() {
            this.messagePerGpu = true;
            return this;
        }

        /**
         * Gives the metrics of a scrape different times, up to three seconds later, in forms that have a time in each
         * row. Default: all have the time of the scrape.
         *
         * @return this
         */
        public Builder spread() {
            this.spread = true;
            return this;
        }

        /**
         * Sets the models of the GPUs; each host has one of them.
         *
         * @param labels one or more of {@code NVIDIA H100 80GB HBM3} (default), {@code NVIDIA H200}, {@code NVIDIA
         *     A100-SXM4-80GB}, {@code NVIDIA L40S} and {@code NVIDIA B200}
         * @return this
         */
        public Builder models(Collection<String> labels) {
            if (requireNonNull(labels, "labels").isEmpty()) {
                throw new IllegalArgumentException("models: there is none");
            }
            this.models = labels.stream().map(GpuModel::labelled).toList();
            return this;
        }

        /**
         * Sets the share of GPUs that are split into MIG instances, of those whose model can be.
         *
         * @param share 0 to 1 (default: 0)
         * @return this
         */
        public Builder migShare(double share) {
            this.migShare = requireShare("migShare", share);
            return this;
        }

        /**
         * Sets the range of the number of a GPU's MIG instances.
         *
         * @param fewest 2 to 7 (default: 2)
         * @param most {@code fewest} to 7 (default: 7)
         * @return this
         */
        public Builder migInstances(int fewest, int most) {
            if (fewest < GpuPart.FEWEST_INSTANCES || most < fewest || most > GpuPart.ALL_SLICES) {
                throw new IllegalArgumentException(
                        "migInstances: " + fewest + " to " + most + " is no range within 2 to 7");
            }
            this.fewestInstances = fewest;
            this.mostInstances = most;
            return this;
        }

        /**
         * Sets the share of GPUs with pods. A pod lives for eight hours, and is followed by another one.
         *
         * @param share 0 to 1 (default: 0)
         * @return this
         */
        public Builder podShare(double share) {
            this.podShare = requireShare("podShare", share);
            return this;
        }

        /**
         * Sets the share of GPUs that several pods share, of those with pods and without MIG: their rows stand once for
         * each pod, with the label {@code vgpu}.
         *
         * @param share 0 to 1 (default: 0)
         * @return this
         */
        public Builder sharedShare(double share) {
            this.sharedShare = requireShare("sharedShare", share);
            return this;
        }

        /**
         * Sets the share of hosts with jobs, whose number is the label {@code hpc_job}.
         *
         * @param share 0 to 1 (default: 0)
         * @return this
         */
        public Builder jobShare(double share) {
            this.jobShare = requireShare("jobShare", share);
            return this;
        }

        /**
         * Sets the share of readings with a code of DCGM's for "no value".
         *
         * @param share 0 to 1 (default: 0)
         * @return this
         */
        public Builder noValueRate(double share) {
            this.noValueRate = requireShare("noValueRate", share);
            return this;
        }

        /**
         * Sets the share of damaged rows: a text or the exporter's words for an error in place of the number, a number
         * that no GPU can have, a row without its end, and quotation marks without escapes in a label. A form without
         * room for one of them has another one in its place.
         *
         * @param share 0 to 1 (default: 0)
         * @return this
         */
        public Builder damageRate(double share) {
            this.damageRate = requireShare("damageRate", share);
            return this;
        }

        /**
         * Sets the share of a GPU's hours in which it reports an Xid. The number stays until the exporter is started
         * again, each midnight in UTC and with the driver.
         *
         * @param share 0 to 1 (default: 0)
         * @return this
         */
        public Builder xidRate(double share) {
            this.xidRate = requireShare("xidRate", share);
            return this;
        }

        /**
         * Sets the number of NVLinks of each GPU of a model that has them: two more rows for each link.
         *
         * @param count 0 to 18 (default: 0)
         * @return this
         */
        public Builder links(int count) {
            if (count < 0 || count > HostScrape.MOST_LINKS) {
                throw new IllegalArgumentException(
                        "links: " + count + " is not between 0 and " + HostScrape.MOST_LINKS);
            }
            this.links = count;
            return this;
        }

        /**
         * Adds the metrics that exporters make themselves, seven more rows for each GPU or part of one: the count of
         * Xids, the counts of clock events and the health of parts, told apart by labels.
         *
         * @return this
         */
        public Builder exporterMetrics() {
            this.exporterMetrics = true;
            return this;
        }

        /**
         * Sets the time in which the driver of each host is loaded once, at a time that differs from host to host:
         * counters that are not kept for life start from 0 again.
         *
         * @param duration 1 minute to 365 days (default: 30 days)
         * @return this
         */
        public Builder driverLoads(Duration duration) {
            this.driverLoads = requireWithin("driverLoads", duration, Duration.ofMinutes(1));
            return this;
        }

        /**
         * Builds the generator.
         *
         * @return an immutable generator
         * @throws IllegalArgumentException if the rates are more than 1 together, or the first exporters are asked for
         *     what they do not know: MIG instances, shared GPUs, links and metrics of their own
         */
        public GpuFleetGenerator build() {
            if (damageRate + noValueRate > 1) {
                throw new IllegalArgumentException(
                        "damageRate " + damageRate + " and noValueRate " + noValueRate + " are more than 1 together");
            }
            if (names == Names.FIRST_EXPORTERS && (migShare > 0 || sharedShare > 0 || links > 0 || exporterMetrics)) {
                throw new IllegalArgumentException("the first exporters do not know migShare " + migShare
                        + ", sharedShare " + sharedShare + ", links " + links + " and exporterMetrics "
                        + exporterMetrics);
            }
            return new GpuFleetGenerator(new Builder(this));
        }

        private static double requireShare(String name, double share) {
            if (!(share >= 0 && share <= 1)) {
                throw new IllegalArgumentException(name + ": " + share + " is not between 0 and 1");
            }
            return share;
        }

        private static Duration requireWithin(String name, Duration duration, Duration least) {
            if (requireNonNull(duration, "duration").compareTo(least) < 0 || duration.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException(
                        name + ": " + duration + " is not between " + least + " and " + LONGEST);
            }
            return duration;
        }
    }
}
