package io.gpufleet.telemetry.jdbc;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.RetryPolicy;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.internal.OwnThread;
import io.gpufleet.telemetry.internal.StopSignal;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import io.gpufleet.telemetry.jdbc.internal.TransactionTimeouts;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A job that drops the old days of tables that are partitioned by UTC day: of {@code heartbeat}, of GPU samples, and of
 * any number of other tables.
 *
 * <pre>{@code
 * try (RetentionJob retention = RetentionJob.builder(dataSource)
 *         .keepDays(30)
 *         .keep(readings, 90)
 *         .build()) {
 *     retention.start();
 *     // … for as long as the service runs
 * }
 * }</pre>
 *
 * <p>The job keeps today and some days before it, all in UTC: with 30 days, on the 31st of March everything before the
 * 1st of March is old. The first kept day is stored in the table's own retention table, as
 * {@code heartbeat_retention(kept_from)}; it never goes back, and sinks do not write older rows. Other tables stay,
 * such as daily statistics and states. A partition is dropped once all of it is old, by its bounds, whatever its name,
 * length and origin; until then it stays as a whole, and nothing is added to its old days. A default partition stays,
 * and so does one that is being detached.
 *
 * <p>The tables take turns, and a failure of one does not affect the next. Each partition is dropped in a transaction
 * of its own, the oldest first, which also raises {@code kept_from}. The transaction needs an exclusive lock on the
 * table: it waits for the sessions that use the table, and later sessions wait behind it, but no longer than the lock
 * timeout. Then the transaction is rolled back and, after a pause, retried; a table's run gives up after 5 attempts. So
 * a query that reads an old day finishes first, and that day and the days after it stay until the next run.
 *
 * <p>A drop cannot be undone, so nothing is dropped while the clock is more than a day ahead of the database's. Any
 * number of services may run the job for the same tables at the same time.
 *
 * <p>The role must be (a member of) the owner of the tables and of their days, and needs {@code SELECT, INSERT, UPDATE}
 * on the retention tables, {@code SELECT, UPDATE, DELETE} on {@code gpu_labels} for GPU samples. A day belongs to the
 * role whose sink created it; the owner of the schema may drop it too. A run takes one connection at a time.
 * Thread-safe.
 */
public final class RetentionJob implements AutoCloseable {
    /** The table of heartbeats, with only its time. */
    static final PostgresTable<Instant> HEARTBEAT = byDay("heartbeat", "timestamp", "heartbeat_retention");

    private static final UnusedContents.Names LABELS = new UnusedContents.Names("gpu_labels", "labels_id", "last_day");

    private static final UnusedContents.Names COMPACTED_DAYS =
            new UnusedContents.Names("gpu_sample_compaction", "day", "day");

    private static final String SAMPLE_RETENTION = "gpu_sample_retention";

    private static final PostgresTable<Instant> SAMPLE_PIECE = byDay("gpu_sample_piece", "hour", SAMPLE_RETENTION);
    private static final PostgresTable<Instant> SAMPLE_HOUR = byDay("gpu_sample_hour", "hour", SAMPLE_RETENTION);
    private static final PostgresTable<Instant> SAMPLE_TIMES = byDay("gpu_sample_times", "hour", SAMPLE_RETENTION);

    private static final UnusedContents.Names COMPACTED_DAYS_OF_METRICS =
            new UnusedContents.Names("gpu_metrics_compaction", "day", "day");

    private static final String METRICS_RETENTION = "gpu_metrics_retention";

    private static final PostgresTable<Instant> METRICS_PIECE = byDay("gpu_metrics_piece", "hour", METRICS_RETENTION);
    private static final PostgresTable<Instant> METRICS_HOUR = byDay("gpu_metrics_hour", "hour", METRICS_RETENTION);

    /** Compacted rows are kept for as long as the others. */
    private static final List<PostgresTable<?>> COMPACTED =
            List.of(SAMPLE_PIECE, SAMPLE_HOUR, SAMPLE_TIMES, METRICS_PIECE, METRICS_HOUR);

    private static final Logger log = LoggerFactory.getLogger(RetentionJob.class);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);

    private final List<TableRetention> tables;
    private final Duration interval;
    private final RetryPolicy retry;
    private final Thread thread = new OwnThread(this::run, "telemetry-retention");
    private final StopSignal stop = new StopSignal();
    private final Object starting = new Object();

    private RetentionJob(Builder builder, Collection<Kept> kept) {
        this.interval = builder.interval;
        this.retry = builder.retry;
        this.tables = kept.stream()
                .map(table -> new TableRetention(
                        new OldDays(builder.dataSource, table.declared, builder.schema, builder.lockTimeout),
                        table.contents.map(names -> new UnusedContents(
                                builder.dataSource,
                                names,
                                table.declared.partitionKey().orElseThrow().retention(),
                                builder.schema)),
                        table.days,
                        builder.clock,
                        retry,
                        stop))
                .toList();
        thread.setDaemon(true);
    }

    /** Returns a table with only its time. */
    private static PostgresTable<Instant> byDay(String table, String column, String retentionTable) {
        return PostgresTable.<Instant>builder(table)
                .partitionKey(column, time -> time, retentionTable)
                .build();
    }

    /**
     * Starts without a table: {@link Builder#keepDays} and {@link Builder#keep} name them.
     *
     * @param dataSource the source of connections, usually a pool
     * @return a builder
     */
    public static Builder builder(DataSource dataSource) {
        return new Builder(dataSource);
    }

    /**
     * Drops all old days that are not in use, table by table. Needs no {@link #start()}.
     *
     * @return the result
     * @throws TelemetryException if a table is missing or not partitioned by day, the clock is ahead, or the database
     *     fails; the other tables have had their turn by then, their own failures are suppressed exceptions, and
     *     dropped days stay dropped
     * @throws IllegalStateException if the job is closed
     */
    public Result runOnce() {
        requireOpen();
        List<TableResult> results = new ArrayList<>();
        List<RuntimeException> failures = new ArrayList<>();
        for (TableRetention table : tables) {
            try {
                results.add(table.run());
            } catch (RuntimeException e) {
                failures.add(e);
            }
        }
        throwFirst(failures);
        return new Result(results);
    }

    private static void throwFirst(List<RuntimeException> failures) {
        if (!failures.isEmpty()) {
            RuntimeException first = failures.get(0);
            failures.subList(1, failures.size()).forEach(first::addSuppressed);
            throw first;
        }
    }

    /**
     * Starts a daemon thread named {@code telemetry-retention}, which runs each table at once, then again after every
     * interval. A failure is logged, and affects its table only. A transient failure, such as a database that is down,
     * is logged once and retried by the retry policy; any other is retried at the table's next run.
     *
     * @throws TelemetryException if a table is missing or not partitioned by day; no thread was started then. If the
     *     database does not answer, the thread waits for it
     * @throws IllegalStateException if the job was started before, or is closed
     */
    public void start() {
        requireOpen();
        tables.forEach(RetentionJob::inspect);
        synchronized (starting) {
            requireOpen();
            if (thread.getState() != Thread.State.NEW) {
                throw new IllegalStateException("Retention job was started before");
            }
            thread.start();
        }
    }

    private static void inspect(TableRetention table) {
        try {
            table.inspect();
        } catch (SinkException e) {
            if (!e.kind().isTransient()) {
                throw e;
            }
        }
    }

    private void run() {
        try {
            List<RetentionTurns> turns = tables.stream()
                    .map(table -> new RetentionTurns(table, interval, retry))
                    .toList();
            while (stop.pause(turns.stream()
                    .map(RetentionTurns::pause)
                    .min(Duration::compareTo)
                    .orElse(interval))) {
                turns.forEach(this::take);
            }
        } catch (Throwable e) {
            log.error("Retention of {} has ended", tables, e);
        }
    }

    private void take(RetentionTurns turns) {
        if (!stop.isRaised()) {
            turns.runIfDue();
        }
    }

    private void requireOpen() {
        if (stop.isRaised()) {
            throw new IllegalStateException("Retention job is closed");
        }
    }

    /**
     * Ends the job for good. A run continues to the end of its transaction; this waits at most 10 seconds for the run
     * of the thread. May be called again.
     */
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
     * The result of a run. Immutable.
     *
     * @param tables the result of each table: that of {@link Builder#keepDays} first, then the others in the order in
     *     which they were named
     */
    public record Result(List<TableResult> tables) {

        /**
         * Copies the list.
         *
         * @param tables the result of each table
         */
        public Result {
            tables = List.copyOf(tables);
        }

        /**
         * Returns the first kept day of the first table.
         *
         * @return a UTC day
         */
        public LocalDate keptFrom() {
            return tables.get(0).keptFrom();
        }

        /**
         * Returns the names of the partitions that this run has dropped.
         *
         * @return table by table, the oldest of each first
         */
        public List<String> dropped() {
            return tables.stream().flatMap(table -> table.dropped().stream()).toList();
        }

        /**
         * Returns the day that is still in use, of the first table that has one.
         *
         * @return absent if every table dropped all its old days
         */
        public Optional<Held> held() {
            return tables.stream().flatMap(table -> table.held().stream()).findFirst();
        }
    }

    /**
     * The result of a run for one table. Immutable.
     *
     * @param table the table's name, without its schema
     * @param keptFrom the first day that is kept now; later than this job asks for if another job keeps fewer days
     * @param dropped the names of the partitions that this run has dropped, the oldest first
     * @param held the day that could not be dropped yet, because it was in use
     */
    public record TableResult(String table, LocalDate keptFrom, List<String> dropped, Optional<Held> held) {

        /**
         * Copies the list.
         *
         * @param table the table's name
         * @param keptFrom the first day that is kept now
         * @param dropped the partitions that were dropped
         * @param held the day that could not be dropped yet
         */
        public TableResult {
            dropped = List.copyOf(dropped);
        }
    }

    /**
     * A day that stays because it is in use. Immutable.
     *
     * @param table the name of the oldest partition that is not dropped yet; if there is none, of the table that holds
     *     {@code kept_from}
     * @param reason the database's message
     */
    public record Held(String table, String reason) {}

    /** A table, the number of its days to keep before today, and the dimension of contents that it refers to. */
    private record Kept(PostgresTable<?> declared, int days, Optional<UnusedContents.Names> contents) {}

    /** Collects the options of a {@link RetentionJob}. Not thread-safe. */
    public static final class Builder {
        private static final int MOST_DAYS = 36_500;

        private final DataSource dataSource;
        private final Map<String, Kept> kept = new LinkedHashMap<>();
        private PostgresTable<?> table = HEARTBEAT;
        private Optional<Integer> keepDays = Optional.empty();
        private Optional<String> schema = Optional.empty();
        private Clock clock = Clock.systemUTC();
        private Duration interval = Duration.ofHours(1);
        // Longer than the server's deadlock_timeout, after which it cancels an autovacuum that is in the way.
        private Duration lockTimeout = Duration.ofSeconds(2);
        private RetryPolicy retry = RetryPolicy.defaults();

        private Builder(DataSource dataSource) {
            this.dataSource = requireNonNull(dataSource, "dataSource");
        }

        /**
         * Sets the number of days of {@code heartbeat} to keep before today, in UTC. There is no default, since a drop
         * loses data.
         *
         * @param days 0 (only today) to 36,500
         * @return this
         */
        public Builder keepDays(int days) {
            this.keepDays = Optional.of(checked("keepDays", days));
            return this;
        }

        /**
         * Sets the table of {@link #keepDays}; {@link #keep} names a table together with its days.
         *
         * @param declared a table with a {@linkplain PostgresTable.Builder#partitionKey partition key} (default:
         *     {@code heartbeat})
         * @return this
         */
        public Builder table(PostgresTable<?> declared) {
            this.table = partitioned("table", declared);
            return this;
        }

        /**
         * Sets the number of days of a table to keep before today, in UTC. May be called for any number of tables; for
         * a table that is named again, the last number counts.
         *
         * @param declared a table with a {@linkplain PostgresTable.Builder#partitionKey partition key} and its own
         *     retention table
         * @param days 0 (only today) to 36,500
         * @return this
         */
        public Builder keep(PostgresTable<?> declared, int days) {
            put(kept, new Kept(partitioned("keep", declared), checked("keep", days), Optional.empty()));
            return this;
        }

        /**
         * Sets the number of days of GPU samples in the layout {@link GpuLayout#NUMBERED}, compacted ones included, to
         * keep before today, in UTC. Afterwards the labels that no kept sample has are removed, in transactions of at
         * most 10,000.
         *
         * @param days 0 (only today) to 36,500
         * @return this
         */
        public Builder keepGpuSamples(int days) {
            return keepGpuSamples(GpuLayout.NUMBERED, days);
        }

        /**
         * Sets the number of days of GPU samples in a layout to keep before today, in UTC.
         *
         * @param layout the layout of their table
         * @param days 0 (only today) to 36,500
         * @return this
         */
        public Builder keepGpuSamples(GpuLayout layout, int days) {
            int checked = checked("keepGpuSamples", days);
            if (requireNonNull(layout, "layout") == GpuLayout.FLAT) {
                put(kept, new Kept(byDay("gpu_telemetry", "ts", SAMPLE_RETENTION), checked, Optional.empty()));
            } else {
                put(kept, new Kept(byDay("gpu_sample", "ts", SAMPLE_RETENTION), checked, Optional.empty()));
                put(kept, new Kept(SAMPLE_PIECE, checked, Optional.empty()));
                put(kept, new Kept(SAMPLE_HOUR, checked, Optional.of(COMPACTED_DAYS)));
                put(kept, new Kept(SAMPLE_TIMES, checked, Optional.of(LABELS)));
            }
            return this;
        }

        /**
         * Sets the number of days of wide rows, of GPUs and of MIG instances, compacted ones included, to keep before
         * today, in UTC.
         *
         * @param days 0 (only today) to 36,500
         * @return this
         */
        public Builder keepGpuMetrics(int days) {
            int checked = checked("keepGpuMetrics", days);
            for (String table : List.of("gpu_metrics", "gpu_mig_metrics")) {
                put(kept, new Kept(byDay(table, "time", table + "_retention"), checked, Optional.empty()));
            }
            put(kept, new Kept(METRICS_PIECE, checked, Optional.empty()));
            put(kept, new Kept(METRICS_HOUR, checked, Optional.of(COMPACTED_DAYS_OF_METRICS)));
            return this;
        }

        private static void put(Map<String, Kept> tables, Kept table) {
            tables.put(table.declared.toString(), table);
        }

        private static PostgresTable<?> partitioned(String method, PostgresTable<?> declared) {
            if (requireNonNull(declared, "declared").partitionKey().isEmpty()) {
                throw new IllegalArgumentException(method + ": " + declared + " is declared without a partitionKey");
            }
            return declared;
        }

        private static int checked(String method, int days) {
            if (days < 0 || days > MOST_DAYS) {
                throw new IllegalArgumentException(method + ": " + days + " is not between 0 and " + MOST_DAYS);
            }
            return days;
        }

        /**
         * Sets the schema of the tables that name none.
         *
         * @param schemaName its name (default: the connection's search path finds the tables)
         * @return this
         */
        public Builder schema(String schemaName) {
            this.schema = Optional.of(Identifier.check("schema", schemaName));
            return this;
        }

        /**
         * Sets the clock that decides which day is today.
         *
         * @param source a clock in any zone (default: the system's)
         * @return this
         */
        public Builder clock(Clock source) {
            this.clock = requireNonNull(source, "source");
            return this;
        }

        /**
         * Sets the wait of the thread after a table's run.
         *
         * @param duration 1 ms or more (default: 1 hour)
         * @return this
         */
        public Builder every(Duration duration) {
            this.interval = TransactionTimeouts.check("every", duration);
            return this;
        }

        /**
         * Sets the longest wait of an attempt for other sessions; later sessions wait behind it for as long.
         *
         * @param duration 1 ms or more (default: 2 s)
         * @return this
         */
        public Builder lockTimeout(Duration duration) {
            this.lockTimeout = TransactionTimeouts.check("lockTimeout", duration);
            return this;
        }

        /**
         * Sets the pauses after failed attempts.
         *
         * @param policy the pauses (default: {@link RetryPolicy#defaults()})
         * @return this
         */
        public Builder retry(RetryPolicy policy) {
            this.retry = requireNonNull(policy, "policy");
            return this;
        }

        /**
         * Builds the job. Nothing is read or dropped yet.
         *
         * @return a thread-safe job
         * @throws IllegalStateException if no table is named, or two of them have the same retention table
         */
        public RetentionJob build() {
            Map<String, Kept> tables = new LinkedHashMap<>();
            keepDays.ifPresent(days -> put(tables, new Kept(table, days, Optional.empty())));
            tables.putAll(kept);
            if (tables.isEmpty() || (keepDays.isEmpty() && table != HEARTBEAT)) {
                throw new IllegalStateException("keepDays: missing; set the number of days to keep of " + table
                        + ", or name other tables with keep(table, days)");
            }
            requireOwnRetention(tables.values());
            return new RetentionJob(this, tables.values());
        }

        private void requireOwnRetention(Collection<Kept> tables) {
            Map<String, PostgresTable<?>> owners = new HashMap<>();
            for (Kept one : tables) {
                PostgresTable<?> declared = one.declared;
                if (COMPACTED.contains(declared)) {
                    continue;
                }
                String retention = Identifier.qualify(
                        declared.schema().or(() -> schema),
                        declared.partitionKey().orElseThrow().retention());
                PostgresTable<?> other = owners.putIfAbsent(retention, declared);
                if (other != null) {
                    throw new IllegalStateException("keep: " + other + " and " + declared
                            + " have the same retention table " + retention + "; each needs its own");
                }
            }
        }
    }
}
