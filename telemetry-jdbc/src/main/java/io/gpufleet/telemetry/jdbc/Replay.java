package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.RetryPolicy;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.jdbc.internal.Pace;
import io.gpufleet.telemetry.jdbc.internal.Transactions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One run over the dead letters that existed at its begin: takes them part by part, handles them and marks them, each
 * part in one transaction. Retries transient failures, and bisects a part that the database refuses until the letter is
 * found. Belongs to the thread that replays.
 */
final class Replay {
    /**
     * The number of consecutive refused letters, each perhaps by its own fault, after which the cause lies elsewhere.
     */
    private static final int MOST_UNDECIDED = 100;

    /** The handling of a part's letters, in the transaction that marks them. Thread-safe. */
    @FunctionalInterface
    interface Handling {
        /**
         * Handles letters.
         *
         * @param connection the open transaction
         * @param part the requested letters
         * @param letters those of them that were not replayed yet, ascending by id
         * @return their outcome
         * @throws SinkException of the kind DATA or FATAL_PERHAPS_DATA, if one of the letters is at fault
         */
        Handled handle(Connection connection, LetterPart part, List<StoredLetter> letters) throws SQLException;
    }

    /**
     * The outcome of a part's letters.
     *
     * @param replayed the ids of the replayed letters
     * @param duplicates how many of these changed nothing
     * @param refused the letters that stay, with the new reasons
     */
    record Handled(List<Long> replayed, int duplicates, List<DeadLetter> refused) {}

    /** The number of retries and the waits between them. */
    record Patience(RetryPolicy retry, int maxAttempts, Pace pace, RandomGenerator random) {}

    /** The operation to try, which takes the number of the attempt, from 1. */
    @FunctionalInterface
    private interface Attempt<R> {
        R run(int number);
    }

    private final Transactions transactions;
    private final StoredLetters letters;
    private final Patience patience;
    private final Handling handling;
    private final ReplayTally tally = new ReplayTally();
    private @Nullable SinkException undecided;
    private int undecidedInARow;
    private boolean someWentIn;

    Replay(Transactions transactions, StoredLetters letters, Patience patience, Handling handling) {
        this.transactions = transactions;
        this.letters = letters;
        this.patience = patience;
        this.handling = handling;
    }

    /** Replays all letters stored at the start; later ones, perhaps from this same replay, are left to another run. */
    ReplayResult run(int batchSize) {
        long last = inTransaction(letters::newest);
        long after = 0;
        while (true) {
            long from = after;
            List<LetterPart.Found> found = inTransaction(connection -> letters.find(connection, from, last, batchSize));
            if (found.isEmpty()) {
                return result();
            }
            LetterPart.of(found).forEach(this::replay);
            after = found.get(found.size() - 1).id();
        }
    }

    private ReplayResult result() {
        if (undecided != null && !someWentIn) {
            throw undecided;
        }
        return tally.result();
    }

    private <R> R inTransaction(Transactions.Work<R> work) {
        return patiently(attempt -> transactions.call("dead letters", work));
    }

    private void replay(LetterPart part) {
        Part attempted = new Part(part);
        try {
            Handled handled = attempted.replay();
            if (!handled.replayed().isEmpty()) {
                someWentIn = true;
                undecidedInARow = 0;
            }
            tally.replayed(handled.replayed().size(), handled.duplicates());
            handled.refused().forEach(tally::refused);
        } catch (SinkException e) {
            divide(attempted, e);
        }
    }

    private void divide(Part attempted, SinkException failure) {
        switch (failure.kind()) {
            case DATA, FATAL_PERHAPS_DATA, TRANSIENT_PERHAPS_TOO_LARGE -> {
                if (attempted.part.isDivisible()) {
                    attempted.part.halves().forEach(this::replay);
                } else {
                    leave(attempted.taken, failure);
                }
            }
            default -> throw failure;
        }
    }

    /** Leaves a single letter unchanged if the letter itself is at fault; otherwise throws. */
    private void leave(List<StoredLetter> letter, SinkException failure) {
        if (failure.kind() == SinkException.Kind.FATAL_PERHAPS_DATA) {
            undecided = failure;
            undecidedInARow++;
        }
        if (failure.kind().isTransient() || undecidedInARow >= MOST_UNDECIDED) {
            throw failure;
        }
        letter.forEach(stays -> tally.refused(stays.refused(String.valueOf(failure.getMessage()))));
    }

    private <R> R patiently(Attempt<R> attempt) {
        for (int number = 1; ; number++) {
            try {
                return attempt.run(number);
            } catch (SinkException e) {
                if (!e.kind().isTransient() || number >= patience.maxAttempts) {
                    throw e;
                }
                rest(number, e);
            }
        }
    }

    private void rest(int failed, SinkException cause) {
        long nanos = patience.retry.backoff(failed, patience.random).toNanos();
        if (!patience.pace.pause(nanos)) {
            throw new TelemetryException(
                    "Replay was interrupted while it waited for a retry after " + cause.getMessage(), cause);
        }
    }

    /** The attempts of one part. */
    private final class Part {
        private final LetterPart part;
        private List<StoredLetter> taken = List.of();
        private @Nullable Unconfirmed unconfirmed;

        /** The result of an attempt whose commit may have succeeded. */
        private record Unconfirmed(Handled handled, OffsetDateTime markedAt) {}

        private Part(LetterPart part) {
            this.part = part;
        }

        private Handled replay() {
            return patiently(number -> transactions.call("dead letters", connection -> attempt(connection, number)));
        }

        /**
         * Handles and marks the part. An earlier attempt may be about to commit, so its locked letters are waited for.
         * If it has committed, its letters are marked, and its result counts.
         */
        private Handled attempt(Connection connection, int number) throws SQLException {
            taken = letters.take(connection, part.ids(), number > 1);
            Unconfirmed before = unconfirmed;
            if (before != null && letters.areMarked(connection, before.handled.replayed(), before.markedAt)) {
                return before.handled;
            }
            Handled handled = handling.handle(connection, part, taken);
            unconfirmed = handled.replayed().isEmpty()
                    ? null
                    : new Unconfirmed(handled, letters.mark(connection, handled.replayed()));
            return handled;
        }
    }
}
