package io.gpufleet.telemetry.jdbc;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.RetryPolicy;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.internal.HostFault;
import io.gpufleet.telemetry.internal.OwnThread;
import io.gpufleet.telemetry.internal.Rests;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import io.gpufleet.telemetry.jdbc.internal.SqlFailure;
import io.gpufleet.telemetry.jdbc.internal.TransactionTimeouts;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drops the old days of a table that is partitioned by UTC day: of {@code heartbeat}, unless another one is named.
 *
 * <pre>{@code
 * try (RetentionJob retention = RetentionJob.builder(dataSource).keepDays(30).build()) {
 *     retention.start();
 *     // … for as long as the service runs
 * }
 * }</pre>
 *
 * <p>Today and the {@code keepDays} days before it are kept, all of them in UTC: with 30, on the 31st of March
 * everything before the 1st of March is old. The first day that is kept is stored in
 * {@code heartbeat_retention(kept_from)}, which only ever goes up, and sinks refuse what is older. Daily statistics and
 * states stay. A partition is dropped when all of it is old, by its bounds, whatever its name and length and whoever
 * made it; until then it stays as a whole, and nothing is added to its old days. A default partition stays, and one
 * that is being detached.
 *
 * <p>Each partition goes in a transaction of its own, the oldest first, that also raises {@code kept_from}. For that it
 * needs the table for itself: it waits for those who use it, and who comes later waits behind it, but no longer than
 * the lock timeout. Then all of it is rolled back and, after a pause, tried again; a run gives up after 5 attempts. So
 * a reader that holds a day keeps it, and the days behind it, until the next run.
 *
 * <p>Dropping cannot be undone: if the clock is more than a day ahead of the database's, nothing is dropped. Any number
 * of services may run the job for one table at the same time.
 *
 * <p>The role has to be (a member of) the owner of the table and of its days, which belong to the roles whose sinks
 * made them (the owner of the schema may drop them too), and needs {@code SELECT, INSERT, UPDATE} on
 * {@code heartbeat_retention}. A run takes one connection at a time. Thread-safe.
 */
public final class RetentionJob implements AutoCloseable {
    /** The table of heartbeats, as far as its days go. */
    static final PostgresTable<Instant> HEARTBEAT = PostgresTable.<Instant>builder("heartbeat")
            .partitionKey("timestamp", time -> time, "heartbeat_retention")
            .build();

    private static final Logger LOG = LoggerFactory.getLogger(RetentionJob.class);
    private static final int ATTEMPTS = 5;
    private static final Duration FARTHEST_AHEAD = Duration.ofDays(1);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);

    private final OldDays days;
    private final int keepDays;
    private final Clock clock;
    private final Duration interval;
    private final RetryPolicy retry;
    private final Thread thread = new OwnThread(this::run, "telemetry-retention");
    private final Rests rests = new Rests();
    private final Object starting = new Object();

    private RetentionJob(Builder builder, int keepDays) {
        this.days = new OldDays(builder.dataSource, builder.table, builder.schema, builder.lockTimeout);
        this.keepDays = keepDays;
        this.clock = builder.clock;
        this.interval = builder.interval;
        this.retry = builder.retry;
        thread.setDaemon(true);
    }

    /**
     * Starts from the defaults; {@link Builder#keepDays} has none.
     *
     * @param dataSource where connections come from, usually a pool
     * @return a builder
     */
    public static Builder builder(DataSource dataSource) {
        return new Builder(dataSource);
    }

    /** The first day that is kept at a time. */
    static LocalDate firstKept(Instant now, int keepDays) {
        return LocalDate.ofInstant(now, ZoneOffset.UTC).minusDays(keepDays);
    }

    /**
     * Drops all days that are old now, as far as nobody holds them. Needs no {@link #start()}.
     *
     * @return what was done
     * @throws TelemetryException if a table is missing or not partitioned by day, the clock is ahead, or the database
     *     fails; days that were dropped before that stay dropped
     * @throws IllegalStateException if the job is closed
     */
    public Result runOnce() {
        requireOpen();
        return dropOldDays();
    }

    private Result dropOldDays() {
        Instant now = clock.instant();
        refuseClockAhead(now, days.inspect());
        LocalDate first = firstKept(now, keepDays);
        List<String> dropped = new ArrayList<>();
        Optional<Held> held = Optional.empty();
        OldDays.State state = days.look(first);
        while (state.isBehind(first) && held.isEmpty() && rests.rest(Duration.ZERO)) {
            held = dropOldest(state.oldest().orElseGet(days::retention), first, dropped);
            state = days.look(first);
        }
        return new Result(state.keptFrom(), dropped, held);
    }

    private static void refuseClockAhead(Instant now, Instant databaseTime) {
        if (now.isAfter(databaseTime.plus(FARTHEST_AHEAD))) {
            throw new TelemetryException("No days are dropped: the clock says " + now
                    + ", which is more than a day ahead of the database's clock, " + databaseTime);
        }
    }

    /** Drops a day, and says who has kept it from being dropped, if that failed too often. */
    private Optional<Held> dropOldest(String expected, LocalDate first, List<String> dropped) {
        RandomGenerator random = RandomGenerator.getDefault();
        for (int attempt = 1; ; attempt++) {
            try {
                days.dropOldest(expected, first).ifPresent(name -> {
                    dropped.add(name);
                    LOG.info("Dropped {} of {}", name, days);
                });
                return Optional.empty();
            } catch (SinkException e) {
                if (!SqlFailure.isLockedOut(e)) {
                    throw e;
                }
                if (attempt == ATTEMPTS || !rests.rest(retry.backoff(attempt, random))) {
                    return Optional.of(new Held(expected, String.valueOf(e.getMessage())));
                }
            }
        }
    }

    /**
     * Starts a daemon thread named {@code telemetry-retention}, which runs the job at once and then whenever the
     * interval has passed. Failures are logged. One that passes by itself, as when the database is down, is logged once
     * and tried again by the retry policy, any other with the next run.
     *
     * @throws TelemetryException if a table is missing or not partitioned by day; no thread was started then. A
     *     database that does not answer is waited for by the thread
     * @throws IllegalStateException if the job was started before, or is closed
     */
    public void start() {
        requireOpen();
        try {
            days.inspect();
        } catch (SinkException e) {
            if (!e.kind().isTransient()) {
                throw e;
            }
        }
        synchronized (starting) {
            requireOpen();
            if (thread.getState() != Thread.State.NEW) {
                throw new IllegalStateException("The job was started before");
            }
            thread.start();
        }
    }

    private void run() {
        try {
            int failures = 0;
            Duration pause = Duration.ZERO;
            while (rests.rest(pause)) {
                try {
                    dropOldDays().held().ifPresent(held -> LOG.warn("Not before the next run: {}", held.reason()));
                    failures = 0;
                    pause = interval;
                } catch (Throwable e) {
                    HostFault.requireOwn(e);
                    pause = afterFailure(e, ++failures);
                }
            }
        } catch (Throwable e) {
            LOG.error("Retention of {} has ended", days, e);
        }
    }

    private Duration afterFailure(Throwable e, int failures) {
        boolean passes = e instanceof SinkException failure && failure.kind().isTransient();
        if (failures == 1 || !passes) {
            LOG.warn("Retention of {} failed and will be tried again", days, e);
        }
        return passes ? retry.backoff(failures, RandomGenerator.getDefault()) : interval;
    }

    private void requireOpen() {
        if (rests.areOver()) {
            throw new IllegalStateException("The job is closed");
        }
    }

    /**
     * Ends the job for good. A run goes on to the end of its transaction; the thread's is waited for, at most 10
     * seconds. May be called again.
     */
    @Override
    public void close() {
        rests.end();
        try {
            thread.join(CLOSE_LIMIT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * What a run has done. Immutable.
     *
     * @param keptFrom the first day that is kept now; more than the job asks for if another job keeps fewer days
     * @param dropped the names of the partitions that this run has dropped, the oldest first
     * @param held what could not be dropped yet, because others used it all the time
     */
    public record Result(LocalDate keptFrom, List<String> dropped, Optional<Held> held) {

        /**
         * Copies the list.
         *
         * @param keptFrom the first day that is kept now
         * @param dropped the partitions that were dropped
         * @param held what could not be dropped yet
         */
        public Result {
            dropped = List.copyOf(dropped);
        }
    }

    /**
     * What others held all the time. Immutable.
     *
     * @param table the name of the oldest partition that is to be dropped; with none left, of the table that holds
     *     {@code kept_from}
     * @param reason what the database said
     */
    public record Held(String table, String reason) {}

    /** Collects the options of a {@link RetentionJob}. Not thread-safe. */
    public static final class Builder {
        private static final int MOST_DAYS = 36_500;

        private final DataSource dataSource;
        private PostgresTable<?> table = HEARTBEAT;
        private Optional<String> schema = Optional.empty();
        private Optional<Integer> keepDays = Optional.empty();
        private Clock clock = Clock.systemUTC();
        private Duration interval = Duration.ofHours(1);
        // Longer than the server's deadlock_timeout, after which it ends an autovacuum that is in the way.
        private Duration lockTimeout = Duration.ofSeconds(2);
        private RetryPolicy retry = RetryPolicy.defaults();

        private Builder(DataSource dataSource) {
            this.dataSource = requireNonNull(dataSource, "dataSource");
        }

        /**
         * Sets how many days before today are kept, in UTC. There is no default: what is older is lost.
         *
         * @param days 0 (only today) to 36,500
         * @return this
         */
        public Builder keepDays(int days) {
            if (days < 0 || days > MOST_DAYS) {
                throw new IllegalArgumentException("keepDays: " + days + " is not between 0 and " + MOST_DAYS);
            }
            this.keepDays = Optional.of(days);
            return this;
        }

        /**
         * Names a table of the host's own to drop days of.
         *
         * @param declared a table with a {@linkplain PostgresTable.Builder#partitionKey partition key} (default:
         *     {@code heartbeat})
         * @return this
         */
        public Builder table(PostgresTable<?> declared) {
            if (requireNonNull(declared, "declared").partitionKey().isEmpty()) {
                throw new IllegalArgumentException("table: " + declared + " is declared without a partitionKey");
            }
            this.table = declared;
            return this;
        }

        /**
         * Names the schema of the table, unless the table names it itself.
         *
         * @param schemaName its name (default: the connection's search path finds the table)
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
         * Sets how long the thread waits behind a run.
         *
         * @param duration 1 ms or more (default: 1 hour)
         * @return this
         */
        public Builder every(Duration duration) {
            this.interval = TransactionTimeouts.check("every", duration);
            return this;
        }

        /**
         * Sets how long an attempt to drop a day waits for others, and lets those wait who come after it.
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
         * @throws IllegalStateException if {@link #keepDays} is missing
         */
        public RetentionJob build() {
            return new RetentionJob(
                    this,
                    keepDays.orElseThrow(
                            () -> new IllegalStateException("keepDays: missing; say how many days are to be kept")));
        }
    }
}
