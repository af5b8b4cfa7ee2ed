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
 * <p>A letter that was replayed stays in its row, marked with the time ({@code replayed_at}), and is never taken again;
 * one that is refused again stays as it is. A run takes the letters that were there when it began, by their numbers, in
 * transactions of up to a batch of one log, or 16 MiB. Letters that another replayer is about to replay are left to it:
 * any number may run at once, also beside the consumer of the group.
 *
 * <p>A transient failure is retried a bounded number of times; then, and at a permanent one, a run ends with an
 * exception: the transaction that failed has changed nothing, those before it stay, and the next run goes on from
 * there.
 *
 * <p>The role needs {@code SELECT, UPDATE} on {@code dead_letters}, and what the sink needs. A run takes one
 * connection, and a second one for moments if days are made. Thread-safe.
 *
 * @param <T> the type of the values
 */
public final class DeadLetterReplayer<T> {
    /** While letters are sent, the transaction that marks them waits: as long as a producer may try, and more. */
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
     * Starts from the defaults: all letters of the group.
     *
     * @param dataSource where connections come from, usually a pool
     * @param groupId the consumer group that set the records aside
     * @param <T> the type of the values
     * @return a builder
     */
    public static <T> Builder<T> builder(DataSource dataSource, String groupId) {
        return new Builder<>(dataSource, groupId);
    }

    /**
     * Counts the letters that a run would take now, and does nothing else. The role needs {@code SELECT}.
     *
     * @return how many there are that were not replayed yet
     * @throws TelemetryException if the database fails, or the table is missing
     */
    public long count() {
        return new Transactions(dataSource, TransactionTimeouts.DEFAULT).call("dead letters", letters::count);
    }

    /**
     * Replays letters through the pipeline, exactly once: decodes and validates them again, writes the good ones with
     * the steps of the sink, its hooks included, and marks these in the same transaction.
     *
     * <p>The steps run on the connections of this replayer, with the timeouts of the sink, which may be open for the
     * group at the same time or not at all. No position moves, and no listener is called. A hook sees a batch of
     * deliveries without dead letters, whose ranges reach from the first to the last delivery of a partition, whatever
     * lies between. A heartbeat that was stored meanwhile counts as a duplicate, and as replayed.
     *
     * @param sink a {@link PostgresSink}, or a sink that {@linkplain TransactionalSink#wrapped() wraps} one, whose
     *     steps are run without the wrapper; its tables lie in the database of this replayer
     * @param decoder decodes the records' values
     * @param validator returns the reasons against a value
     * @return what became of the letters
     * @throws SinkException if the database fails, with what may be done about it
     * @throws TelemetryException if the thread was interrupted
     * @throws IllegalArgumentException if the sink is no {@code PostgresSink} and wraps none
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
     * Sends letters to some other place, at least once: each batch is marked when it has arrived, and sent again if it
     * is not known whether it has. Within a partition they are sent in the order of the log.
     *
     * <p>What a row could not hold is not sent: a header's name lacks what was cut behind 4,096 bytes and has U+FFFD in
     * place of U+0000, or a hexadecimal number in place of what the encoding of the database lacks; a timestamp before
     * the year 1 or behind 9999 is absent.
     *
     * @param target takes the letters; it may take 5 minutes for a batch
     * @return what became of the letters; those that the target refuses for their own sake
     *     ({@link DeadLettersRefusedException}, or a failure of the kind {@code DATA}, around which the batch is
     *     bisected and sent again) stay, and the others go on
     * @throws SinkException if the target or the database fails, with what may be done about it
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

    /** The letters that a target refuses for their own sake, with the reasons; the others have arrived. */
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
         * Sets the schema of {@code dead_letters}; the sink has that of the other tables.
         *
         * @param schemaName its name (default: the connection's search path finds the table)
         * @return this
         */
        public Builder<T> schema(String schemaName) {
            this.schema = Optional.of(Identifier.check("schema", schemaName));
            return this;
        }

        /**
         * Sets which letters are replayed.
         *
         * @param letters which (default: all of the group)
         * @return this
         */
        public Builder<T> selection(DeadLetterSelection letters) {
            this.selection = requireNonNull(letters, "selection");
            return this;
        }

        /**
         * Sets how many letters are replayed in one transaction at most.
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
         * Sets when a value happened, as its consumer has it.
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
         * Sets how often a transaction is tried before the run ends with its failure.
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
