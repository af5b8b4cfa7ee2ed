package io.gpufleet.telemetry.jdbc;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.DeadLetterSink;
import io.gpufleet.telemetry.DeadLettersRefusedException;
import io.gpufleet.telemetry.DeadLettersRefusedException.Refusal;
import io.gpufleet.telemetry.Decoder;
import io.gpufleet.telemetry.EventTime;
import io.gpufleet.telemetry.RetryPolicy;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.TransactionalSink;
import io.gpufleet.telemetry.Validator;
import io.gpufleet.telemetry.internal.Arguments;
import io.gpufleet.telemetry.internal.RecordReader;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import io.gpufleet.telemetry.jdbc.internal.Pace;
import io.gpufleet.telemetry.jdbc.internal.TransactionTimeouts;
import io.gpufleet.telemetry.jdbc.internal.Transactions;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;

/**
 * A replay of a group's {@code dead_letters}: through the pipeline, exactly once, or to another target, at least once.
 *
 * <pre>{@code
 * ReplayResult result = DeadLetterReplayer.<Heartbeat>builder(dataSource, "heartbeat-consumer-group")
 *         .selection(DeadLetterSelection.all().reason("no device index"))
 *         .build()
 *         .through(HeartbeatSink.create(dataSource), codec, HeartbeatValidator.builder().anyAge().build());
 * }</pre>
 *
 * <p>A replayed letter keeps its row, marked with the time ({@code replayed_at}), and is never taken again; a letter
 * that is refused again stays unchanged. A run takes the letters that existed when it began, in the order of their ids,
 * in transactions of at most one batch of one log, or 16 MiB. Letters that another replayer has locked are left to it:
 * any number of replayers may run at once, also while the group's consumer runs.
 *
 * <p>A transient failure is retried a bounded number of times. After that, or after a permanent failure, the run ends
 * with an exception: the failed transaction has changed nothing, the earlier ones stay, and the next run continues from
 * there.
 *
 * <p>The role needs {@code SELECT, UPDATE} on {@code dead_letters}, and the rights of the sink. A run takes one
 * connection, and briefly a second one to create day partitions. Thread-safe.
 *
 * @param <T> the type of the values
 */
public final class DeadLetterReplayer<T> {
    /**
     * The longest time for sending a batch, during which the transaction that marks the letters waits: the time for
     * which a producer may retry, and a margin.
     */
    private static final Duration LONGEST_SENDING = Duration.ofMinutes(5);

    private static final Comparator<DeadLetter> ORDER_OF_THE_LOG =
            Comparator.comparing(DeadLetter::partition).thenComparing(DeadLetter::offset);

    private final DataSource dataSource;
    private final Optional<String> schema;
    private final StoredLetters letters;
    private final int batchSize;
    private final EventTime<T> eventTime;
    private final Replay.Patience patience;

    private DeadLetterReplayer(Builder<T> builder) {
        this.dataSource = builder.dataSource;
        this.schema = builder.schema;
        this.letters = new StoredLetters(builder.groupId, builder.schema, builder.selection);
        this.batchSize = builder.batchSize;
        this.eventTime = builder.eventTime;
        this.patience =
                new Replay.Patience(builder.retry, builder.maxAttempts, Pace.ofSystem(), RandomGenerator.getDefault());
    }

    /**
     * Returns a builder with the defaults: all letters of the group.
     *
     * @param dataSource the source of connections, usually a pool
     * @param groupId the consumer group that dead-lettered the records
     * @param <T> the type of the values
     * @return a builder
     */
    public static <T> Builder<T> builder(DataSource dataSource, String groupId) {
        return new Builder<>(dataSource, groupId);
    }

    /**
     * Returns the number of letters that a run would take now. Changes nothing. The role needs {@code SELECT}.
     *
     * @return the number of selected letters that were not replayed yet
     * @throws TelemetryException if the database fails, or the table is missing
     */
    public long count() {
        return new Transactions(dataSource, TransactionTimeouts.DEFAULT).call("dead letters", letters::count);
    }

    /**
     * Replays letters through the pipeline, exactly once: decodes and validates them again, writes the accepted ones
     * with the steps of the sink, including its hooks, and marks them in the same transaction.
     *
     * <p>The steps run on the connections of this replayer, with the timeouts of the sink, which may be open for the
     * group at the same time, or not at all. No position moves, and no listener is called. A hook sees a batch of
     * deliveries without dead letters; its ranges reach from the first to the last delivery of each partition, and may
     * have gaps. A heartbeat that was stored meanwhile counts as a duplicate, and as replayed.
     *
     * @param sink a {@link PostgresSink}, or a sink that {@linkplain TransactionalSink#wrapped() wraps} one (its steps
     *     run without the wrapper); its tables must be in the database of this replayer
     * @param decoder decodes the records' values
     * @param validator returns the reasons against a value
     * @return the outcome of the letters
     * @throws SinkException if the database fails, with the possible remedies
     * @throws TelemetryException if the thread was interrupted
     * @throws IllegalArgumentException if the sink neither is nor wraps a {@code PostgresSink}
     */
    public ReplayResult through(TransactionalSink<T> sink, Decoder<T> decoder, Validator<T> validator) {
        PostgresSink<T> written = PostgresSink.behind(requireNonNull(sink, "sink"));
        Transactions transactions = new Transactions(dataSource, written.timeouts());
        requireTable(transactions);
        RecordReader<T> reader = new RecordReader<>(
                requireNonNull(decoder, "decoder"),
                eventTime,
                requireNonNull(validator, "validator"),
                written.isIdempotent());
        return run(
                transactions,
                new PipelineReplay<>(reader, written.enrichment(), written.openSteps(transactions), transactions));
    }

    /**
     * Sends letters to another target, at least once: a batch is marked after it has arrived, and sent again if its
     * arrival is uncertain. Within a partition, letters are sent in the order of the log.
     *
     * <p>Details that a row cannot hold are lost: a header's name is cut after 4,096 bytes, with U+FFFD in place of
     * U+0000 and a hexadecimal number in place of a character that the database's encoding lacks; a timestamp outside
     * the years 1 to 9999 is absent.
     *
     * @param target receives the letters, within 5 minutes a batch
     * @return the outcome of the letters; letters that are refused for their own content
     *     ({@link DeadLettersRefusedException}, or a failure of the kind {@code DATA}, after which the batch is
     *     bisected and sent again) stay, and the others are sent
     * @throws SinkException if the target or the database fails, with the possible remedies
     * @throws TelemetryException if the thread was interrupted
     */
    public ReplayResult to(DeadLetterSink target) {
        requireNonNull(target, "target");
        Transactions transactions = new Transactions(dataSource, TransactionTimeouts.DEFAULT.withIdle(LONGEST_SENDING));
        requireTable(transactions);
        return run(transactions, (connection, part, taken) -> send(target, taken));
    }

    private static Replay.Handled send(DeadLetterSink target, List<StoredLetter> letters) {
        List<DeadLetter> sent = letters.stream()
                .map(StoredLetter::letter)
                .sorted(ORDER_OF_THE_LOG)
                .toList();
        Map<DeadLetter, String> refused = refusedBy(target, sent);
        List<Long> arrived = new ArrayList<>();
        List<DeadLetter> stay = new ArrayList<>();
        for (StoredLetter letter : letters) {
            String reason = refused.get(letter.letter());
            if (reason == null) {
                arrived.add(letter.id());
            } else {
                stay.add(letter.refused(reason));
            }
        }
        return new Replay.Handled(arrived, 0, stay);
    }

    /**
     * Sends letters, and returns those that the target refused for their own content, with the reasons; the others have
     * arrived.
     */
    private static Map<DeadLetter, String> refusedBy(DeadLetterSink target, List<DeadLetter> letters) {
        try {
            if (!letters.isEmpty()) {
                target.write(letters);
            }
            return Map.of();
        } catch (DeadLettersRefusedException e) {
            return e.refusals().stream()
                    .collect(Collectors.toMap(Refusal::letter, Refusal::reason, (reason, again) -> reason));
        }
    }

    private ReplayResult run(Transactions transactions, Replay.Handling handling) {
        return new Replay(transactions, letters, patience, handling).run(batchSize);
    }

    private void requireTable(Transactions transactions) {
        transactions.call("catalogue", connection -> requireTable(connection));
    }

    private boolean requireTable(Connection connection) {
        Jdbi.create(connection)
                .useHandle(handle -> new Catalog(handle).require(List.of(BaseCapability.DEAD_LETTERS.in(schema))));
        return true;
    }

    /**
     * Collects the options of a {@link DeadLetterReplayer}. Not thread-safe.
     *
     * @param <T> the type of the values
     */
    public static final class Builder<T> {
        private static final int LARGEST_BATCH = 10_000;

        private final DataSource dataSource;
        private final String groupId;
        private Optional<String> schema = Optional.empty();
        private DeadLetterSelection selection = DeadLetterSelection.all();
        private int batchSize = 1_000;
        private EventTime<T> eventTime = EventTime.recordTimestamp();
        private RetryPolicy retry = RetryPolicy.defaults();
        private int maxAttempts = 10;

        private Builder(DataSource dataSource, String groupId) {
            this.dataSource = requireNonNull(dataSource, "dataSource");
            this.groupId = Arguments.group("groupId", groupId);
        }

        /**
         * Sets the schema of {@code dead_letters}. The sink has its own setting for the other tables.
         *
         * @param schemaName its name (default: the connection's search path finds the table)
         * @return this
         */
        public Builder<T> schema(String schemaName) {
            this.schema = Optional.of(Identifier.check("schema", schemaName));
            return this;
        }

        /**
         * Sets the selection of letters to replay.
         *
         * @param letters the selection (default: all of the group)
         * @return this
         */
        public Builder<T> selection(DeadLetterSelection letters) {
            this.selection = requireNonNull(letters, "selection");
            return this;
        }

        /**
         * Sets the largest number of letters replayed in one transaction.
         *
         * @param letters 1 to 10,000 (default: 1,000)
         * @return this
         */
        public Builder<T> batchSize(int letters) {
            if (letters < 1 || letters > LARGEST_BATCH) {
                throw new IllegalArgumentException("batchSize: " + letters + " is not between 1 and " + LARGEST_BATCH);
            }
            this.batchSize = letters;
            return this;
        }

        /**
         * Sets the event time of a value, the same as in its consumer.
         *
         * @param time returns the event time (default: the record's timestamp)
         * @return this
         */
        public Builder<T> eventTime(EventTime<T> time) {
            this.eventTime = requireNonNull(time, "eventTime");
            return this;
        }

        /**
         * Sets the waits between retries of a transient failure.
         *
         * @param policy the waits (default: {@link RetryPolicy#defaults()})
         * @return this
         */
        public Builder<T> retry(RetryPolicy policy) {
            this.retry = requireNonNull(policy, "retry");
            return this;
        }

        /**
         * Sets the number of attempts for a transaction before the run fails.
         *
         * @param attempts 1 or more (default: 10, which is about 25 seconds of waits)
         * @return this
         */
        public Builder<T> maxAttempts(int attempts) {
            if (attempts < 1) {
                throw new IllegalArgumentException("maxAttempts: " + attempts + " is not 1 or more");
            }
            this.maxAttempts = attempts;
            return this;
        }

        /**
         * Builds the replayer. Nothing is read or written yet.
         *
         * @return a thread-safe replayer
         */
        public DeadLetterReplayer<T> build() {
            return new DeadLetterReplayer<>(this);
        }
    }
}
