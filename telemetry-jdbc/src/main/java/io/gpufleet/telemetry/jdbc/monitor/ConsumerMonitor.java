package io.gpufleet.telemetry.jdbc.monitor;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.TelemetryListener;
import io.gpufleet.telemetry.internal.Arguments;
import io.gpufleet.telemetry.internal.GuardedListener;
import io.gpufleet.telemetry.internal.HostFault;
import io.gpufleet.telemetry.internal.OwnThread;
import io.gpufleet.telemetry.internal.StopSignal;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import io.gpufleet.telemetry.jdbc.internal.TransactionTimeouts;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reports of a consumer: its lag in {@code consumer_lag_history}, and its batches in
 * {@code consumer_processing_metrics}, one row for each batch and at most one a second.
 *
 * <pre>{@code
 * try (ConsumerMonitor monitor = ConsumerMonitor.create(dataSource, "my-service");
 *         BatchingConsumer consumer = BatchingConsumer.builder(codec, sink)
 *                 .listener(monitor)
 *                 // …
 *                 .start()) {
 *     consumer.termination().join();
 * }
 * }</pre>
 *
 * <p>A monitor starts the daemon thread {@code telemetry-monitor-<service>} when it is built, and ends it in
 * {@link #close()}. Every few seconds the thread writes samples, every hour it deletes those of all services that are
 * older than 7 days, and it takes one connection at a time. The times of the samples come from the database's clock,
 * not from the service's. Samples that cannot be written wait, up to 10,000 of each kind; then the oldest are dropped.
 * So the consumer continues during an outage of the monitor's database. Thread-safe.
 *
 * <p>The role needs {@code INSERT, SELECT, UPDATE, DELETE} on the two tables, {@code SELECT} on the views, on
 * {@code system_info} with {@link Builder#quietClients}, and on the tables of {@link Builder#quietSources}.
 */
public final class ConsumerMonitor implements TelemetryListener, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ConsumerMonitor.class);
    private static final Duration TRIM_INTERVAL = Duration.ofHours(1);
    private static final Duration QUIET_INTERVAL = Duration.ofSeconds(5);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);

    private final String service;
    private final SampleTables tables;
    private final SampleBuffer buffer;
    private final ConsumerReports reports;
    private final List<Task> looks;
    private final Duration interval;
    private final Duration kept;
    private final Clock clock;
    private final Task write = new Task("samples cannot be written", this::write);
    private final Task trim = new Task("old samples cannot be deleted", this::trim);
    private final Thread thread;
    private final StopSignal stop = new StopSignal();
    private volatile @Nullable String group;

    private ConsumerMonitor(Builder builder) {
        this.service = builder.service;
        this.tables = new SampleTables(builder.dataSource, builder.schema);
        this.buffer = new SampleBuffer(builder.clock);
        this.reports = ConsumerReports.in(builder.dataSource, builder.schema);
        this.interval = builder.interval;
        this.kept = builder.kept;
        this.clock = builder.clock;
        this.looks = builder.quietRules().map(rule -> look(builder, rule)).toList();
        this.thread = new OwnThread(this::run, "telemetry-monitor-" + service);
        thread.setDaemon(true);
        thread.start();
    }

    private Task look(Builder builder, QuietRule rule) {
        QuietSources sources = new QuietSources(builder.dataSource, builder.schema, service, rule, kept);
        GuardedListener receiver = new GuardedListener(rule.receiver(), log);
        return new Task(
                "quiet sources in " + rule.table().table() + " cannot be searched for",
                () -> sources.look(clock).forEach(receiver::on));
    }

    /**
     * Creates a monitor with the defaults.
     *
     * @param dataSource the source of connections, usually a pool
     * @param service the service's name, as in {@code pipeline_consumer_configs}
     * @return a monitor for one consumer; to be closed after it
     */
    public static ConsumerMonitor create(DataSource dataSource, String service) {
        return builder(dataSource, service).build();
    }

    /**
     * Returns a builder with the defaults.
     *
     * @param dataSource the source of connections, usually a pool
     * @param service the service's name, as in {@code pipeline_consumer_configs}
     * @return a builder
     */
    public static Builder builder(DataSource dataSource, String service) {
        return new Builder(dataSource, service);
    }

    @Override
    public void on(TelemetryEvent event) {
        if (event instanceof TelemetryEvent.BatchWritten batch) {
            buffer.add(batch);
        } else if (event instanceof TelemetryEvent.SamplesWritten samples) {
            buffer.add(samples);
        } else if (event instanceof TelemetryEvent.LagMeasured lag) {
            buffer.add(lag);
        } else if (event instanceof TelemetryEvent.ConsumerStarted started) {
            group = started.groupId();
        }
    }

    /**
     * Returns the recommended changes of settings, for all services.
     *
     * @return recommendations by service and setting
     * @throws TelemetryException if the database fails
     */
    public List<ConsumerRecommendation> recommendations() {
        return reports.recommendations();
    }

    /**
     * Returns the services that need attention.
     *
     * @return the services, those that need action first
     * @throws TelemetryException if the database fails
     */
    public List<ConsumerAlert> alerts() {
        return reports.alerts();
    }

    /**
     * Returns the performance of a service, hour by hour, in the last 7 days.
     *
     * @param serviceName the service's name
     * @param from the earliest begin of an hour
     * @param to the end of the range, before which the last hour begins
     * @return the hours in which it has reported
     * @throws IllegalArgumentException if a time is not between the years 1 and 9999
     * @throws TelemetryException if the database fails
     */
    public List<PerformanceHour> history(String serviceName, Instant from, Instant to) {
        return reports.history(serviceName, from, to);
    }

    private void run() {
        try {
            work();
        } catch (Throwable e) {
            log.error("Service {}: monitor has ended", service, e);
        }
    }

    private void work() {
        long trimAtNanos = System.nanoTime();
        long lookAtNanos = System.nanoTime();
        while (stop.pause(interval)) {
            write.run();
            if (System.nanoTime() - trimAtNanos >= 0) {
                trim.run();
                trimAtNanos = System.nanoTime() + TRIM_INTERVAL.toNanos();
            }
            if (System.nanoTime() - lookAtNanos >= 0) {
                looks.forEach(Task::run);
                lookAtNanos = System.nanoTime() + QUIET_INTERVAL.toNanos();
            }
        }
        write.run();
    }

    private void write() {
        String known = group;
        SampleBuffer.Samples samples = buffer.take(stop.isRaised());
        if (known == null || samples.isEmpty()) {
            buffer.giveBack(samples);
            return;
        }
        try {
            tables.write(service, known, samples);
        } catch (Throwable e) {
            buffer.giveBack(samples);
            throw e;
        }
        if (samples.dropped() > 0) {
            log.warn("Service {}: {} samples were dropped while they could not be written", service, samples.dropped());
        }
    }

    private void trim() {
        tables.trim(kept);
    }

    /** Writes the remaining samples and ends the thread, within 10 seconds. May be called again. */
    @Override
    public void close() {
        stop.raise();
        try {
            thread.join(CLOSE_LIMIT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * A task that may fail repeatedly; the failure is logged once until it works again. Belongs to the monitor's
     * thread.
     */
    private final class Task {
        private final String failure;
        private final Runnable work;
        private boolean failing;

        Task(String failure, Runnable work) {
            this.failure = failure;
            this.work = work;
        }

        void run() {
            try {
                work.run();
                failing = false;
            } catch (Throwable e) {
                String words = HostFault.describe(e);
                if (!failing) {
                    log.warn(
                            "Service {}: {}; retrying: {}",
                            service,
                            failure,
                            e instanceof RuntimeException ? e.getMessage() : words);
                }
                failing = true;
            }
        }
    }

    /** Collects the options of a {@link ConsumerMonitor}. Not thread-safe. */
    public static final class Builder {
        private final DataSource dataSource;
        private final String service;
        private Optional<String> schema = Optional.empty();
        private Duration interval = Duration.ofSeconds(2);
        private Duration kept = Duration.ofDays(7);
        private Optional<QuietRule> quietClients = Optional.empty();
        private final List<QuietRule> quietSources = new ArrayList<>();
        private Clock clock = Clock.systemUTC();

        private Builder(DataSource dataSource, String service) {
            this.dataSource = requireNonNull(dataSource, "dataSource");
            this.service = Arguments.text("service", service);
        }

        /**
         * Sets the schema of the tables.
         *
         * @param schemaName its name (default: the connection's search path finds them)
         * @return this
         */
        public Builder schema(String schemaName) {
            this.schema = Optional.of(Identifier.check("schema", schemaName));
            return this;
        }

        /**
         * Sets the interval at which samples are written. Beyond 10 seconds, the views show a lag as unknown between
         * two samples, since they count 20 seconds as silence.
         *
         * @param duration 1 ms or more (default: 2 s)
         * @return this
         */
        public Builder every(Duration duration) {
            this.interval = TransactionTimeouts.check("every", duration);
            return this;
        }

        /**
         * Sets the time for which samples are kept; the views cover 7 days.
         *
         * @param duration 1 ms or more (default: 7 days)
         * @return this
         */
        public Builder keep(Duration duration) {
            this.kept = TransactionTimeouts.check("keep", duration);
            return this;
        }

        /**
         * Reports clients that send no heartbeats any more, by {@code system_info}. The reference is the time up to
         * which everything is written, so a late consumer or a rebalance makes no client quiet. Clients whose last
         * heartbeat is older than the {@linkplain #keep kept} samples are forgotten.
         *
         * @param heartbeatInterval the interval of a client's heartbeats, more than 0
         * @param missed the number of heartbeats that may be missing, 1 or more
         * @param receiver gets {@link TelemetryEvent.ClientQuiet} and {@link TelemetryEvent.ClientHeard}, on the
         *     monitor's thread
         * @return this
         */
        public Builder quietClients(Duration heartbeatInterval, int missed, TelemetryListener receiver) {
            this.quietClients = Optional.of(rule(
                    QuietRule.CLIENTS,
                    TransactionTimeouts.check("heartbeatInterval", heartbeatInterval),
                    missed,
                    receiver));
            return this;
        }

        /**
         * Reports sources of any kind that were not heard for long, by a table with the time at which each was heard
         * last; may be called for several tables. As with {@link #quietClients}, the reference is the time up to which
         * everything is written, and sources last heard before the kept samples are forgotten.
         *
         * @param table the table with the sources' keys and times
         * @param interval the interval at which a source is heard, more than 0
         * @param missed the number of times that it may be missing, 1 or more
         * @param receiver gets {@link TelemetryEvent.ClientQuiet} and {@link TelemetryEvent.ClientHeard}, which name
         *     source and table, on the monitor's thread
         * @return this
         */
        public Builder quietSources(SourceTable table, Duration interval, int missed, TelemetryListener receiver) {
            quietSources.add(rule(
                    requireNonNull(table, "table"), TransactionTimeouts.check("interval", interval), missed, receiver));
            return this;
        }

        private static QuietRule rule(SourceTable table, Duration interval, int missed, TelemetryListener receiver) {
            if (missed < 1) {
                throw new IllegalArgumentException("missed: " + missed + " is not 1 or more");
            }
            return new QuietRule(table, interval.multipliedBy(missed), requireNonNull(receiver, "receiver"));
        }

        private Stream<QuietRule> quietRules() {
            return Stream.concat(quietClients.stream(), quietSources.stream());
        }

        Builder clock(Clock source) {
            this.clock = source;
            return this;
        }

        /**
         * Builds the monitor and starts its thread.
         *
         * @return a monitor for one consumer; to be closed after it
         */
        public ConsumerMonitor build() {
            return new ConsumerMonitor(this);
        }
    }
}
