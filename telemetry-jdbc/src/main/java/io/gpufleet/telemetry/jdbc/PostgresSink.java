package io.gpufleet.telemetry.jdbc;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.Aggregator;
import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.Enricher;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.PositionChange;
import io.gpufleet.telemetry.Sink;
import io.gpufleet.telemetry.SinkContext;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryEvent.DuplicatesDropped;
import io.gpufleet.telemetry.TelemetryEvent.RowsLeftOut;
import io.gpufleet.telemetry.TransactionalSink;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import io.gpufleet.telemetry.jdbc.internal.TransactionTimeouts;
import io.gpufleet.telemetry.jdbc.internal.Transactions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * A sink that writes batches into PostgreSQL exactly once: positions, dead letters and the rows of all steps in one
 * transaction.
 *
 * <pre>{@code
 * PostgresSink<Job> sink = PostgresSink.<Job>builder(dataSource)
 *         .insertOnce(jobs)                       // each job once, by its key
 *         .fold(new PerQueueAndDay(), queueDays)  // sums of what was really inserted
 *         .build();
 * }</pre>
 *
 * <p>A write first moves the positions in {@code consumer_offsets}, and fails if they are not where the batch begins.
 * Then it writes the dead letters, and runs the steps in the order of their declaration. Each step is one statement for
 * each table, with the rows in the order of their keys, so that sinks that declare their tables in the same order never
 * deadlock.
 *
 * <p>Any step may write into a table that is {@linkplain PostgresTable.Builder#partitionKey partitioned by UTC day}:
 * the sink creates the missing days, up to a week ahead of the database's clock. A record is dead-lettered if retention
 * has dropped the day of its inserted row, if its day lies further ahead, or if the day would be one partition too
 * many. A folded row or a newest state of a day that retention has dropped is left out and counted
 * ({@link RowsLeftOut}), and its records are still written to the other tables: the row would be gone with its day
 * anyway.
 *
 * <p>Needs the tables of {@link TelemetrySchema}, and a pool with one connection for each batch that is written at
 * once, one for the positions, and one for everything else that reads the database. A smaller HikariCP pool is refused,
 * and so are connections that are read-only by a setting of the pool, the role or the database. A sink serves one
 * consumer at a time; the next one may open it after the one before has ended. Thread-safe.
 *
 * @param <T> the type of the values
 */
public final class PostgresSink<T> implements TransactionalSink<T> {
    private final DataSource dataSource;
    private final Transactions transactions;
    private final Optional<String> schema;
    private final TransactionTimeouts timeouts;
    private final Enrichment<T> enrichment;
    private final List<Function<Optional<String>, Step<T>>> declared;
    private final Steps<T> steps;
    private final Object lock = new Object();
    private volatile @Nullable GroupWriter<T> writer;

    private PostgresSink(Builder<T> builder) {
        this.dataSource = builder.dataSource;
        this.transactions = new Transactions(builder.dataSource, builder.timeouts);
        this.schema = builder.schema;
        this.timeouts = builder.timeouts;
        this.enrichment = new Enrichment<>(builder.enricher);
        this.declared = List.copyOf(builder.steps);
        this.steps = newSteps();
    }

    private Steps<T> newSteps() {
        return new Steps<>(
                declared.stream().<Step<T>>map(step -> step.apply(schema)).toList());
    }

    /**
     * Starts a sink without steps, which keeps positions and dead letters only.
     *
     * @param dataSource the source of connections, usually a pool
     * @param <T> the type of the values
     * @return a builder
     */
    public static <T> Builder<T> builder(DataSource dataSource) {
        return new Builder<>(dataSource);
    }

    @Override
    public void open(SinkContext context) {
        StorableText.halfCharacter(context.groupId()).ifPresent(fault -> {
            throw new IllegalArgumentException("group " + context.groupId() + ": " + fault);
        });
        refuseAnother(context);
        context.concurrency().ifPresent(batches -> PoolSettings.check(dataSource, batches));
        openSteps(transactions);
        synchronized (lock) {
            refuseAnother(context);
            writer = new GroupWriter<>(context, schema, steps);
        }
    }

    /** Throws if another consumer has the sink open: the events of a sink go to one listener, that of its consumer. */
    private void refuseAnother(SinkContext context) {
        GroupWriter<T> opened = writer;
        if (opened == null) {
            return;
        }
        if (!opened.group().equals(context.groupId())) {
            throw new IllegalStateException("Sink serves the group " + opened.group() + " already, not "
                    + context.groupId() + ": build a sink for each group");
        }
        if (opened.isInUseByAnotherThan(context)) {
            throw new IllegalStateException("Sink is open for another consumer of group " + opened.group()
                    + ": build a sink for each consumer, or close the other one first");
        }
    }

    /** Returns the steps without positions and dead letters, for a database that has all their tables. */
    Steps<T> openSteps(Transactions of) {
        open(steps, of, DayPartitions.MOST_DAYS);
        return steps;
    }

    private void open(Steps<T> opened, Transactions of, int mostDays) {
        of.call("catalogue", connection -> {
            Jdbi.create(connection).useHandle(handle -> {
                ReadOnly.refuse(handle);
                Catalog catalog = new Catalog(handle);
                catalog.require(shapes());
                opened.open(catalog, mostDays);
                new Rights(handle).require(rights());
            });
            return Boolean.TRUE;
        });
    }

    /** Returns the {@code PostgresSink} behind a sink's wrappers. */
    static <T> PostgresSink<T> behind(TransactionalSink<T> sink) {
        Set<TransactionalSink<T>> wrappers = Collections.newSetFromMap(new IdentityHashMap<>());
        TransactionalSink<T> inner = sink;
        while (!(inner instanceof PostgresSink<T> found)) {
            TransactionalSink<T> wrapper = inner;
            inner = inner.wrapped()
                    .filter(wrapped -> wrappers.add(wrapper))
                    .orElseThrow(() -> new IllegalArgumentException(
                            "sink: " + wrapper.getClass().getName()
                                    + " is not a PostgresSink and wraps none; a wrapper returns its sink from"
                                    + " TransactionalSink.wrapped()"));
        }
        return found;
    }

    Enrichment<T> enrichment() {
        return enrichment;
    }

    TransactionTimeouts timeouts() {
        return timeouts;
    }

    private Map<TableShape, String> rights() {
        Map<TableShape, String> rights = new LinkedHashMap<>();
        BaseCapability.TABLES.forEach(table -> rights.put(table.in(schema), Rights.INSERT));
        rights.put(BaseCapability.CONSUMER_OFFSETS.in(schema), Rights.UPDATE);
        rights.putAll(steps.rights(schema));
        return rights;
    }

    private List<TableShape> shapes() {
        return Stream.concat(
                        BaseCapability.TABLES.stream().map(table -> table.in(schema)),
                        steps.tables().stream().map(table -> TableShape.of(table, schema)))
                .toList();
    }

    @Override
    public Map<SourcePartition, Position> positions(Collection<SourcePartition> partitions) {
        return transactions.call("consumer_offsets", connection -> writer().positions(connection, partitions));
    }

    @Override
    public Map<SourcePartition, Instant> newestRecords(Collection<SourcePartition> partitions) {
        return transactions.call("consumer_offsets", connection -> writer().newestRecords(connection, partitions));
    }

    @Override
    public Map<SourcePartition, Position> change(Collection<PositionChange> changes) {
        return transactions.call("consumer_offsets", connection -> writer().change(connection, changes));
    }

    @Override
    public void write(Batch<T> batch) {
        if (batch.ranges().isEmpty()) {
            return;
        }
        write(batch, writer(), steps);
    }

    private void write(Batch<T> batch, GroupWriter<T> opened, Steps<T> ready) {
        Batch<T> enriched = enrichment.of(batch);
        ready.prepare(transactions, enriched);
        WriteContext<T> written = write(opened, ready, enriched);
        written.committed();
        if (written.duplicates() > 0) {
            opened.report(new DuplicatesDropped(written.duplicates(), written.conflicts()));
        }
        written.leftOut().forEach((table, rows) -> opened.report(new RowsLeftOut(table, rows)));
    }

    /**
     * Returns a sink with the steps and options of this one for batches of another source than a topic, such as files,
     * whose positions are rows of the host's own. No position in {@code consumer_offsets} is read or moved, so that no
     * consumer's progress depends on such a source. Dead letters are stored under the context's group, with the topic
     * and the log of the batch.
     *
     * @param context the group of the dead letters, and the receiver of the events
     * @param position moves the position of each batch in its transaction, before its rows are written; it throws if
     *     the position is not where the batch begins, and nothing is written then
     * @param mostDays the number of partitions of a table from which no older days are created: more than the 400 of a
     *     consumer for a source that brings years; 1 or more
     * @return a thread-safe sink, which needs no {@link #open}
     * @throws SinkException if the database fails, or lacks a table or a right
     */
    public Sink<T> ofOtherSource(SinkContext context, TransactionHook<T> position, int mostDays) {
        return ofOtherSource(context, position, (connection, dropped) -> {}, mostDays);
    }

    /**
     * Returns a sink as {@link #ofOtherSource(SinkContext, TransactionHook, int)} does, for a source that keeps the
     * number of its duplicates with its position.
     *
     * @param context the group of the dead letters, and the receiver of the events
     * @param position moves the position of each batch in its transaction, before its rows are written
     * @param outcome is told in the same transaction, after the rows are written, which of them are duplicates
     * @param mostDays the number of partitions of a table from which no older days are created
     * @return a thread-safe sink, which needs no {@link #open}
     * @throws IllegalArgumentException if {@code mostDays} is not 1 or more
     * @throws SinkException if the database fails, or lacks a table or a right
     */
    public Sink<T> ofOtherSource(SinkContext context, TransactionHook<T> position, OutcomeHook outcome, int mostDays) {
        if (mostDays < 1) {
            throw new IllegalArgumentException("mostDays: " + mostDays + " is not 1 or more");
        }
        OwnPositions<T> positions = new OwnPositions<>(
                new HookStep<>(requireNonNull(position, "position")), requireNonNull(outcome, "outcome"));
        Steps<T> own = newSteps();
        GroupWriter<T> opened =
                new GroupWriter<>(requireNonNull(context, "context"), schema, own, Optional.of(positions));
        open(own, transactions, mostDays);
        return batch -> write(batch, opened, own);
    }

    private WriteContext<T> write(GroupWriter<T> opened, Steps<T> ready, Batch<T> batch) {
        try {
            return transactions.call("consumer_offsets", connection -> opened.write(connection, batch));
        } catch (SinkException e) {
            if (!isIdempotent() || !RefusedValues.mayExplain(e, batch, opened.movesOffsets())) {
                throw e;
            }
            return transactions.call("values of a record", connection -> {
                throw RefusedValues.search(connection, ready, batch, e);
            });
        }
    }

    /**
     * Returns whether values can be written twice without effect: if the first step, dimensions aside, inserts once, or
     * no step sums; and no step inserts without a key, and there are no hooks.
     */
    @Override
    public boolean isIdempotent() {
        return steps.isIdempotent();
    }

    private GroupWriter<T> writer() {
        GroupWriter<T> opened = writer;
        if (opened == null) {
            throw new IllegalStateException("Sink is not open");
        }
        return opened;
    }

    /**
     * Returns whether a row may depend on which values share a record, so that the records of the source must be whole:
     * if any {@link Aggregator#dependsOnRecords aggregator} of the sink says so.
     *
     * @return false if every value can be written by itself
     */
    public boolean dependsOnRecords() {
        return steps.dependsOnRecords();
    }

    /** Returns the tables, in the order in which they are written. */
    @Override
    public String toString() {
        String tables = steps.toString();
        return tables.isEmpty() ? "PostgreSQL, positions only" : "PostgreSQL tables " + tables;
    }

    /**
     * Collects the steps and options of a {@link PostgresSink}. Not thread-safe.
     *
     * @param <T> the type of the values
     */
    public static final class Builder<T> {
        private final DataSource dataSource;
        private final List<Function<Optional<String>, Step<T>>> steps = new ArrayList<>();
        private Optional<String> schema = Optional.empty();
        private Enricher<T> enricher = deliveries -> deliveries;
        private TransactionTimeouts timeouts = TransactionTimeouts.DEFAULT;

        private Builder(DataSource dataSource) {
            this.dataSource = requireNonNull(dataSource, "dataSource");
        }

        /**
         * Sets the schema of the tables that name none, {@code consumer_offsets} and {@code dead_letters} among them.
         *
         * @param schemaName its name (default: the connection's search path finds the tables)
         * @return this
         */
        public Builder<T> schema(String schemaName) {
            this.schema = Optional.of(Identifier.check("schema", schemaName));
            return this;
        }

        /**
         * Sets the longest wait of a statement for a lock.
         *
         * @param duration 1 ms or more (default: 10 s)
         * @return this
         */
        public Builder<T> lockTimeout(Duration duration) {
            this.timeouts = timeouts.withLock(duration);
            return this;
        }

        /**
         * Sets the longest run of a statement. The connection is given up if the server has not answered 15 s later.
         *
         * @param duration 1 ms or more (default: 30 s)
         * @return this
         */
        public Builder<T> statementTimeout(Duration duration) {
            this.timeouts = timeouts.withStatement(duration);
            return this;
        }

        /**
         * Sets the longest time for which the server lets a transaction wait for its client, for example a suspended
         * one, before it ends the session.
         *
         * @param duration 1 ms or more (default: 20 s)
         * @return this
         */
        public Builder<T> idleInTransactionTimeout(Duration duration) {
            this.timeouts = timeouts.withIdle(duration);
            return this;
        }

        /**
         * Sets the enricher, which completes the values of each batch before its transaction begins; all steps see the
         * completed values. A replay of dead letters calls it while their transaction waits, for up to the
         * {@linkplain #idleInTransactionTimeout}.
         *
         * @param complete completes values (default: none)
         * @return this
         */
        public Builder<T> enrich(Enricher<T> complete) {
            this.enricher = requireNonNull(complete, "complete");
            return this;
        }

        /**
         * Adds a step that inserts the missing rows of a dimension, so that the tables of later steps can refer to them
         * by their {@linkplain Dimension#number() numbers}. A number is drawn only for a new key.
         *
         * <p>The numbers of up to 100,000 committed keys are remembered, and looked up again if the database does not
         * confirm them in the transaction that uses them.
         *
         * @param dimension the dimension, given to one step only
         * @param rows returns the dimension rows that later steps refer to for a delivery, in any order, with or
         *     without repetitions
         * @param <R> the type of the rows
         * @return this
         */
        public <R> Builder<T> insertMissing(Dimension<R> dimension, Function<? super Delivery<T>, Stream<R>> rows) {
            requireNonNull(rows, "rows");
            if (requireNonNull(dimension, "dimension").lastDayColumn().isPresent()) {
                throw new IllegalArgumentException("insertMissing: " + dimension
                        + " is one of contents, whose last days need times; use insertMissing(dimension, row, time)");
            }
            steps.add(defaultSchema -> new InsertMissing<>(dimension, rows, defaultSchema));
            return this;
        }

        /**
         * Adds a step that inserts the missing rows of a {@linkplain Dimension#ofContents dimension of contents}, and
         * keeps the last UTC day that refers to each of them.
         *
         * <p>Up to 100,000 committed rows are remembered, and inserted again if the database does not confirm them in
         * the transaction that uses them.
         *
         * @param dimension the dimension, given to one step only
         * @param row returns the dimension row that later steps refer to for a delivery
         * @param time returns the time of the row that refers to it: the partition key of its table
         * @param <R> the type of the rows
         * @return this
         */
        public <R> Builder<T> insertMissing(
                Dimension<R> dimension,
                Function<? super Delivery<T>, ? extends R> row,
                Function<? super Delivery<T>, Instant> time) {
            requireNonNull(row, "row");
            requireNonNull(time, "time");
            if (requireNonNull(dimension, "dimension").lastDayColumn().isEmpty()) {
                throw new IllegalArgumentException("insertMissing: " + dimension
                        + " is not one of contents and has no last days; use insertMissing(dimension, rows)");
            }
            steps.add(defaultSchema -> new InsertContents<>(dimension, row, time, defaultSchema));
            return this;
        }

        /**
         * Adds a step that inserts a row for each delivery, unless its key exists. Such duplicates are dropped: later
         * steps see only what was inserted. Hooks see the whole batch.
         *
         * @param table a table of keys and kept columns only
         * @return this
         */
        public Builder<T> insertOnce(PostgresTable<Delivery<T>> table) {
            requireInsertOnly("insertOnce", table);
            steps.add(defaultSchema -> new InsertOnce<>(table, Optional.empty(), defaultSchema));
            return this;
        }

        /**
         * Adds a step as {@link #insertOnce(PostgresTable)} does, and counts the conflicts among the duplicates: those
         * whose value in a column differs from that of the row that stays, which is the first one. See
         * {@link DuplicatesDropped}.
         *
         * @param table a table of keys and kept columns only
         * @param comparedColumn a kept column
         * @return this
         * @throws IllegalArgumentException if the table has no such column
         */
        public Builder<T> insertOnce(PostgresTable<Delivery<T>> table, String comparedColumn) {
            requireInsertOnly("insertOnce", table);
            Column<Delivery<T>> compared = table.columns(Merge.Kind.KEEP).stream()
                    .filter(column -> column.name().equals(requireNonNull(comparedColumn, "comparedColumn")))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(
                            "insertOnce: " + table + " has no kept column \"" + comparedColumn + "\" to compare"));
            steps.add(defaultSchema -> new InsertOnce<>(table, Optional.of(compared), defaultSchema));
            return this;
        }

        /**
         * Adds a step that inserts a row for each delivery into a table without a primary key or unique index on its
         * keys. Each record is still applied exactly once, since its position moves in the same transaction; but a
         * record that a producer sends twice, or that an operator reads again, is in this table and in later steps
         * twice.
         *
         * @param table a table of keys and kept columns only; the keys need not be unique
         * @return this
         */
        public Builder<T> insertAll(PostgresTable<Delivery<T>> table) {
            requireInsertOnly("insertAll", table);
            steps.add(defaultSchema -> new InsertAll<>(table, defaultSchema));
            return this;
        }

        private static void requireInsertOnly(String method, PostgresTable<?> table) {
            if (!requireNonNull(table, "table").isInsertOnly()) {
                throw new IllegalArgumentException(
                        method + ": " + table + " merges columns; declare them with key or keep");
            }
        }

        /**
         * Adds a step that folds the deliveries and merges the results into a table.
         *
         * @param aggregator turns deliveries into keyed results
         * @param table the table of these results, keyed like them
         * @param <K> the type of the keys
         * @param <A> the type of the results
         * @return this
         */
        public <K, A> Builder<T> fold(Aggregator<T, K, A> aggregator, PostgresTable<A> table) {
            requireNonNull(aggregator, "aggregator");
            requireNonNull(table, "table");
            steps.add(defaultSchema -> new Fold<>(
                    aggregator,
                    table,
                    FoldedDays.of(table, defaultSchema, delivery -> FoldedDays.partials(aggregator, delivery)),
                    defaultSchema));
            return this;
        }

        /**
         * Adds a step as {@link #fold(Aggregator, PostgresTable)} does, for a partitioned table whose days are known
         * without the aggregator, which is then called once for each batch.
         *
         * @param aggregator turns deliveries into keyed results
         * @param table the table of these results, keyed like them
         * @param time returns the partition key of the row that a delivery is folded into, or that of another row which
         *     another delivery of the batch is folded into
         * @param <K> the type of the keys
         * @param <A> the type of the results
         * @return this
         */
        public <K, A> Builder<T> fold(
                Aggregator<T, K, A> aggregator, PostgresTable<A> table, Function<? super Delivery<T>, Instant> time) {
            requireNonNull(aggregator, "aggregator");
            requireNonNull(table, "table");
            requireNonNull(time, "time");
            steps.add(defaultSchema ->
                    new Fold<>(aggregator, table, FoldedDays.ofTimes(table, defaultSchema, time), defaultSchema));
            return this;
        }

        /**
         * Adds a step that recomputes rows from others, which the steps before have written: one statement of the
         * host's own for each batch. It must give the same rows however often it runs.
         *
         * @param touched turns deliveries into the keys of rows that they touch
         * @param table the table to recompute; its key columns are enough unless it is compacted by hour
         * @param update an UPDATE, in which {@code {rows}} stands for a relation of these keys, and the name of a table
         *     in braces for that table in the sink's schema
         * @param <K> the type of the keys
         * @param <A> the type of the touched rows
         * @return this
         */
        public <K, A> Builder<T> recompute(Aggregator<T, K, A> touched, PostgresTable<A> table, String update) {
            requireNonNull(touched, "touched");
            requireNonNull(table, "table");
            requireNonNull(update, "update");
            steps.add(defaultSchema -> new Recompute<>(touched, table, update, defaultSchema));
            return this;
        }

        /**
         * Adds a step that replaces the state of groups by newer ones.
         *
         * @param set the states, with the tables of heads and members
         * @return this
         */
        public Builder<T> replaceNewestSet(NewestSet<T> set) {
            steps.add(requireNonNull(set, "set")::step);
            return this;
        }

        /**
         * Adds a step that runs the host's own SQL in the transaction.
         *
         * @param hook the host's SQL
         * @return this
         */
        public Builder<T> inTransaction(TransactionHook<T> hook) {
            requireNonNull(hook, "hook");
            steps.add(defaultSchema -> new HookStep<>(hook));
            return this;
        }

        /**
         * Builds the sink. Nothing is read or written before {@link PostgresSink#open}.
         *
         * @return a thread-safe sink
         * @throws IllegalArgumentException if a table refers to a dimension that no earlier step inserts, or two steps
         *     insert the same one
         */
        public PostgresSink<T> build() {
            return new PostgresSink<>(this);
        }
    }
}
