package io.gpufleet.telemetry.jdbc.gpu;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.Decoder;
import io.gpufleet.telemetry.RetryPolicy;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.Validator;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSampleValidator;
import io.gpufleet.telemetry.internal.Arguments;
import io.gpufleet.telemetry.internal.RecordReader;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import io.gpufleet.telemetry.jdbc.internal.Pace;
import io.gpufleet.telemetry.jdbc.internal.TransactionTimeouts;
import io.gpufleet.telemetry.jdbc.internal.Transactions;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import javax.sql.DataSource;

/**
 * The import of files of GPU samples, exactly once: CSV, JSON by lines, line protocol, exposition text and the CSV of
 * nvidia-smi, plain or as gzip of any number of members, through the decoder, the validator and the sink of a consumer.
 *
 * <pre>{@code
 * SampleFiles files = SampleFiles.builder(dataSource, GpuSampleSink.create(dataSource), SampleCsvDecoder.create())
 *         .build();
 * SampleFiles.Imported imported = files.importFrom(Path.of("2026-03-01.csv.gz"));
 * }</pre>
 *
 * <p>The rows of a chunk and the position behind them are stored in one transaction, in {@code sample_file_imports}. A
 * file is known by the group and by the checksum of the text that was stored of it: an import that was ended goes on
 * behind its last chunk, also under another name or packed in another way; the same text again changes nothing, unless
 * it comes in {@linkplain Builder#group another group}; of a text that has grown, the rows behind the stored ones are
 * added. If an unfinished import finds another text under the name of its file, it is refused, until {@link #giveUp}
 * gives it up.
 *
 * <p>A last line without an end is not stored, since the rest of it may still come; nor is what is appended during the
 * import. Of gzip that is damaged, the members before the damaged one are stored; to find it, a packed file is unpacked
 * to its end before its rows are read. Refused rows are dead letters of the group, with the numbers of their lines.
 * Samples of any age are taken, and no position or watermark of a topic is read or moved. Needs the right to
 * {@code SELECT, INSERT, UPDATE} on {@code sample_file_imports}, and those of the sink. Thread-safe; two imports of one
 * text at once hinder each other, and one of them ends with an exception; what both have stored is there once.
 *
 * <p>Lines of exposition text and of line protocol may have no time: they get that of the file's last change, or
 * {@link Builder#scrapeTime}. That is true for one scrape only, so a text that has a sample without a time twice is
 * refused, before anything is stored under such a time.
 *
 * <p>While the database fails for a time, the import waits and retries; after a commit whose reply was lost, it finds
 * its position moved. Then the outcome counts the duplicates of that chunk as samples.
 *
 * <p><b>Wide rows.</b> A chunk may end between two rows of one scrape. So rows of CSV, those of nvidia-smi included,
 * need a sink whose wide rows do not depend on messages: {@link WideRows#inGrid a grid}, or
 * {@link WideRows#ofMessages(java.time.Duration) a tolerance} of 0, which joins readings of equal times. A sink that
 * {@linkplain PostgresSink#dependsOnRecords depends on records} is refused for them. A line of JSON is a message, and
 * so is exposition text up to {@code # EOF}, or up to 8 MiB.
 */
public final class SampleFiles {
    private final Transactions transactions;
    private final ImportRows rows;
    private final PostgresSink<GpuSample> sink;
    private final RecordReader<GpuSample> reader;
    private final String group;
    private final int chunkRows;
    private final boolean takesOpen;
    private final int mostDays;
    private final TransactionRetry retry;
    private final Consumer<? super Imported> progress;
    private final Decoder<GpuSample> decoder;
    private final Optional<Instant> scrapeTime;

    private SampleFiles(Builder builder) {
        this.transactions = new Transactions(builder.dataSource, TransactionTimeouts.DEFAULT);
        this.rows = new ImportRows(builder.schema, builder.group);
        this.sink = builder.sink;
        this.reader = new RecordReader<>(
                builder.decoder, (sample, source) -> Optional.of(sample.time()), builder.validator, true);
        this.group = builder.group;
        this.chunkRows = builder.chunkRows;
        this.takesOpen = builder.takesOpen;
        this.mostDays = builder.mostDays;
        this.retry = new TransactionRetry("import", builder.retry, builder.maxAttempts, Pace.ofSystem());
        this.progress = builder.progress;
        this.decoder = builder.decoder;
        this.scrapeTime = builder.scrapeTime;
    }

    /**
     * Returns a builder with the defaults.
     *
     * @param dataSource the source of connections to the database of the sink, usually a pool
     * @param sink a sink of samples, with the options of the consumer's; it need not be open
     * @param decoder the decoder of the files, such as {@code GpuSampleDecoder.detecting()}
     * @return a builder
     * @throws IllegalArgumentException if the sink is not {@linkplain PostgresSink#isIdempotent() idempotent}: parts of
     *     files often stand in several of them
     */
    public static Builder builder(DataSource dataSource, PostgresSink<GpuSample> sink, Decoder<GpuSample> decoder) {
        return new Builder(dataSource, sink, decoder);
    }

    /**
     * The outcome of an import. Immutable.
     *
     * @param before the rows that earlier imports of the group have stored
     * @param refusedBefore the values, or rows that cannot be read, that earlier imports of the group have refused
     * @param rows the rows that were read by this one
     * @param samples the samples that were stored by this one
     * @param duplicates the samples that were stored already, by another file or from a topic
     * @param conflicts how many of these have another value than the stored one, which stays
     * @param noValue the readings without a value: NaN, a code of DCGM, a word of nvidia-smi
     * @param leftOut the rows and fields of other metrics, of labels, and of what is no GPU
     * @param refused the values, or rows that cannot be read, which are dead letters
     * @param reasons the reasons against the first {@value #MOST_REASONS} of them, with the numbers of their lines, and
     *     the conflicts within a chunk; in line protocol, whose times are cut to microseconds, also the duplicates
     *     there
     * @param grownBy the bytes by which the file has grown during the import; the next import takes them
     * @param fault why not all of the file is stored: {@code unexpected end of gzip data after line 7}, gzip data that
     *     is damaged, a last line without an end; absent if all is stored
     */
    public record Imported(
            long before,
            long refusedBefore,
            long rows,
            long samples,
            long duplicates,
            long conflicts,
            long noValue,
            long leftOut,
            long refused,
            List<String> reasons,
            long grownBy,
            Optional<String> fault) {
        /** The largest number of reasons. */
        public static final int MOST_REASONS = 1_000;

        /**
         * Copies the list.
         *
         * @param before as the component
         * @param refusedBefore as the component
         * @param rows as the component
         * @param samples as the component
         * @param duplicates as the component
         * @param conflicts as the component
         * @param noValue as the component
         * @param leftOut as the component
         * @param refused as the component
         * @param reasons as the component
         * @param grownBy as the component
         * @param fault as the component
         */
        public Imported {
            reasons = List.copyOf(reasons);
            requireNonNull(fault, "fault");
        }
    }

    /**
     * Imports a file, or the rest of it.
     *
     * @param file a file
     * @return the outcome
     * @throws TelemetryException if the file cannot be read, if it was another file when its first part was stored, if
     *     it has no known form, if it has several scrapes without times, if its rows cannot be divided for the sink, if
     *     another import stores the same text, or if the thread was interrupted; the chunks before stay stored
     * @throws SinkException if the database fails for longer than it is retried, or at the beginning; the next import
     *     goes on behind the last chunk that is stored
     */
    public Imported importFrom(Path file) {
        requireNonNull(file, "file");
        try {
            return new FileImport(this, file).run();
        } catch (ClosedByInterruptException e) {
            throw new TelemetryException(file + ": import was interrupted", e);
        } catch (NoSuchFileException e) {
            throw new TelemetryException(file + ": no such file", e);
        } catch (IOException e) {
            throw new TelemetryException(file + ": cannot be read: " + e, e);
        }
    }

    /**
     * Gives up the unfinished import under the name of a file, so that another file may come under it. What is stored
     * stays; if the old text comes after all, under any name, it still goes on behind that.
     *
     * @param file the file, which need not exist
     * @return the rows that were stored of it; empty if no import under this name is unfinished, and nothing is changed
     * @throws SinkException if the database fails
     */
    public OptionalLong giveUp(Path file) {
        String path = FileImport.pathOf(requireNonNull(file, "file"));
        return transactions.call(ImportRows.TABLE, connection -> rows.giveUp(connection, path));
    }

    Transactions transactions() {
        return transactions;
    }

    ImportRows rows() {
        return rows;
    }

    PostgresSink<GpuSample> sink() {
        return sink;
    }

    RecordReader<GpuSample> reader() {
        return reader;
    }

    String group() {
        return group;
    }

    int chunkRows() {
        return chunkRows;
    }

    boolean takesOpen() {
        return takesOpen;
    }

    int mostDays() {
        return mostDays;
    }

    TransactionRetry retry() {
        return retry;
    }

    Consumer<? super Imported> progress() {
        return progress;
    }

    Decoder<GpuSample> decoder() {
        return decoder;
    }

    Optional<Instant> scrapeTime() {
        return scrapeTime;
    }

    /** Collects the options of {@link SampleFiles}. Not thread-safe. */
    public static final class Builder {
        private static final int MOST_ROWS = 100_000;
        private static final int LARGEST_MOST_DAYS = 36_500;

        private final DataSource dataSource;
        private final PostgresSink<GpuSample> sink;
        private final Decoder<GpuSample> decoder;
        private Optional<String> schema = Optional.empty();
        private Validator<GpuSample> validator =
                GpuSampleValidator.builder().anyAge().build();
        private String group = "sample-files";
        private int chunkRows = 10_000;
        private boolean takesOpen;
        private int mostDays = 3_660;
        private RetryPolicy retry = RetryPolicy.defaults();
        private int maxAttempts = 60;
        private Consumer<? super Imported> progress = imported -> {};
        private Optional<Instant> scrapeTime = Optional.empty();

        private Builder(DataSource dataSource, PostgresSink<GpuSample> sink, Decoder<GpuSample> decoder) {
            this.dataSource = requireNonNull(dataSource, "dataSource");
            this.sink = requireNonNull(sink, "sink");
            this.decoder = requireNonNull(decoder, "decoder");
            if (!sink.isIdempotent()) {
                throw new IllegalArgumentException("sink: " + sink + " is not idempotent; a sink without hooks and"
                        + " sums, such as GpuSampleSink, is needed");
            }
        }

        /**
         * Sets the schema of {@code sample_file_imports}. The sink has its own setting for the other tables.
         *
         * @param schemaName its name (default: the connection's search path finds the table)
         * @return this
         */
        public Builder schema(String schemaName) {
            this.schema = Optional.of(Identifier.check("schema", schemaName));
            return this;
        }

        /**
         * Sets the validator of the samples. Their records have no timestamp, so that no time is compared with one.
         *
         * @param rules returns the reasons against a sample (default: a {@link GpuSampleValidator})
         * @return this
         */
        public Builder validator(Validator<GpuSample> rules) {
            this.validator = requireNonNull(rules, "validator");
            return this;
        }

        /**
         * Sets the group, whose imports know each other and whose dead letters refused rows are. A text that another
         * group has imported is imported once more: into other tables, or with a decoder that reads more of it.
         *
         * @param name its name (default: {@code sample-files})
         * @return this
         */
        public Builder group(String name) {
            this.group = Arguments.group("group", name);
            return this;
        }

        /**
         * Sets the time of lines that have none, in exposition text and in line protocol.
         *
         * @param time a time from 1970 on, cut to milliseconds (default: that of the file's last change)
         * @return this
         */
        public Builder scrapeTime(Instant time) {
            if (requireNonNull(time, "time").isBefore(Instant.EPOCH)) {
                throw new IllegalArgumentException("scrapeTime: " + time + " is before 1970");
            }
            this.scrapeTime = Optional.of(time);
            return this;
        }

        /**
         * Sets the most rows, or lines of JSON or line protocol, of one transaction. Exposition text is divided behind
         * {@code # EOF} only, and all is divided after 8 MiB.
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
         * Takes a last line without its end as a whole one: for files that will not grow any more (default: it is left
         * out and named).
         *
         * @return this
         */
        public Builder acceptOpenEnd() {
            this.takesOpen = true;
            return this;
        }

        /**
         * Sets the number of day partitions of a table from which no older days are created: a file may bring years,
         * where a consumer stops at 400. Samples of one day too many are dead letters. With more than about 2,000 days,
         * raise {@code max_locks_per_transaction} of the server to the number of days.
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
         * Sets the waits between attempts while the database fails for a time.
         *
         * @param policy the waits (default: {@link RetryPolicy#defaults()})
         * @return this
         */
        public Builder retry(RetryPolicy policy) {
            this.retry = requireNonNull(policy, "retry");
            return this;
        }

        /**
         * Sets the number of attempts for a transaction before the import ends. The first look at the database is tried
         * once, so that an import with a wrong address ends at once.
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
         * Sets a receiver of the progress: the outcome so far, after each chunk that is stored.
         *
         * @param receiver called by the thread of the import; an exception ends the import, and the chunk stays stored
         *     (default: none)
         * @return this
         */
        public Builder progress(Consumer<? super Imported> receiver) {
            this.progress = requireNonNull(receiver, "progress");
            return this;
        }

        /**
         * Builds the import. Nothing is read yet.
         *
         * @return a thread-safe import
         */
        public SampleFiles build() {
            return new SampleFiles(this);
        }
    }
}
