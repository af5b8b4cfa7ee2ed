package io.gpufleet.telemetry.jdbc;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A table declared by its written columns. Each has a name, a type, a source of values, and a merge of a stored value
 * with a new one.
 *
 * <pre>{@code
 * PostgresTable.<TopicDay>builder("topic_days")
 *         .key("topic", ColumnType.TEXT, TopicDay::topic)
 *         .key("day", ColumnType.DATE, TopicDay::day)
 *         .sum("records", ColumnType.BIGINT, TopicDay::records)
 *         .max("newest", ColumnType.TIMESTAMPTZ, TopicDay::newest)
 *         .newestBy("newest", "last_state", ColumnType.TEXT, TopicDay::state)
 *         .updatedAt("updated_at")
 *         .build();
 * }</pre>
 *
 * <p>The merges are associative and commutative, so the rows do not depend on the order and grouping of the batches;
 * null is neutral. The keys are the columns of the primary key or of a unique index. Columns that are not declared must
 * have a default, be generated, or allow nulls. Immutable.
 *
 * @param <R> the type of the rows
 */
public final class PostgresTable<R> {
    private final String name;
    private final Optional<String> schema;
    private final List<Column<R>> columns;
    private final Optional<String> updatedAt;
    private final Optional<PartitionKey<R>> partitionKey;
    private final boolean keyUnique;
    private final boolean compactedByHour;

    private PostgresTable(Builder<R> builder) {
        this.name = builder.name;
        this.schema = builder.schema;
        this.columns = List.copyOf(builder.columns);
        this.updatedAt = builder.updatedAt;
        this.partitionKey = builder.partitionKey;
        this.keyUnique = true;
        this.compactedByHour = builder.compactedByHour;
    }

    private PostgresTable(PostgresTable<R> keyed) {
        this.name = keyed.name;
        this.schema = keyed.schema;
        this.columns = keyed.columns;
        this.updatedAt = keyed.updatedAt;
        this.partitionKey = keyed.partitionKey;
        this.keyUnique = false;
        this.compactedByHour = keyed.compactedByHour;
    }

    /**
     * Starts a table without columns.
     *
     * @param name the table's name, without its schema, as the database stores it (lower case, unless it was created in
     *     quotes)
     * @param <R> the type of the rows
     * @return a builder
     */
    public static <R> Builder<R> builder(String name) {
        return new Builder<>(name);
    }

    /**
     * Returns the table's name.
     *
     * @return the name without a schema
     */
    public String name() {
        return name;
    }

    Optional<String> schema() {
        return schema;
    }

    List<Column<R>> columns() {
        return columns;
    }

    List<Column<R>> columns(Merge.Kind kind) {
        return columns.stream().filter(column -> column.is(kind)).toList();
    }

    Optional<String> updatedAt() {
        return updatedAt;
    }

    Optional<PartitionKey<R>> partitionKey() {
        return partitionKey;
    }

    /** Refuses a column that refers to a dimension outside of a set. */
    void requireDimensions(Set<Dimension<?>> inserted) {
        for (Column<R> column : columns) {
            column.type()
                    .dimension()
                    .filter(needed -> !inserted.contains(needed))
                    .ifPresent(missing -> {
                        throw new IllegalArgumentException(this + ": column \"" + column.name() + "\" refers to "
                                + missing + ", whose rows no earlier step inserts; declare insertMissing for it first");
                    });
        }
    }

    /**
     * Returns which columns a statement may leave out if they are null in all rows: those whose expression says first
     * that a null changes nothing. Others may depend on further columns.
     */
    BitSet optionalColumns() {
        BitSet optional = new BitSet();
        IntStream.range(0, columns.size())
                .filter(column -> isNullNeutral(columns.get(column)))
                .forEach(optional::set);
        return optional;
    }

    private static boolean isNullNeutral(Column<?> column) {
        return column.is(Merge.Kind.EXPRESSION)
                && column.merge().version().startsWith("CASE WHEN excluded." + column.name() + " IS NOT NULL AND ");
    }

    /** Returns the same table without some columns, none of them a key. */
    PostgresTable<R> without(BitSet left) {
        Builder<R> other = new Builder<>(name);
        schema.ifPresent(other::schema);
        updatedAt.ifPresent(other::updatedAt);
        other.partitionKey = partitionKey;
        IntStream.range(0, columns.size())
                .filter(column -> !left.get(column))
                .forEach(column -> other.columns.add(columns.get(column)));
        return other.build();
    }

    /** Returns the same table, but rows with the same key may repeat. */
    PostgresTable<R> withoutUniqueKey() {
        return new PostgresTable<>(this);
    }

    /** Returns the same table for rows that each contain such a row, with further columns. */
    <S> PostgresTable<S> of(Function<? super S, ? extends R> part, List<Column<S>> more) {
        Builder<S> other = new Builder<>(name);
        schema.ifPresent(other::schema);
        updatedAt.ifPresent(other::updatedAt);
        columns.forEach(column -> other.columns.add(column.of(part)));
        other.columns.addAll(more);
        return other.build();
    }

    /** Returns the names of the columns that are newest by a version, in their order. */
    List<String> columnsNewestBy(String version) {
        return columns.stream()
                .filter(column -> column.is(Merge.Kind.NEWEST_BY)
                        && column.merge().version().equals(version))
                .map(Column::name)
                .toList();
    }

    /** Returns whether the key identifies a row. */
    boolean isKeyUnique() {
        return keyUnique;
    }

    /** Returns whether rows of some days may lie in pieces of an hour. */
    boolean isCompactedByHour() {
        return compactedByHour;
    }

    /** Returns whether a row can be merged twice without effect. */
    boolean isRepeatable() {
        return columns.stream().noneMatch(column -> column.is(Merge.Kind.SUM) || column.is(Merge.Kind.SATURATING_SUM));
    }

    /** Returns whether a row never changes after its insert. */
    boolean isInsertOnly() {
        return columns.stream().allMatch(column -> column.is(Merge.Kind.KEY) || column.is(Merge.Kind.KEEP));
    }

    /**
     * Returns the column that decides whether a row is replaced as a whole: the only maximum, if all other columns are
     * keys, kept, or newest by it.
     */
    Optional<Column<R>> version() {
        List<Column<R>> versions = columns(Merge.Kind.MAX);
        boolean whole = versions.size() == 1
                && columns.stream()
                        .allMatch(column -> column.is(Merge.Kind.KEY)
                                || column.is(Merge.Kind.KEEP)
                                || column.is(Merge.Kind.MAX)
                                || column.is(Merge.Kind.NEWEST_BY));
        return whole ? Optional.of(versions.get(0)) : Optional.empty();
    }

    @Override
    public String toString() {
        return "table " + Identifier.qualify(schema, name);
    }

    /**
     * Collects the columns of a {@link PostgresTable}. Not thread-safe.
     *
     * @param <R> the type of the rows
     */
    public static final class Builder<R> {
        private final String name;
        private final List<Column<R>> columns = new ArrayList<>();
        private Optional<String> schema = Optional.empty();
        private Optional<String> updatedAt = Optional.empty();
        private Optional<PartitionKey<R>> partitionKey = Optional.empty();
        private boolean compactedByHour;

        private Builder(String name) {
            this.name = Identifier.check("table", name);
        }

        /**
         * Sets the schema of the table.
         *
         * @param schemaName its name (default: the sink's schema)
         * @return this
         */
        public Builder<R> schema(String schemaName) {
            this.schema = Optional.of(Identifier.check("schema", schemaName));
            return this;
        }

        /**
         * Adds a key column; all key columns together identify a row.
         *
         * @param column its name
         * @param type its type
         * @param value its value of a row, not null
         * @param <V> the class of the values
         * @return this
         * @throws IllegalArgumentException if the type is an array or {@link ColumnType#JSONB}
         */
        public <V> Builder<R> key(String column, ColumnType<V> type, Function<? super R, ? extends V> value) {
            require("key", column, type, requireNonNull(type, "type").isForKeys());
            return add(column, type, Merge.of(Merge.Kind.KEY), value);
        }

        /**
         * Adds a {@code timestamptz} key column by whose UTC day the table may be partitioned. If it is, the sink
         * creates the missing days, whatever the step, and does not write rows of days that are no longer kept: see
         * {@link PostgresSink}.
         *
         * @param column its name
         * @param time its value of a row, not null
         * @param retentionTable a table for this one alone, in the same schema, whose column {@code kept_from} holds
         *     the first day that is kept; the transaction that drops days raises it, as {@link RetentionJob} does
         * @return this
         */
        public Builder<R> partitionKey(String column, Function<? super R, Instant> time, String retentionTable) {
            this.partitionKey =
                    Optional.of(new PartitionKey<>(column, time, Identifier.check("retentionTable", retentionTable)));
            return key(column, ColumnType.TIMESTAMPTZ, time);
        }

        /**
         * Says that rows of past days may be moved into pieces: arrays of the rows that share a UTC hour and the first
         * key. {@link PostgresSink.Builder#insertOnce(PostgresTable) insertOnce} looks for keys in the pieces, too;
         * {@code fold} and {@code recompute} copy the rows that they change out of them first. No other step takes such
         * a table.
         *
         * <p>For a table {@code t}, the schema has
         *
         * <ul>
         *   <li>{@code t_compaction} with the key {@code day date}: the days that may have pieces. The transaction that
         *       adds one keeps writers out with a {@code SHARE ROW EXCLUSIVE} lock on the retention table.
         *   <li>{@code t_hour} with a key of the first key column of {@code t} and {@code hour timestamptz}: rows for
         *       locks. A writer inserts the missing ones, and holds a share lock on the hours of its rows from before
         *       the look-up until it commits; the transaction that rewrites an hour locks its row first.
         *   <li>for {@code insertOnce}, {@code t_compacted}, a function of all keys of {@code t} in their order. It
         *       returns the value of the compared column in the piece with this key, and no row if there is none. It
         *       reads {@code t_piece} and {@code t_times}.
         *   <li>for {@code fold} and {@code recompute}, {@code t_unpacked}, a view of the rows in pieces: all columns
         *       of {@code t}, and {@code hour timestamptz}; and {@code t_picked}, a view of the same rows, which is
         *       read for few rows of an hour. A row of {@code t} hides that of a piece with the same key.
         * </ul>
         *
         * @return this
         */
        public Builder<R> compactedByHour() {
            this.compactedByHour = true;
            return this;
        }

        /**
         * Adds a column that is set when the row is inserted and never changed.
         *
         * @param column its name
         * @param type its type
         * @param value its value of a row
         * @param <V> the class of the values
         * @return this
         */
        public <V> Builder<R> keep(
                String column, ColumnType<V> type, Function<? super R, ? extends @Nullable V> value) {
            return add(column, type, Merge.of(Merge.Kind.KEEP), value);
        }

        /**
         * Adds a column that holds a sum. The write fails if a sum exceeds the limit of the type.
         *
         * @param column its name
         * @param type an integer type or {@link ColumnType#NUMERIC}
         * @param value its value of a row
         * @param <V> the class of the values
         * @return this
         * @throws IllegalArgumentException if the sum of such values depends on their order
         */
        public <V> Builder<R> sum(String column, ColumnType<V> type, Function<? super R, ? extends @Nullable V> value) {
            requireNonNull(column, "column");
            if (!requireNonNull(type, "type").hasSums()) {
                throw new IllegalArgumentException("sum: column \"" + column + "\" is " + type
                        + ", whose sum is not exact in any order; sum an integer type or numeric");
            }
            return add(column, type, Merge.of(Merge.Kind.SUM), value);
        }

        /**
         * Adds a column that holds a sum and stops at the largest value of the type.
         *
         * @param column its name
         * @param type an integer type
         * @param value its value of a row, 0 or more
         * @param <V> the class of the values
         * @return this
         * @throws IllegalArgumentException if the type has no largest value
         */
        public <V> Builder<R> saturatingSum(
                String column, ColumnType<V> type, Function<? super R, ? extends @Nullable V> value) {
            requireNonNull(column, "column");
            if (requireNonNull(type, "type").largest().isEmpty()) {
                throw new IllegalArgumentException(
                        "saturatingSum: column \"" + column + "\" is " + type + ", which is not an integer type");
            }
            return add(column, type, Merge.of(Merge.Kind.SATURATING_SUM), value);
        }

        /**
         * Adds a column that holds the smallest value seen.
         *
         * @param column its name
         * @param type its type
         * @param value its value of a row
         * @param <V> the class of the values
         * @return this
         * @throws IllegalArgumentException if the type is an array, {@link ColumnType#JSONB}, or the number of a
         *     dimension
         */
        public <V> Builder<R> min(String column, ColumnType<V> type, Function<? super R, ? extends @Nullable V> value) {
            requireOrder("min", column, type);
            return add(column, type, Merge.of(Merge.Kind.MIN), value);
        }

        /**
         * Adds a column that holds the largest value seen.
         *
         * @param column its name
         * @param type its type
         * @param value its value of a row
         * @param <V> the class of the values
         * @return this
         * @throws IllegalArgumentException if the type is an array, {@link ColumnType#JSONB}, or the number of a
         *     dimension
         */
        public <V> Builder<R> max(String column, ColumnType<V> type, Function<? super R, ? extends @Nullable V> value) {
            requireOrder("max", column, type);
            return add(column, type, Merge.of(Merge.Kind.MAX), value);
        }

        /**
         * Adds a column that holds the value of the newest row: the row with the largest version. Of rows with the same
         * version, the one with the larger values counts, whatever their order: all columns that are newest by the
         * version are compared as one row, in the order of their declaration, each by its bytes in the database (text
         * by the code points of its characters). An aggregator that merges such rows must decide in the same way, or
         * the result depends on how records fall into batches.
         *
         * @param version the column with the version, declared with {@link #max}
         * @param column its name
         * @param type its type
         * @param value its value of a row
         * @param <V> the class of the values
         * @return this
         */
        public <V> Builder<R> newestBy(
                String version, String column, ColumnType<V> type, Function<? super R, ? extends @Nullable V> value) {
            return add(column, type, Merge.newestBy(Identifier.check("version", version)), value);
        }

        /**
         * Adds a column that holds the largest version at which some columns, which are newest by that version, had
         * other values than they have now; null if there was none. A time of the values that are newest in the end
         * cannot get in: it is not later than the version of the other values that were merged with it, and these are
         * other ones in the end, too.
         *
         * <pre>{@code
         * .max("last_seen", ColumnType.TIMESTAMPTZ, Gpu::lastSeen)
         * .newestBy("last_seen", "hostname", ColumnType.TEXT, Gpu::hostname)
         * .otherBy("last_seen", "moved_at", List.of("hostname"), ColumnType.TIMESTAMPTZ, Gpu::movedAt)
         * }</pre>
         *
         * @param version the column with the version, declared with {@link #max}
         * @param column its name
         * @param of the columns, declared with {@link #newestBy} and this version
         * @param type its type, which is that of the version
         * @param value its value of a row; null if the row's values had no others before
         * @param <V> the class of the values
         * @return this
         */
        public <V> Builder<R> otherBy(
                String version,
                String column,
                List<String> of,
                ColumnType<V> type,
                Function<? super R, ? extends @Nullable V> value) {
            requireOrder("otherBy", column, type);
            return add(column, type, Merge.otherBy(Identifier.check("version", version), of), value);
        }

        /**
         * Adds a column with a merge of the host's own. For rows that do not depend on the order and grouping of the
         * batches, it must be associative and commutative; for a sink that stores the good values of a record whose
         * others are refused, merging a value twice must not change the result. Null should be neutral. A statement
         * leaves out a column that is null in all of its rows if its expression begins with {@code CASE WHEN
         * excluded.<column> IS NOT NULL AND}.
         *
         * @param column its name
         * @param type its type
         * @param value its value of a row
         * @param expression an SQL expression of the merged value, in which {@code t} is the stored row and
         *     {@code excluded} the new one, for example {@code coalesce(t.owner, excluded.owner)}
         * @param <V> the class of the values
         * @return this
         */
        public <V> Builder<R> merge(
                String column,
                ColumnType<V> type,
                Function<? super R, ? extends @Nullable V> value,
                String expression) {
            return add(column, type, Merge.by(requireNonNull(expression, "expression")), value);
        }

        /**
         * Sets a column that takes the time of the transaction whenever a row is updated.
         *
         * @param column a {@code timestamptz} column with the default {@code now()} (default: none)
         * @return this
         */
        public Builder<R> updatedAt(String column) {
            this.updatedAt = Optional.of(Identifier.check("column", column));
            return this;
        }

        private static void requireOrder(String method, String column, ColumnType<?> type) {
            require(method, column, type, requireNonNull(type, "type").isOrdered());
        }

        private static void require(String method, String column, ColumnType<?> type, boolean fits) {
            requireNonNull(column, "column");
            if (!fits) {
                throw new IllegalArgumentException(method + ": column \"" + column + "\" is " + type
                        + ", which cannot be compared or merged; declare it with keep or newestBy");
            }
        }

        private <V> Builder<R> add(
                String column, ColumnType<V> type, Merge merge, Function<? super R, ? extends @Nullable V> value) {
            requireNonNull(type, "type");
            requireNonNull(value, "value");
            if (columns.stream().anyMatch(other -> other.name().equals(column))) {
                throw new IllegalArgumentException("column \"" + column + "\" is declared already");
            }
            columns.add(new Column<>(
                    Identifier.check("column", column),
                    type,
                    merge,
                    (rows, numbers) -> type.encode(rows, value, numbers)));
            return this;
        }

        /**
         * Builds the table.
         *
         * @return an immutable table
         * @throws IllegalArgumentException if there is no key, a version is not declared with {@link #max}, a column
         *     that {@link #otherBy} names is not newest by its version, or rows are compacted by hour without a
         *     partition key after another key
         */
        public PostgresTable<R> build() {
            if (columns.stream().noneMatch(column -> column.is(Merge.Kind.KEY))) {
                throw new IllegalArgumentException(
                        "table \"" + name
                                + "\" has no key; declare one or more columns with key, which need not be unique for insertAll");
            }
            requireHours();
            columns.stream()
                    .filter(column -> column.is(Merge.Kind.NEWEST_BY) || column.is(Merge.Kind.OTHER_BY))
                    .forEach(this::checkVersion);
            return new PostgresTable<>(this);
        }

        private void requireHours() {
            if (compactedByHour && !hasTimeAfterFirstKey()) {
                throw new IllegalArgumentException("table \"" + name
                        + "\" is compacted by hour; declare a key first, then the time with partitionKey");
            }
        }

        private boolean hasTimeAfterFirstKey() {
            return partitionKey.isPresent()
                    && columns.stream()
                            .filter(column -> column.is(Merge.Kind.KEY))
                            .findFirst()
                            .filter(first ->
                                    !first.name().equals(partitionKey.get().column()))
                            .isPresent();
        }

        /**
         * Builds the table of kept columns whose key is a hash of these columns.
         *
         * @throws IllegalArgumentException if a column is not kept
         */
        PostgresTable<R> buildContents(String key) {
            if (columns.isEmpty() || columns.stream().anyMatch(column -> !column.is(Merge.Kind.KEEP))) {
                throw new IllegalArgumentException(
                        "table \"" + name + "\": declare its contents with keep, and nothing else");
            }
            List<Column<R>> contents = List.copyOf(columns);
            columns.add(
                    0,
                    new Column<>(
                            key,
                            ColumnType.BIGINT,
                            Merge.of(Merge.Kind.KEY),
                            (rows, numbers) -> WireColumn.of(
                                    WireType.INT8,
                                    ContentHash.of(contents, rows, numbers).numbers())));
            return build();
        }

        private void checkVersion(Column<R> newest) {
            String version = newest.merge().version();
            if (columns.stream().noneMatch(c -> c.is(Merge.Kind.MAX) && c.name().equals(version))) {
                throw new IllegalArgumentException("column \"" + newest.name() + "\" is newest by \"" + version
                        + "\", which is not declared with max");
            }
            newest.merge().of().forEach(other -> checkNewest(newest, other));
        }

        private void checkNewest(Column<R> column, String other) {
            if (columns.stream()
                    .noneMatch(c -> c.name().equals(other)
                            && c.merge().equals(Merge.newestBy(column.merge().version())))) {
                throw new IllegalArgumentException("column \"" + column.name() + "\" is of \"" + other
                        + "\", which is not declared with newestBy(\""
                        + column.merge().version() + "\", …)");
            }
        }
    }
}
