package io.gpufleet.telemetry.jdbc.gpu;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.RetryPolicy;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.internal.HostFault;
import io.gpufleet.telemetry.internal.OwnThread;
import io.gpufleet.telemetry.internal.StopSignal;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import io.gpufleet.telemetry.jdbc.internal.TransactionTimeouts;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A job that compacts the old days of GPU samples in the layout {@link io.gpufleet.telemetry.jdbc.GpuLayout#NUMBERED},
 * and of wide rows: the rows of a GPU and hour become arrays, those of samples one row for each metric and series. The
 * views and functions of samples and wide rows show the same as before, bit by bit.
 *
 * <pre>{@code
 * try (CompactionJob compaction = CompactionJob.builder(dataSource).afterDays(2).build()) {
 *     compaction.start();
 *     // … for as long as the service runs
 * }
 * }</pre>
 *
 * <p>A day is old once it lies more than some days before today, in UTC. Old days with rows are compacted, the oldest
 * first, and so are compacted days with rows that have come late. Each GPU and hour is one transaction: it reads the
 * rows, writes the arrays, and deletes a row only if the view gives it back, bit by bit; if one does not come back, the
 * rows of the hour stay, the reason is stored in {@code gpu_sample_hour} or {@code gpu_metrics_hour}, and the next run
 * retries it. Whenever the job is killed, each sample is there once.
 *
 * <p>The space of the rows is given back to the file system once no transaction can see them any more, however old it
 * is; until then the day waits for the next run.
 *
 * <p>Readers never wait for longer than the lock timeout, and neither do writers: these wait once a day, when it is
 * opened for its compaction, and for the transaction of a GPU and hour if they have samples of it. Beside retention the
 * job is safe. Any number of services may run it: one at a time works, by a lease in {@code gpu_compaction_lease}.
 *
 * <p>The role must be (a member of) the owner of the tables and of their days. Another role with rights on the tables
 * compacts the days whose partitions exist, but {@link DayResult#waiting} says that it cannot give their space back.
 * The {@code VACUUM} of a day has the role's own {@code statement_timeout}, so it must be 0 or long enough. A run takes
 * one connection at a time. Thread-safe.
 */
public final class CompactionJob implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(CompactionJob.class);
    private static final Duration LONGEST_END = Duration.ofSeconds(8);
    private static final Duration LONGEST_RELEASE = Duration.ofSeconds(2);

    private final DataSource dataSource;
    private final Optional<String> schema;
    private final int afterDays;
    private final Clock clock;
    private final Duration interval;
    private final Duration lockTimeout;
    private final Duration lease;
    private final double share;
    private final Consumer<? super Progress> progress;
    private final RetryPolicy retry = RetryPolicy.defaults();
    private final Thread thread = new OwnThread(this::run, "telemetry-compaction");
    private final StopSignal stop = new StopSignal();
    private final CompactionRuns runs = new CompactionRuns();
    private final Object starting = new Object();

    private CompactionJob(Builder builder) {
        this.dataSource = builder.dataSource;
        this.schema = builder.schema;
        this.afterDays = builder.afterDays;
        this.clock = builder.clock;
        this.interval = builder.interval;
        this.lockTimeout = builder.lockTimeout;
        this.lease = builder.lease;
        this.share = builder.share;
        this.progress = builder.progress;
        thread.setDaemon(true);
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
     * Compacts all old days with rows, in the thread of the caller. Needs no {@link #start()}. Without such days
     * nothing is written. {@link #close()} ends the run after the current hour of a GPU; an interrupt does not, and
     * stays set.
     *
     * @return the result
     * @throws TelemetryException if no table of samples can be compacted, the lease is lost, or the database fails;
     *     compacted hours stay compacted. Further failures are suppressed exceptions
     * @throws IllegalStateException if the job is closed
     */
    public Result runOnce() {
        CompactionLease own = new CompactionLease(dataSource, schema, lease);
        return runs.call(own, () -> run(own));
    }

    private Result run(CompactionLease own) {
        requireOpen();
        List<Work> work = work(own);
        if (work.isEmpty()) {
            return new Result(List.of(), Optional.empty());
        }
        Optional<String> other = own.take();
        return other.isPresent() ? new Result(List.of(), other) : compact(work, own);
    }

    /**
     * Looks for the days that a run would compact, and changes nothing.
     *
     * @return each day with the number of its rows in {@link DayResult#samples()}
     * @throws TelemetryException if no table of samples can be compacted, or the database fails
     * @throws IllegalStateException if the job is closed
     */
    public Result dryRun() {
        requireOpen();
        return new Result(
                work(new CompactionLease(dataSource, schema, lease)).stream()
                        .flatMap(work -> work.days.stream().map(work.table::look))
                        .toList(),
                Optional.empty());
    }

    /** The days of a table with work. */
    private record Work(TableCompaction table, SortedSet<LocalDate> days) {}

    private List<Work> work(CompactionLease own) {
        List<TableCompaction> tables = Stream.of(CompactedTable.samples(schema), CompactedTable.wideRows(schema))
                .map(table -> new TableCompaction(dataSource, table, own, lockTimeout, share))
                .filter(TableCompaction::isInstalled)
                .toList();
        if (tables.isEmpty()) {
            throw new TelemetryException("No table can be compacted: gpu_sample_compaction and gpu_metrics_compaction"
                    + " are missing; install the GPU samples with TelemetrySchema");
        }
        LocalDate before = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC).minusDays(afterDays);
        return tables.stream()
                .map(table -> new Work(table, table.daysBefore(before)))
                .filter(table -> !table.days.isEmpty())
                .toList();
    }

    private Result compact(List<Work> work, CompactionLease own) {
        List<DayResult> days = new ArrayList<>();
        List<TelemetryException> failures = new ArrayList<>();
        try {
            for (Work table : work) {
                days.addAll(compact(table, own, failures));
            }
        } catch (TelemetryException e) {
            failures.forEach(e::addSuppressed);
            throw e;
        } finally {
            own.giveBack();
        }
        throwFirst(failures);
        return new Result(days, Optional.empty());
    }

    private List<DayResult> compact(Work work, CompactionLease own, List<TelemetryException> failures) {
        List<DayResult> results = new ArrayList<>();
        for (LocalDate day : work.days) {
            if (!stop.isRaised()) {
                own.prolong();
                results.addAll(attempt(
                        () -> work.table.compact(day, stop, progress).stream().toList(), failures));
            }
        }
        own.prolong();
        results.addAll(attempt(() -> work.table.end(stop), failures));
        results.sort(Comparator.comparing(DayResult::day));
        return results;
    }

    /** Runs a part of the work; a failure that is its own does not affect the next. */
    private static List<DayResult> attempt(Supplier<List<DayResult>> part, List<TelemetryException> failures) {
        try {
            List<DayResult> results = part.get();
            results.forEach(CompactionJob::tell);
            return results;
        } catch (CompactionStop e) {
            throw e;
        } catch (TelemetryException e) {
            if (e instanceof SinkException failure && failure.kind().isTransient()) {
                throw e;
            }
            failures.add(e);
            return List.of();
        }
    }

    private static void throwFirst(List<TelemetryException> failures) {
        if (!failures.isEmpty()) {
            TelemetryException first = failures.get(0);
            failures.subList(1, failures.size()).forEach(first::addSuppressed);
            throw first;
        }
    }

    private static void tell(DayResult day) {
        log.info(
                "Compacted {} samples of {} of {}: {} bytes before, {} now",
                day.samples,
                day.day,
                day.table,
                day.bytesBefore == 0 ? "unknown" : day.bytesBefore,
                day.bytesAfter);
        day.waiting.ifPresent(
                reason -> log.info("Space of {} of {} is not given back: {}", day.day, day.table, reason));
        if (!day.failures.isEmpty()) {
            log.warn(
                    "{} hours of {} of {} stay rows; retrying at the next run: {}",
                    day.failures.size(),
                    day.day,
                    day.table,
                    day.failures.get(0).reason);
        }
    }

    /**
     * Starts a daemon thread named {@code telemetry-compaction}, which runs at once, then again after every interval. A
     * failure is logged; a transient one, such as a database that is down, is logged once and retried with a growing
     * pause, any other at the next run.
     *
     * @throws IllegalStateException if the job was started before, or is closed
     */
    public void start() {
        synchronized (starting) {
            requireOpen();
            if (thread.getState() != Thread.State.NEW) {
                throw new IllegalStateException("Compaction job was started before");
            }
            thread.start();
        }
    }

    private void run() {
        try {
            int failures = 0;
            Duration pause = Duration.ZERO;
            while (stop.pause(pause)) {
                Optional<RuntimeException> failure = attempt();
                failures = failure.isPresent() ? failures + 1 : 0;
                pause = failure.isPresent() ? afterFailure(failure.get(), failures) : interval;
            }
        } catch (Throwable e) {
            log.error("Compaction has ended", e);
        }
    }

    private Optional<RuntimeException> attempt() {
        try {
            runOnce();
            return Optional.empty();
        } catch (RuntimeException e) {
            HostFault.requireOwn(e);
            return Optional.of(e);
        }
    }

    private Duration afterFailure(RuntimeException failure, int failures) {
        boolean passes = failure instanceof SinkException known && known.kind().isTransient();
        if (!stop.isRaised() && (failures == 1 || !passes)) {
            log.warn("Compaction failed; retrying{}", passes ? "" : " at the next run", failure);
        }
        return passes ? retry.backoff(failures, RandomGenerator.getDefault()) : interval;
    }

    private void requireOpen() {
        if (stop.isRaised()) {
            throw new IllegalStateException("Compaction job is closed");
        }
    }

    /**
     * Ends the job for good. A run, of the job's thread or of a caller of {@link #runOnce()}, ends after its current
     * hour of a GPU and gives its lease back; this waits for it, at most 10 seconds. The lease of a run that takes
     * longer, such as in a {@code VACUUM}, is given back before it ends. May be called again, and by the receiver of
     * the progress, which does not wait for its own run.
     */
    @Override
    public void close() {
        end(LONGEST_END);
    }

    void end(Duration longestEnd) {
        stop.raise();
        try {
            if (!runs.awaitEnd(longestEnd)) {
                runs.release(LONGEST_RELEASE);
            } else if (Thread.currentThread() != thread) {
                thread.join(LONGEST_RELEASE.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * The result of a run. Immutable.
     *
     * @param days the days with work, table by table, the oldest first; empty if there was nothing to do
     * @param heldBy the process that compacts now; absent if it is this one
     */
    public record Result(List<DayResult> days, Optional<String> heldBy) {

        /**
         * Copies the list.
         *
         * @param days the days with work
         * @param heldBy the process that compacts now
         */
        public Result {
            days = List.copyOf(days);
        }

        /**
         * Returns the number of rows that became parts of arrays.
         *
         * @return 0 or more
         */
        public long samples() {
            return days.stream().mapToLong(DayResult::samples).sum();
        }

        /**
         * Returns the hours whose rows stay, of all days.
         *
         * @return day by day
         */
        public List<Failure> failures() {
            return days.stream().flatMap(day -> day.failures.stream()).toList();
        }
    }

    /**
     * The result of a run for one day. Immutable.
     *
     * @param table the table's name, without its schema
     * @param day the day, UTC
     * @param samples the number of rows that became parts of arrays; in a merge with late rows those of the array, too
     * @param failures the hours whose rows stay
     * @param bytesBefore the bytes of the day's rows when its compaction began, indexes included, and of those that
     *     came late; 0 if they lay in a partition with other days
     * @param bytesAfter the bytes of the day now, of rows and arrays with their indexes, without partitions that hold
     *     other days, too
     * @param waiting the reason why the space of the rows is not given back yet, and what to do: what still sees the
     *     rows, holds a lock, or lacks a right
     */
    public record DayResult(
            String table,
            LocalDate day,
            long samples,
            List<Failure> failures,
            long bytesBefore,
            long bytesAfter,
            Optional<String> waiting) {

        /**
         * Copies the list.
         *
         * @param table the table's name
         * @param day the day
         * @param samples the number of rows
         * @param failures the hours whose rows stay
         * @param bytesBefore the bytes when the compaction began
         * @param bytesAfter the bytes now
         * @param waiting the reason why the space is not given back yet
         */
        public DayResult {
            failures = List.copyOf(failures);
        }
    }

    /**
     * An hour of a GPU whose rows stay. Immutable.
     *
     * @param gpu the number of the GPU, {@code gpu.gpu_no}
     * @param hour the beginning of the hour
     * @param reason the reason
     */
    public record Failure(int gpu, Instant hour, String reason) {}

    /**
     * The progress of a day. Immutable.
     *
     * @param table the table's name, without its schema
     * @param day the day, UTC
     * @param done the number of hours of GPUs that this run is done with
     * @param hours the number of hours of GPUs that had rows when the run came to the day
     * @param samples the number of rows that became parts of arrays
     */
    public record Progress(String table, LocalDate day, int done, int hours, long samples) {}

    /** Collects the options of a {@link CompactionJob}. Not thread-safe. */
    public static final class Builder {
        private static final int MOST_DAYS = 36_500;

        private final DataSource dataSource;
        private Optional<String> schema = Optional.empty();
        private int afterDays = 2;
        private Clock clock = Clock.systemUTC();
        private Duration interval = Duration.ofHours(1);
        // Longer than the server's deadlock_timeout, after which it cancels an autovacuum that is in the way.
        private Duration lockTimeout = Duration.ofSeconds(2);
        private Duration lease = Duration.ofMinutes(5);
        private double share = 1;
        private Consumer<? super Progress> progress = done -> {};

        private Builder(DataSource dataSource) {
            this.dataSource = requireNonNull(dataSource, "dataSource");
        }

        /**
         * Sets the schema of the tables.
         *
         * @param schemaName its name (default: the connection's search path finds the tables)
         * @return this
         */
        public Builder schema(String schemaName) {
            this.schema = Optional.of(Identifier.check("schema", schemaName));
            return this;
        }

        /**
         * Sets the number of days before today, in UTC, that stay rows: with 2, on the 4th of March the days up to the
         * 1st of March are compacted.
         *
         * @param days 1 to 36,500 (default: 2)
         * @return this
         */
        public Builder afterDays(int days) {
            if (days < 1 || days > MOST_DAYS) {
                throw new IllegalArgumentException("afterDays: " + days + " is not between 1 and " + MOST_DAYS);
            }
            this.afterDays = days;
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
         * Sets the wait of the thread after a run.
         *
         * @param duration 1 ms or more (default: 1 hour)
         * @return this
         */
        public Builder every(Duration duration) {
            this.interval = TransactionTimeouts.check("every", duration);
            return this;
        }

        /**
         * Sets the longest wait of a transaction for other sessions; later sessions wait behind it for as long.
         *
         * @param duration 1 ms or more (default: 2 s)
         * @return this
         */
        public Builder lockTimeout(Duration duration) {
            this.lockTimeout = TransactionTimeouts.check("lockTimeout", duration);
            return this;
        }

        /**
         * Sets the time after which another process takes over from one that was killed.
         *
         * @param duration 1 ms or more, longer than the compaction of an hour of a GPU takes (default: 5 minutes)
         * @return this
         */
        public Builder lease(Duration duration) {
            this.lease = TransactionTimeouts.check("lease", duration);
            return this;
        }

        /**
         * Sets the share of time in which a run works: after each hour of a GPU it rests, so that other sessions have
         * the server for themselves. With 0.1 a batch of a consumer hardly takes longer beside a compaction, which
         * takes ten times as long.
         *
         * @param part more than 0 to 1 (default: 1)
         * @return this
         */
        public Builder share(double part) {
            if (!(part > 0 && part <= 1)) {
                throw new IllegalArgumentException("share: " + part + " is not more than 0 and at most 1");
            }
            this.share = part;
            return this;
        }

        /**
         * Sets a receiver of the progress, called after each hour of a GPU.
         *
         * @param receiver called by the thread of the run; an exception ends the run, and what is compacted stays so
         *     (default: none)
         * @return this
         */
        public Builder progress(Consumer<? super Progress> receiver) {
            this.progress = requireNonNull(receiver, "progress");
            return this;
        }

        /**
         * Builds the job. Nothing is read or compacted yet.
         *
         * @return a thread-safe job
         */
        public CompactionJob build() {
            return new CompactionJob(this);
        }
    }
}
