package io.gpufleet.telemetry.jdbc.query;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.gpu.GpuMetricsRow;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import io.gpufleet.telemetry.jdbc.internal.TransactionTimeouts;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * Questions about GPUs and their samples.
 *
 * <pre>{@code
 * GpuQueries queries = GpuQueries.create(dataSource);
 * SampleQuery hot = SampleQuery.builder("nvidia3:node-17").metric("DCGM_FI_DEV_GPU_TEMP").build();
 * queries.samples(hot).rows().forEach(sample -> System.out.println(sample.time() + " " + sample.value()));
 * }</pre>
 *
 * <p>A question takes one connection, and is a read-only transaction that sees one state of the database; it works on a
 * replica. Samples of rows and of compacted days come in one answer. The tables are those of the capability
 * {@code gpuSamples} with samples by numbers; of samples in a flat table, a {@link TelemetryException} says so.
 * Thread-safe.
 *
 * <p>The role needs {@code SELECT} on the tables and views of the capability.
 */
public final class GpuQueries {
    private final Questions questions;
    private final Optional<String> schema;
    private final Clock clock;

    private GpuQueries(Builder builder) {
        this.questions = Questions.aboutGpus(builder.dataSource, builder.schema, builder.timeout);
        this.schema = builder.schema;
        this.clock = builder.clock;
    }

    /**
     * Returns queries with the defaults.
     *
     * @param dataSource the source of connections, usually a pool
     * @return queries
     */
    public static GpuQueries create(DataSource dataSource) {
        return builder(dataSource).build();
    }

    /**
     * Returns a builder with the defaults.
     *
     * @param dataSource the source of connections, usually a pool
     * @return a builder
     */
    public static Builder builder(DataSource dataSource) {
        return new Builder(dataSource);
    }

    /**
     * Returns the GPUs, page by page, by host, number on the host, and UUID.
     *
     * @param filter the question
     * @return a page without a cursor: its total says how many there are, an offset leads to the next ones
     * @throws QueryTimeoutException if it takes too long
     * @throws TelemetryException if the database fails
     */
    public Page<StoredGpu> gpus(GpuFilter filter) {
        requireNonNull(filter, "filter");
        return questions.ask("gpus", handle -> new GpuList(handle, schema).page(filter));
    }

    /**
     * Returns a GPU.
     *
     * @param id the UUID, in any case, or {@code device:hostname} for the GPU that was there last
     * @return the GPU
     * @throws UnknownGpuException if no sample of the GPU was stored
     * @throws InvalidQueryException if the id names several GPUs
     * @throws QueryTimeoutException if it takes too long
     * @throws TelemetryException if the database fails
     */
    public StoredGpu gpu(String id) {
        String checked = QueryChecks.requireText("id", id);
        return questions.ask("gpu", handle -> new GpuList(handle, schema).named(checked));
    }

    /**
     * Returns the hosts with the number of their GPUs.
     *
     * @return the hosts by name; GPUs of unknown hosts are left out
     * @throws QueryTimeoutException if it takes too long
     * @throws TelemetryException if the database fails
     */
    public List<GpuCount> hosts() {
        return questions.ask("hosts", handle -> new GpuList(handle, schema).countBy("hostname"));
    }

    /**
     * Returns the namespaces with the number of GPUs that their workloads use.
     *
     * @return the namespaces by name; GPUs without a workload are left out
     * @throws QueryTimeoutException if it takes too long
     * @throws TelemetryException if the database fails
     */
    public List<GpuCount> namespaces() {
        return questions.ask("namespaces", handle -> new GpuList(handle, schema).countBy("namespace"));
    }

    /**
     * Returns the samples of a GPU, page by page.
     *
     * @param query the question
     * @return a page
     * @throws UnknownGpuException if no sample of the GPU was stored
     * @throws InvalidQueryException if a metric is not known, or if the cursor belongs to another question
     * @throws QueryTimeoutException if it takes too long
     * @throws TelemetryException if the database fails
     */
    public Page<StoredSample> samples(SampleQuery query) {
        requireNonNull(query, "query");
        return questions.ask("samples", handle -> new SamplePages(handle, schema).page(query, clock.instant()));
    }

    /**
     * Returns the newest samples: of each GPU and metric all those of its newest time, one for each MIG instance, link
     * and workload.
     *
     * @param query the question
     * @return the samples by GPU, in the order in which GPUs were stored first, then by number of the metric
     * @throws UnknownGpuException if no sample of the GPU was stored
     * @throws InvalidQueryException if a metric is not known
     * @throws QueryTimeoutException if it takes too long
     * @throws TelemetryException if the database fails
     */
    public List<StoredSample> latest(LatestQuery query) {
        requireNonNull(query, "query");
        return questions.ask("latest", handle -> new LatestSamples(handle, schema).of(query, clock.instant()));
    }

    /**
     * Returns an aggregation of a metric of a GPU or a group of GPUs. A part of the GPU, such as a MIG instance, has
     * rows of its own, a group has one row for all its GPUs; in a range without samples there are none.
     *
     * @param query the question
     * @return the rows by part of the GPU and beginning of the bucket
     * @throws UnknownGpuException if no sample of the GPU was stored
     * @throws InvalidQueryException if the metric is not known, or has no such aggregation, or if the buckets are too
     *     small for the range
     * @throws QueryTimeoutException if it takes too long
     * @throws TelemetryException if the database fails
     */
    public List<Aggregate> aggregate(AggregateQuery query) {
        requireNonNull(query, "query");
        return questions.ask("aggregate", handle -> new Aggregates(handle, schema).of(query, clock.instant()));
    }

    /**
     * Returns the readings of a GPU at one time each, page by page, the oldest first: the wide rows that were stored,
     * or if there are none in the range, rows that are joined from samples.
     *
     * @param query the question
     * @return a page without a total
     * @throws UnknownGpuException if no sample of the GPU was stored
     * @throws InvalidQueryException if the cursor belongs to another question
     * @throws QueryTimeoutException if it takes too long
     * @throws TelemetryException if the database fails
     */
    public Page<GpuMetricsRow> wide(WideQuery query) {
        requireNonNull(query, "query");
        return questions.ask("wide", handle -> new WidePages(handle, schema).page(query, clock.instant()));
    }

    /**
     * Returns the metrics with the number of their samples in the last 24 hours. If 20 GPUs or more have a metric, the
     * samples of 10 or more of them are counted, evenly chosen, and the number is their share of all.
     *
     * @return the metrics by name
     * @throws QueryTimeoutException if it takes too long
     * @throws TelemetryException if the database fails
     */
    public List<StoredMetric> metrics() {
        return questions.ask("metrics", handle -> new StoredMetrics(handle, schema).at(clock.instant()));
    }

    /**
     * Returns the Xid events, the newest first. They come from samples, or from wide rows if a GPU has no samples of
     * the Xid in the range. An Xid counts as new if none of the day before was the same.
     *
     * @param query the question
     * @return the events
     * @throws UnknownGpuException if no sample of the GPU was stored
     * @throws QueryTimeoutException if it takes too long
     * @throws TelemetryException if the database fails
     */
    public List<XidEvent> xidEvents(XidQuery query) {
        requireNonNull(query, "query");
        return questions.ask("xidEvents", handle -> new XidEvents(handle, schema).of(query, clock.instant()));
    }

    /**
     * Returns the state of all GPUs now. A GPU reports if it has a sample in the last two intervals; its readings are
     * those of its newest wide row in that time, or else of its newest samples.
     *
     * @param interval the time between two samples of a GPU, more than 0
     * @return the state
     * @throws InvalidQueryException if the interval is not more than 0
     * @throws QueryTimeoutException if it takes too long
     * @throws TelemetryException if the database fails
     */
    public FleetSummary fleet(Duration interval) {
        Duration checked = QueryChecks.requirePositive("interval", interval);
        return questions.ask("fleet", handle -> new Fleet(handle, schema).at(clock.instant(), checked));
    }

    /**
     * Returns the energy that GPUs have used, by name, most first. It is the sum of the rises of their counters
     * ({@code DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION}), of which each belongs to the labels of its later sample. Where
     * several namespaces or pods share a GPU at that time, each has an equal part, so that the names of any group add
     * up to the use of the fleet; a GPU without a workload is under the empty name. A GPU that has no such samples, but
     * wide rows with its energy, is in the answers by GPU and by host, with the host that it is at now.
     *
     * @param query the question
     * @return the names with their energy; those of equal energy by name
     * @throws QueryTimeoutException if it takes too long
     * @throws TelemetryException if the database fails
     */
    public List<EnergyUse> energy(EnergyQuery query) {
        requireNonNull(query, "query");
        return questions.ask("energy", handle -> new EnergyUses(handle, schema).of(query, clock.instant()));
    }

    /** A builder of queries. Not thread-safe. */
    public static final class Builder {
        private final DataSource dataSource;
        private Optional<String> schema = Optional.empty();
        private Duration timeout = Questions.DEFAULT_TIMEOUT;
        private Clock clock = Clock.systemUTC();

        private Builder(DataSource dataSource) {
            this.dataSource = requireNonNull(dataSource, "dataSource");
        }

        /**
         * Sets the schema of the tables. Default: the search path.
         *
         * @param name the schema's name
         * @return this builder
         */
        public Builder schema(String name) {
            this.schema = Optional.of(Identifier.check("schema", name));
            return this;
        }

        /**
         * Sets the limit of each statement of a question, which the database keeps. Default: 10 seconds.
         *
         * @param limit 1 millisecond or more
         * @return this builder
         */
        public Builder timeout(Duration limit) {
            this.timeout = TransactionTimeouts.check("timeout", limit);
            return this;
        }

        /**
         * Sets the clock that says what now is. Default: the system's.
         *
         * @param source the clock
         * @return this builder
         */
        public Builder clock(Clock source) {
            this.clock = requireNonNull(source, "source");
            return this;
        }

        /**
         * Returns the queries.
         *
         * @return queries
         */
        public GpuQueries build() {
            return new GpuQueries(this);
        }
    }
}
