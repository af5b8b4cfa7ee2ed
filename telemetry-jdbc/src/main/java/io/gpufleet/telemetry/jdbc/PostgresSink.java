package io.gpufleet.telemetry.jdbc;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.Aggregator;
import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.Enricher;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.PositionChange;
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
 * Writes batches into PostgreSQL exactly once: positions, dead letters and everything that the steps make of the
 * values, in one transaction.
 *
 * <pre>{@code
 * PostgresSink<Job> sink = PostgresSink.<Job>builder(dataSource)
 *         .insertOnce(jobs)                       // each job once, by its key
 *         .fold(new PerQueueAndDay(), queueDays)  // sums of what was really inserted
 *         .build();
 * }</pre>
 *
 * <p>A write first moves the positions in {@code consumer_offsets}, which fails if they are not where the batch begins;
 * then it writes the dead letters, and then the steps run in the order in which they were declared. Each step is one
 * statement a table, with the rows in the order of their keys, so that sinks that declare their tables in the same
 * order never deadlock.
 *
 * <p>Any step may write into a table that is {@linkplain PostgresTable.Builder#partitionKey partitioned by UTC day}:
 * the sink makes the days that are needed, up to a week ahead of the database's clock. A record is dead-lettered if
 * retention has dropped the day of a row that is inserted for it; or if it feeds a row whose day lies further ahead, or
 * would be one too many. A folded row or a newest state of a day that retention has dropped is left out and counted
 * ({@link RowsLeftOut}), and its records are written elsewhere: had it come in time, it would be gone with its day.
 *
 * <p>Needs the tables of {@link TelemetrySchema}, and a pool with a connection for each batch that is written at once,
 * and two: for the positions, and for whatever else looks at the database. A HikariCP pool that is smaller is refused,
 * and so are connections that only read by a setting of the pool, the role or the database. A sink serves one consumer
 * at a time; the next one may open it when the one before has ended. Thread-safe.
 *
 * @param <T> the type of the values
 */
public final class PostgresSink<T> implements TransactionalSink<T> {
    private final DataSource dataSource;
    private final Transactions transactions;
    private final Optional<String> schema;
    private final TransactionTimeouts timeouts;
    private final Enrichment<T> enrichment;
    private final Steps<T> steps;
    private final Object lock = new Object();
    private volatile @Nullable GroupWriter<T> writer;

    private PostgresSink(Builder<T> builder) {
        this.dataSource = builder.dataSource;
        this.transactions = new Transactions(builder.dataSource, builder.timeouts);
        this.schema = builder.schema;
        this.timeouts = builder.timeouts;
        this.enrichment = new Enrichment<>(builder.enricher);
        this.steps = new Steps<>(builder.steps.stream()
                .<Step<T>>map(step -> step.apply(builder.schema))
                .toList());
    }

    /**
     * Starts a sink without steps, which keeps positions and dead letters only.
     *
     * @param dataSource where connections come from, usually a pool
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

    /** What happens inside the sink is told to one listener, which has to be that of the consumer that writes. */
    private void refuseAnother(SinkContext context) {
        GroupWriter<T> opened = writer;
        if (opened == null) {
            return;
        }
        if (!opened.group().equals(context.groupId())) {
            throw new IllegalStateException("The sink serves the group " + opened.group() + " already, not "
                    + context.groupId() + ": a sink serves one group");
        }
        if (opened.isInUseByAnotherThan(context)) {
            throw new IllegalStateException("The sink is open for another consumer of group " + opened.group()
                    + ": build a sink for each consumer, or close the other one first");
        }
    }

    /** The steps without positions and dead letters, for a database in which all their tables were found. */
    Steps<T> openSteps(Transactions of) {
        of.call("catalogue", connection -> {
            Jdbi.create(connection).useHandle(handle -> {
                ReadOnly.refuse(handle);
                inspect(new Catalog(handle));
                new Rights(handle).require(rights());
            });
            return Boolean.TRUE;
        });
        return steps;
    }

    private void inspect(Catalog catalog) {
        catalog.require(shapes());
        steps.open(catalog);
    }

    /** Finds the sink that writes behind its wrappers. */
    static <T> PostgresSink<T> behind(TransactionalSink<T> sink) {
        Set<TransactionalSink<T>> wrappers = Collections.newSetFromMap(new IdentityHashMap<>());
        TransactionalSink<T> inner = sink;
        while (!(inner instanceof PostgresSink<T> found)) {
            TransactionalSink<T> wrapper = inner;
            inner = inner.wrapped()
                    .filter(wrapped -> wrappers.add(wrapper))
                    .orElseThrow(() -> new IllegalArgumentException(
                            "sink: " + wrapper.getClass().getName()
                                    + " is no PostgresSink and wraps none; a wrapper returns its sink from"
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
        return transactions.call("positions", connection -> writer().positions(connection, partitions));
    }

    @Override
    public Map<SourcePartition, Instant> newestRecords(Collection<SourcePartition> partitions) {
        return transactions.call("positions", connection -> writer().newestRecords(connection, partitions));
    }

    @Override
    public Map<SourcePartition, Position> change(Collection<PositionChange> changes) {
        return transactions.call("positions", connection -> writer().change(connection, changes));
    }

    @Override
    public void write(Batch<T> batch) {
        if (batch.ranges().isEmpty()) {
            return;
        }
        GroupWriter<T> opened = writer();
        Batch<T> enriched = enrichment.of(batch);
        steps.prepare(transactions, enriched);
        WriteContext<T> written = write(opened, enriched);
        written.committed();
        if (written.duplicates() > 0) {
            opened.report(new DuplicatesDropped(written.duplicates()));
        }
        written.leftOut().forEach((table, rows) -> opened.report(new RowsLeftOut(table, rows)));
    }

    private WriteContext<T> write(GroupWriter<T> opened, Batch<T> batch) {
        try {
            return transactions.call("positions", connection -> opened.write(connection, batch));
        } catch (SinkException e) {
            if (!isIdempotent() || !RefusedValues.mayExplain(e, batch)) {
                throw e;
            }
            return transactions.call("values of a record", connection -> {
                throw RefusedValues.search(connection, steps, batch, e);
            });
        }
    }

    /**
     * True if the first step, but for dimensions, inserts once, none inserts without a key, and there is no SQL of the
     * host.
     */
    @Override
    public boolean isIdempotent() {
        return steps.isIdempotent();
    }

    private GroupWriter<T> writer() {
        GroupWriter<T> opened = writer;
        if (opened == null) {
            throw new IllegalStateException("The sink is not open");
        }
        return opened;
    }

    /** Names the tables, in the order in which they are written. */
    @Override
    public String toString() {
        return "PostgresSink[" + steps + "]";
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
         * Names the schema of the tables that name none themselves, {@code consumer_offsets} and {@code dead_letters}
         * among them.
         *
         * @param schemaName its name (default: the connection's search path finds the tables)
         * @return this
         */
        public Builder<T> schema(String schemaName) {
            this.schema = Optional.of(Identifier.check("schema", schemaName));
            return this;
        }

        /**
         * Sets how long a statement waits for a lock.
         *
         * @param duration 1 ms or more (default: 10 s)
         * @return this
         */
        public Builder<T> lockTimeout(Duration duration) {
            this.timeouts = timeouts.withLock(duration);
            return this;
        }

        /**
         * Sets how long a statement may run. A server that has not answered 15 s later is given up.
         *
         * @param duration 1 ms or more (default: 30 s)
         * @return this
         */
        public Builder<T> statementTimeout(Duration duration) {
            this.timeouts = timeouts.withStatement(duration);
            return this;
        }

        /**
         * Sets how long the server lets a transaction wait for its client, for example one that is suspended, before it
         * ends the session.
         *
         * @param duration 1 ms or more (default: 20 s)
         * @return this
         */
        public Builder<T> idleInTransactionTimeout(Duration duration) {
            this.timeouts = timeouts.withIdle(duration);
            return this;
        }

        /**
         * Completes the values of each batch, before its transaction begins; all steps see the completed ones. In a
         * replay of dead letters it is called while their transaction waits, for up to the
         * {@linkplain #idleInTransactionTimeout}.
         *
         * @param complete completes values (default: they stay as they are)
         * @return this
         */
        public Builder<T> enrich(Enricher<T> complete) {
            this.enricher = requireNonNull(complete, "complete");
            return this;
        }

        /**
         * Inserts the rows of a dimension that are not there yet, so that the tables of the steps that follow can refer
         * to them by their {@linkplain Dimension#number() numbers}. A number is drawn only for a key that is not found.
         *
         * <p>The numbers of up to 100,000 keys are remembered once they are committed, and looked up again where the
         * database does not confirm them in the transaction that uses them.
         *
         * @param dimension the dimension, given to one step only
         * @param rows the rows that the following steps make of a delivery refer to, in any order and as often as they
         *     come
         * @param <R> the type of the rows
         * @return this
         */
        public <R> Builder<T> insertMissing(Dimension<R> dimension, Function<? super Delivery<T>, Stream<R>> rows) {
            requireNonNull(dimension, "dimension");
            requireNonNull(rows, "rows");
            steps.add(defaultSchema -> new InsertMissing<>(dimension, rows, defaultSchema));
            return this;
        }

        /**
         * Inserts a row for each delivery, unless its key is there already. Such duplicates are dropped: only what was
         * really inserted reaches the steps that follow, up to the hooks, which see the whole batch.
         *
         * @param table a table of keys and kept columns only
         * @return this
         */
        public Builder<T> insertOnce(PostgresTable<Delivery<T>> table) {
            requireInsertOnly("insertOnce", table);
            steps.add(defaultSchema -> new InsertOnce<>(table, defaultSchema));
            return this;
        }

        /**
         * Inserts a row for each delivery, whatever is there: for a table without a primary key or unique index of its
         * keys. Each record is still applied exactly once, since its position moves in the same transaction; but what a
         * producer has sent twice, or an operator reads again, is in the table twice, and in the steps that follow.
         *
         * @param table a table of keys and kept columns only; the keys tell nothing apart
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
         * Folds the deliveries and merges the results into a table.
         *
         * @param aggregator makes keyed results of deliveries
         * @param table the table of these results, whose key tells them apart
         * @param <K> the type of the keys
         * @param <A> the type of the results
         * @return this
         */
        public <K, A> Builder<T> fold(Aggregator<T, K, A> aggregator, PostgresTable<A> table) {
            requireNonNull(aggregator, "aggregator");
            requireNonNull(table, "table");
            steps.add(defaultSchema -> new Fold<>(aggregator, table, defaultSchema));
            return this;
        }

        /**
         * Replaces the state of groups by newer ones.
         *
         * @param set the tables of heads and members
         * @return this
         */
        public Builder<T> replaceNewestSet(NewestSet<T> set) {
            steps.add(requireNonNull(set, "set")::step);
            return this;
        }

        /**
         * Runs a host's own SQL in the transaction.
         *
         * @param hook what to do
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
         * @throws IllegalArgumentException if a table refers to a dimension that no step before inserts, or two steps
         *     insert the same one
         */
        public PostgresSink<T> build() {
            return new PostgresSink<>(this);
        }
    }
}
