package io.gpufleet.telemetry.jdbc.gpu;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.Decoder;
import io.gpufleet.telemetry.RetryPolicy;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.Validator;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSampleValidator;
import io.gpufleet.telemetry.internal.RecordReader;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import javax.sql.DataSource;

/**
 * The move of samples from old tables, which have a row for each sample, exactly once: through the decoder, the
 * validator and the sink of a consumer, also while the old consumer still writes.
 *
 * <pre>{@code
 * SampleTables tables = SampleTables.builder(dataSource, GpuSampleSink.create(dataSource), SampleJsonDecoder.create())
 *         .build();
 * SampleTables.Moved moved = tables.move("public.gpu_telemetry");
 * }</pre>
 *
 * <p>An old table has a column for an id, a time, a metric, a value and a UUID, and any for the other fields of a
 * sample and for its labels; partitions of any kind are read by their parent. It may lie in another
 * {@linkplain Builder#source database}. Its rows are handed to the decoder as JSON, one by one:
 *
 * <pre>{@code
 * {"timestamp":"2026-03-01T12:00:00.000000Z","metric_name":"DCGM_FI_DEV_GPU_TEMP","value":"41","uuid":"GPU-…",
 *  "gpu_id":"0","device":"nvidia0","modelName":"NVIDIA H100","Hostname":"node-031","labels_raw":{"job":"dgx"}}
 * }</pre>
 *
 * <p>The table is read by UTC hours, each in one snapshot, in the order of time and id: of several rows with one key
 * the first one is stored, unless its sample was stored before. What became of the rows, and the position behind them,
 * is stored with them in one transaction, in {@code sample_table_moves}. A move that was ended goes on behind its last
 * rows; if it was not, nothing is read again. Ids say nothing about what was read, since they commit in any order:
 * where the number of rows of an hour, or the hash of their ids and of all that makes their samples, labels included,
 * is not what it was, the hour is read again. Then the move {@linkplain #compare proves itself} for the days that were
 * read and are not proved yet, also by a move that was ended, and reads those once more that lack samples.
 *
 * <p>While a database fails for a time, the move waits and retries, and goes on where its position is then.
 *
 * <p>Every row ends as one of {@link Counts}; rejected rows are named and stay in the old table, no dead letter is
 * stored. Those that the sink refused, though they are samples, are kept in {@code sample_table_moves} by a hash, so
 * that the comparison leaves them out. Samples of any age are taken, and no position or watermark of a topic is read or
 * moved. An index on the time of the old table is needed unless it is small. Its memory does not grow with the table,
 * only with the number of hours and of GPUs, metrics and labels of a day. Needs {@code SELECT} on the old table, the
 * right to {@code SELECT, INSERT, UPDATE} on {@code sample_table_moves}, {@code SELECT} on {@code gpu_telemetry} and
 * {@code gpu_sample_retention}, the rights of the sink, and two connections. Thread-safe; two moves of one table at
 * once hinder each other, and one of them ends with an exception.
 */
public final class SampleTables {
    private final Builder options;
    private final RecordReader<GpuSample> reader;

    private SampleTables(Builder builder) {
        this.options = builder.copy();
        this.reader = new RecordReader<>(
                builder.decoder, (sample, record) -> Optional.of(sample.time()), builder.validator, true);
    }

    /**
     * Returns a builder with the defaults.
     *
     * @param dataSource the source of connections to the database of the sink, usually a pool
     * @param sink a sink of samples, with the options of the consumer's; it need not be open
     * @param decoder the decoder of the rows: {@code SampleJsonDecoder.create()}, or one with options
     * @return a builder
     * @throws IllegalArgumentException if the sink is not {@linkplain PostgresSink#isIdempotent() idempotent}: hours
     *     are read again when rows come late
     */
    public static Builder builder(DataSource dataSource, PostgresSink<GpuSample> sink, Decoder<GpuSample> decoder) {
        return new Builder(dataSource, sink, decoder);
    }

    /**
     * The numbers of rows that were read, by what became of them: each is one of these. Immutable.
     *
     * @param stored the samples that were stored
     * @param duplicates the rows whose sample was stored already, with the same value
     * @param conflicts the rows whose sample was stored already, with another value, which stays
     * @param noValue the rows without a value: NaN, or a code of DCGM
     * @param rejected the rows that are no sample of a GPU, or none that can be, or that the sink refuses
     * @param beyondRetention the rows of days before the first one that is kept
     */
    public record Counts(
            long stored, long duplicates, long conflicts, long noValue, long rejected, long beyondRetention) {
        static final Counts NONE = new Counts(0, 0, 0, 0, 0, 0);

        /**
         * Returns the counts of rows.
         *
         * @throws TelemetryException if they are not as many
         */
        static Counts of(long rows, Counts counts) {
            if (counts.read() != rows) {
                throw new TelemetryException("numbers do not add up: " + rows + " rows were read, but " + counts.read()
                        + " are known: " + counts);
            }
            return counts;
        }

        /**
         * Returns the number of rows that were read.
         *
         * @return the sum of all
         */
        public long read() {
            return stored + duplicates + conflicts + noValue + rejected + beyondRetention;
        }

        Counts plus(Counts other) {
            return new Counts(
                    stored + other.stored,
                    duplicates + other.duplicates,
                    conflicts + other.conflicts,
                    noValue + other.noValue,
                    rejected + other.rejected,
                    beyondRetention + other.beyondRetention);
        }
    }

    /**
     * The outcome of a move. Immutable.
     *
     * @param total the numbers of all rows of this move and of earlier ones of the table, as if each hour had been read
     *     once
     * @param run the numbers of the rows of this move alone; one that was read again is a duplicate
     * @param reasons the reasons against the first {@value #MOST_REASONS} rows that this move has rejected, with their
     *     ids
     * @param comparison the comparison of the days that this move has read, and of those that an earlier one has read
     *     and not proved
     * @param openHours the hours that got rows during each of several passes, and that a next move reads
     */
    public record Moved(Counts total, Counts run, List<String> reasons, Comparison comparison, int openHours) {
        /** The largest number of reasons. */
        public static final int MOST_REASONS = 1_000;

        /**
         * Copies the list.
         *
         * @param total as the component
         * @param run as the component
         * @param reasons as the component
         * @param comparison as the component
         * @param openHours as the component
         */
        public Moved {
            requireNonNull(total, "total");
            requireNonNull(run, "run");
            requireNonNull(comparison, "comparison");
            reasons = List.copyOf(reasons);
        }
    }

    /**
     * A comparison of samples by GPU, metric and UTC day: those that the rows of the old table mean, each key counted
     * once, and those that are stored. Rows that the sink refused when they were moved are left out, and named.
     * Immutable.
     *
     * @param compared how many GPUs, metrics and days were compared
     * @param lacking how many of them have fewer samples than the old table
     * @param relabelled how many of them have samples that lack a label of the old table, or have another value of it
     * @param differences the first {@value #MOST_DIFFERENCES} of those whose numbers differ, lacking ones first in each
     *     day
     * @param refused how many rows are left out, since the sink refused them when they were moved: a day too far ahead,
     *     a value against a rule of the table
     * @param refusals the reasons against the first {@value #MOST_DIFFERENCES} of them, with their ids
     */
    public record Comparison(
            long compared,
            long lacking,
            long relabelled,
            List<Difference> differences,
            long refused,
            List<String> refusals) {
        /** The largest number of differences, and of refused rows, that are named. */
        public static final int MOST_DIFFERENCES = 1_000;

        /**
         * Copies the lists.
         *
         * @param compared as the component
         * @param lacking as the component
         * @param relabelled as the component
         * @param differences as the component
         * @param refused as the component
         * @param refusals as the component
         */
        public Comparison {
            differences = List.copyOf(differences);
            refusals = List.copyOf(refusals);
        }

        /**
         * Returns whether no sample is lacking, but for refused ones, and none lacks a label. More samples than in the
         * old table may be stored, and more labels, from a topic or from files.
         *
         * @return true if none is
         */
        public boolean holds() {
            return lacking == 0 && relabelled == 0;
        }
    }

    /**
     * A GPU, metric and day with other numbers of samples, or other labels. Immutable.
     *
     * @param day a UTC day
     * @param uuid the UUID of a GPU
     * @param metric the name of a metric
     * @param old the number of samples in the old table
     * @param stored the number of stored samples
     * @param unlike how many samples of the old table have a label that none of the stored ones has for them
     */
    public record Difference(LocalDate day, String uuid, String metric, long old, long stored, long unlike) {
        /** Returns the difference in one sentence. */
        @Override
        public String toString() {
            return uuid + ' ' + metric + ' ' + day + ": " + old + (old == 1 ? " sample" : " samples")
                    + " in the old table, " + stored + " stored"
                    + (unlike == 0 ? "" : ", " + unlike + " of them without labels of the old table");
        }
    }

    /**
     * Moves the samples of a table, or those that are not moved yet.
     *
     * @param table the name of the old table, with its schema or without
     * @return the outcome
     * @throws IllegalArgumentException if the name cannot be that of a table of the database
     * @throws TelemetryException if the table is not there, or has not the columns that are needed
     * @throws SinkException if a database fails for longer than it is retried, or at the beginning; the next move goes
     *     on behind the last rows that are stored
     */
    public Moved move(String table) {
        return new TableMove(MoveSides.of(options, reader, requireNonNull(table, "table"))).run();
    }

    /**
     * Compares the samples of all days with those that are stored, and reads the whole old table for it. Days before
     * the first one that is kept are left out. Nothing is changed.
     *
     * @param table the name of the old table, with its schema or without
     * @return the comparison
     * @throws IllegalArgumentException if the name cannot be that of a table of the database
     * @throws TelemetryException if the table is not there, or has not the columns that are needed
     * @throws SinkException if a database fails for longer than it is retried, or at the beginning
     */
    public Comparison compare(String table) {
        return new TableMove(MoveSides.of(options, reader, requireNonNull(table, "table"))).compare();
    }

    /** Collects the options of {@link SampleTables}. Not thread-safe. */
    public static final class Builder {
        private static final int MOST_ROWS = 100_000;
        private static final int LARGEST_MOST_DAYS = 36_500;

        final DataSource dataSource;
        final PostgresSink<GpuSample> sink;
        final Decoder<GpuSample> decoder;
        final Map<String, String> columns = new HashMap<>();
        DataSource source;
        Optional<String> schema = Optional.empty();
        Optional<String> name = Optional.empty();
        Validator<GpuSample> validator = GpuSampleValidator.builder().anyAge().build();
        int chunkRows = 10_000;
        int mostDays = 3_660;
        RetryPolicy retry = RetryPolicy.defaults();
        int maxAttempts = 60;
        Consumer<? super Counts> progress = counts -> {};

        private Builder(DataSource dataSource, PostgresSink<GpuSample> sink, Decoder<GpuSample> decoder) {
            this.dataSource = requireNonNull(dataSource, "dataSource");
            this.source = dataSource;
            this.sink = requireNonNull(sink, "sink");
            this.decoder = requireNonNull(decoder, "decoder");
            if (!sink.isIdempotent()) {
                throw new IllegalArgumentException("sink: " + sink + " is not idempotent; a sink without hooks and"
                        + " sums, such as GpuSampleSink, is needed");
            }
            if (sink.dependsOnRecords()) {
                throw new IllegalArgumentException("sink: " + sink + " joins the samples of a scrape, which the rows of"
                        + " a table are not; allowed: wide rows of a grid (WideRows.inGrid), or of equal times"
                        + " (WideRows.ofMessages(Duration.ZERO))");
            }
        }

        private Builder copy() {
            Builder copy = new Builder(dataSource, sink, decoder);
            copy.columns.putAll(columns);
            copy.source = source;
            copy.schema = schema;
            copy.name = name;
            copy.validator = validator;
            copy.chunkRows = chunkRows;
            copy.mostDays = mostDays;
            copy.retry = retry;
            copy.maxAttempts = maxAttempts;
            copy.progress = progress;
            return copy;
        }

        /**
         * Sets the source of connections to the old tables.
         *
         * @param old a source, which is only read (default: that of the sink)
         * @return this
         */
        public Builder source(DataSource old) {
            this.source = requireNonNull(old, "old");
            return this;
        }

        /**
         * Sets the schema of the new tables that the move itself uses. The sink has its own setting for the others.
         *
         * @param schemaName its name (default: the connection's search path finds the tables)
         * @return this
         */
        public Builder schema(String schemaName) {
            this.schema = Optional.of(Identifier.check("schema", schemaName));
            return this;
        }

        /**
         * Sets the name under which the progress is kept, for an old table that is read from several addresses or has
         * moved to another server.
         *
         * @param sourceName a name (default: the identifier of the server, or its address if the user may not call
         *     {@code pg_control_system()}, and the database, the schema and the name of the table)
         * @return this
         */
        public Builder sourceName(String sourceName) {
            this.name = Optional.of(requireNonNull(sourceName, "sourceName"));
            return this;
        }

        /**
         * Names the column of a field, where it has not one of the usual names: {@code id}; {@code ts},
         * {@code timestamp} or {@code time}; {@code metric_name} or {@code metric}; {@code metric_value} or
         * {@code value}; {@code uuid} or {@code gpu_uuid}, all of which are needed; {@code gpu_id}, {@code gpu_index}
         * or {@code gpu}; {@code device}; {@code model_name}, {@code modelname} or {@code model}; {@code hostname},
         * {@code host} or {@code node}; {@code container}; {@code pod}; {@code namespace}; {@code pci_bus_id};
         * {@code labels_raw} or {@code labels}. Other columns are not read, unless they are named as labels: any other
         * name than a field's is that of a label, with the text of the column as its value.
         *
         * @param field {@code id}, {@code timestamp}, {@code metric_name}, {@code value}, {@code uuid}, {@code gpu_id},
         *     {@code device}, {@code modelName}, {@code Hostname}, {@code container}, {@code pod}, {@code namespace},
         *     {@code pci_bus_id}, {@code labels_raw}, or the name of a label
         * @param column the name of a column, in its letters
         * @return this
         * @throws IllegalArgumentException if the field has a column already, or if its name is none of a field, but
         *     within one letter of one or in other cases, or {@code ts}, {@code time}, {@code metric},
         *     {@code metric_value} or {@code gpu_uuid}
         */
        public Builder column(String field, String column) {
            FlatColumns.requireFieldOrLabel(requireNonNull(field, "field"));
            String earlier = columns.putIfAbsent(field, requireNonNull(column, "column"));
            if (earlier != null) {
                throw new IllegalArgumentException("column: " + field + " is column " + earlier
                        + " already, and cannot be column " + column + ", too");
            }
            return this;
        }

        /**
         * Sets the validator of the samples.
         *
         * @param rules returns the reasons against a sample (default: a {@link GpuSampleValidator} for any age)
         * @return this
         */
        public Builder validator(Validator<GpuSample> rules) {
            this.validator = requireNonNull(rules, "validator");
            return this;
        }

        /**
         * Sets the most rows of one transaction.
         *
         * @param rowCount 1 to 100,000 (default: 10,000)
         * @return this
         */
        public Builder chunkRows(int rowCount) {
            if (rowCount < 1 || rowCount > MOST_ROWS) {
                throw new IllegalArgumentException("chunkRows: " + rowCount + " is not between 1 and " + MOST_ROWS);
            }
            this.chunkRows = rowCount;
            return this;
        }

        /**
         * Sets the number of day partitions from which no older days are created: samples of these are rejected.
         *
         * @param days 1 to 36,500 (default: 3,660, ten years)
         * @return this
         */
        public Builder mostDays(int days) {
            if (days < 1 || days > LARGEST_MOST_DAYS) {
                throw new IllegalArgumentException("mostDays: " + days + " is not between 1 and " + LARGEST_MOST_DAYS);
            }
            this.mostDays = days;
            return this;
        }

        /**
         * Sets the waits between attempts while a database fails for a time.
         *
         * @param policy the waits (default: {@link RetryPolicy#defaults()})
         * @return this
         */
        public Builder retry(RetryPolicy policy) {
            this.retry = requireNonNull(policy, "retry");
            return this;
        }

        /**
         * Sets the number of attempts for a transaction, or for reading on in an hour, before the move ends. The first
         * look at the old table is tried once, so that a move with a wrong address ends at once.
         *
         * @param attempts 1 or more (default: 60, which is about four minutes of waits)
         * @return this
         */
        public Builder maxAttempts(int attempts) {
            if (attempts < 1) {
                throw new IllegalArgumentException("maxAttempts: " + attempts + " is not 1 or more");
            }
            this.maxAttempts = attempts;
            return this;
        }

        /**
         * Sets a receiver of the progress: the numbers of the rows so far, by their outcome, after each transaction.
         *
         * @param receiver called by the thread of the move; an exception ends the move, and what is stored stays
         *     (default: none)
         * @return this
         */
        public Builder progress(Consumer<? super Counts> receiver) {
            this.progress = requireNonNull(receiver, "progress");
            return this;
        }

        /**
         * Builds the move. Nothing is read yet.
         *
         * @return a thread-safe move
         */
        public SampleTables build() {
            return new SampleTables(this);
        }
    }
}
