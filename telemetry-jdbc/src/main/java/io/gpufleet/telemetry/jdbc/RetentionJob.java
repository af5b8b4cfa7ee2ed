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
 * Drops the old days of tables that are partitioned by UTC day: of {@code heartbeat}, and of any number of other
 * tables.
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
 * <p>Of each table today and some days before it are kept, all of them in UTC: with 30, on the 31st of March everything
 * before the 1st of March is old. The first day that is kept is stored in the table's own retention table, as
 * {@code heartbeat_retention(kept_from)}; it only ever goes up, and sinks do not write what is older. Tables that are
 * not named stay, as daily statistics and states do. A partition is dropped when all of it is old, by its bounds,
 * whatever its name and length and origin; until then it stays as a whole, and nothing is added to its old days. A
 * default partition stays, and one that is being detached.
 *
 * <p>The tables have their turns one after the other, and what happens to one says nothing about the next. Each
 * partition goes in a transaction of its own, the oldest first, that also raises {@code kept_from}. For that it needs
 * the table for itself: it waits for the sessions that use it, and later ones wait behind it, but no longer than the
 * lock timeout. Then all of it is rolled back and, after a pause, retried; a table's run gives up after 5 attempts. So
 * a reader that holds a day keeps it, and the days behind it, until the next run.
 *
 * <p>Dropping cannot be undone: if the clock is more than a day ahead of the database's, nothing is dropped. Any number
 * of services may run the job for the same tables at the same time.
 *
 * <p>The role has to be (a member of) the owner of the tables and of their days, which belong to the roles whose sinks
 * made them (the owner of the schema may drop them too), and needs {@code SELECT, INSERT, UPDATE} on the retention
 * tables. A run takes one connection at a time. Thread-safe.
 */
public final class RetentionJob implements AutoCloseable {
    /** The table of heartbeats, as far as its days go. */
    static final PostgresTable<Instant> HEARTBEAT = PostgresTable.<Instant>builder("heartbeat")
            .partitionKey("timestamp", time -> time, "heartbeat_retention")
            .build();

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
                        table.days,
                        builder.clock,
                        retry,
                        stop))
                .toList();
        thread.setDaemon(true);
    }

    /**
     * Starts without a table: {@link Builder#keepDays} and {@link Builder#keep} name them.
     *
     * @param dataSource where connections come from, usually a pool
     * @return a builder
     */
    public static Builder builder(DataSource dataSource) {
        return new Builder(dataSource);
    }

    /**
     * Drops all days that are old now, table by table, as far as they are not in use. Needs no {@link #start()}.
     *
     * @return what was done
     * @throws TelemetryException if a table is missing or not partitioned by day, the clock is ahead, or the database
     *     fails; the other tables have had their turn then, with their own failures as suppressed ones, and days that
     *     were dropped stay dropped
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
     * Starts a daemon thread named {@code telemetry-retention}, which runs each table at once and then whenever the
     * interval has passed. Failures are logged, and concern their table only. One that passes by itself, as when the
     * database is down, is logged once and retried by the retry policy, any other at the table's next run.
     *
     * @throws TelemetryException if a table is missing or not partitioned by day; no thread was started then. A
     *     database that does not answer is waited for by the thread
     * @throws IllegalStateException if the job was started before, or is closed
     */
    public void start() {
        requireOpen();
        tables.forEach(RetentionJob::inspect);
        synchronized (starting) {
            requireOpen();
            if (thread.getState() != Thread.State.NEW) {
                throw new IllegalStateException("The job was started before");
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
            throw new IllegalStateException("The job is closed");
        }
    }

    /**
     * Ends the job for good. A run goes on to the end of its transaction; the thread's is waited for, at most 10
     * seconds. May be called again.
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
     * @param tables what it has done to each table: that of {@link Builder#keepDays} first, then the others in the
     *     order in which they were named
     */
    public record Result(List<TableResult> tables) {

        /**
         * Copies the list.
         *
         * @param tables what was done to each table
         */
        public Result {
            tables = List.copyOf(tables);
        }

        /**
         * Returns the first day that is kept now, of the first table.
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
         * Returns what could not be dropped yet, of the first table of which that is so.
         *
         * @return absent if every table is done
         */
        public Optional<Held> held() {
            return tables.stream().flatMap(table -> table.held().stream()).findFirst();
        }
    }

    /**
     * What a run has done to one table. Immutable.
     *
     * @param table the table's name, without its schema
     * @param keptFrom the first day that is kept now; more than the job asks for if another job keeps fewer days
     * @param dropped the names of the partitions that this run has dropped, the oldest first
     * @param held what could not be dropped yet, because others used it all the time
     */
    public record TableResult(String table, LocalDate keptFrom, List<String> dropped, Optional<Held> held) {

        /**
         * Copies the list.
         *
         * @param table the table's name
         * @param keptFrom the first day that is kept now
         * @param dropped the partitions that were dropped
         * @param held what could not be dropped yet
         */
        public TableResult {
            dropped = List.copyOf(dropped);
        }
    }

    /**
     * A day held by other sessions all the time. Immutable.
     *
     * @param table the name of the oldest partition that is to be dropped; with none left, of the table that holds
     *     {@code kept_from}
     * @param reason what the database said
     */
    public record Held(String table, String reason) {}

    /** A table, and how many of its days before today are kept. */
    private record Kept(PostgresTable<?> declared, int days) {}

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
        // Longer than the server's deadlock_timeout, after which it ends an autovacuum that is in the way.
        private Duration lockTimeout = Duration.ofSeconds(2);
        private RetryPolicy retry = RetryPolicy.defaults();

        private Builder(DataSource dataSource) {
            this.dataSource = requireNonNull(dataSource, "dataSource");
        }

        /**
         * Keeps some days of {@code heartbeat} before today, in UTC. There is no default: what is older is lost.
         *
         * @param days 0 (only today) to 36,500
         * @return this
         */
        public Builder keepDays(int days) {
            this.keepDays = Optional.of(checked("keepDays", days));
            return this;
        }

        /**
         * Names the table that {@link #keepDays} is about; {@link #keep} names a table and its days at once.
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
         * Keeps some days of a table before today, in UTC; may be said of any number of tables. Of a table that is
         * named again the last number counts.
         *
         * @param declared a table with a {@linkplain PostgresTable.Builder#partitionKey partition key}, and a retention
         *     table of its own
         * @param days 0 (only today) to 36,500
         * @return this
         */
        public Builder keep(PostgresTable<?> declared, int days) {
            put(kept, partitioned("keep", declared), checked("keep", days));
            return this;
        }

        private static void put(Map<String, Kept> tables, PostgresTable<?> declared, int days) {
            tables.put(declared.toString(), new Kept(declared, days));
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
         * Names the schema of the tables that name none themselves.
         *
         * @param schemaName its name (default: the connection's search path finds the tables)
         * @return this
         */
        public Builder schema(String schemaName) {
            this.schema = Optional.of(Identifier.check("schema", schemaName));
            return this;
        }

        /**
         * Sets where the time comes from that says which day is today.
         *
         * @param source a clock, whatever its zone (default: the system's)
         * @return this
         */
        public Builder clock(Clock source) {
            this.clock = requireNonNull(source, "source");
            return this;
        }

        /**
         * Sets how long the thread waits behind a table's run.
         *
         * @param duration 1 ms or more (default: 1 hour)
         * @return this
         */
        public Builder every(Duration duration) {
            this.interval = TransactionTimeouts.check("every", duration);
            return this;
        }

        /**
         * Sets the limit of an attempt's wait for other sessions, for which later ones wait too.
         *
         * @param duration 1 ms or more (default: 2 s)
         * @return this
         */
        public Builder lockTimeout(Duration duration) {
            this.lockTimeout = TransactionTimeouts.check("lockTimeout", duration);
            return this;
        }

        /**
         * Sets the pauses behind failed attempts.
         *
         * @param policy how long they are (default: {@link RetryPolicy#defaults()})
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
            keepDays.ifPresent(days -> put(tables, table, days));
            tables.putAll(kept);
            if (tables.isEmpty() || (keepDays.isEmpty() && table != HEARTBEAT)) {
                throw new IllegalStateException("keepDays: missing; say how many days are to be kept of " + table
                        + ", or name others with keep(table, days)");
            }
            requireOwnRetention(tables.values());
            return new RetentionJob(this, tables.values());
        }

        private void requireOwnRetention(Collection<Kept> tables) {
            Map<String, PostgresTable<?>> owners = new HashMap<>();
            for (Kept one : tables) {
                PostgresTable<?> declared = one.declared;
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
