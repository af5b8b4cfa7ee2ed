package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.Batch;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The way of one batch around the rows that its store refuses: halves what is refused until single rows are left, and
 * sets these aside.
 *
 * <p>A row whose refusal may as well be the whole table's fault is held until a later row of the batch goes in, in one
 * transaction with its dead letter: only then it was the row. An earlier one proves nothing: a right may have been
 * withdrawn since. What nothing decides is not written. Used once, by the thread that writes.
 */
final class Bisection<T> {

    /** What has become of an attempt. */
    enum Outcome {
        /** Rows went in. */
        WRITTEN,
        /** No row was left to be written. */
        GONE,
        /** A record is the fault. */
        REFUSED,
        /** A record is the fault, or all that is written there. */
        PERHAPS_REFUSED,
        /** The part is too much at once, or more of it would be set aside than may be. */
        TOO_LARGE
    }

    /**
     * An attempt.
     *
     * @param outcome what has become of it
     * @param rest the part without what is not ours to write any more
     * @param <T> the type of the values
     */
    record Attempt<T>(Outcome outcome, Batch<T> rest) {}

    /** What a bisection needs of its writer. */
    interface Writer<T> {
        /**
         * Tries a part.
         *
         * @param part what to write
         * @param undecided whether it holds records that are set aside only if one of its rows goes in
         */
        Attempt<T> attempt(Batch<T> part, boolean undecided);

        /** Returns a part with its only delivery set aside, for the reason of the last attempt. */
        Batch<T> setAside(Batch<T> part);

        /** Tells whether so many records are held that no more rows are worth a try. */
        boolean areTooMany(Batch<T> held);
    }

    private final Writer<T> writer;

    /** What is held, as dead letters, and as it was before. */
    private @Nullable Batch<T> held;

    private @Nullable Batch<T> undecided;
    private boolean hopeless;

    Bisection(Writer<T> writer) {
        this.writer = writer;
    }

    /** Writes a batch; returns its end behind the last row that went in, if that is not decided. */
    Optional<Batch<T>> write(Batch<T> batch) {
        write(batch, false);
        return Optional.ofNullable(undecided);
    }

    /** What is not decided, as dead letters. */
    Optional<Batch<T>> held() {
        return Optional.ofNullable(held);
    }

    /** Tells whether more records would decide nothing. */
    boolean isHopeless() {
        return hopeless;
    }

    /**
     * Writes a part of the batch.
     *
     * @param knownBad true if a row of this part must be the one that failed the whole, so that trying it as it is
     *     would be in vain
     * @return true if none of its rows was refused
     */
    private boolean write(Batch<T> part, boolean knownBad) {
        if (hopeless) {
            undecided = join(undecided, part);
            return false;
        }
        boolean divisible = part.deliveries().size() > 1;
        Outcome outcome = knownBad && divisible ? Outcome.REFUSED : attempt(part);
        if (outcome == Outcome.WRITTEN || outcome == Outcome.GONE) {
            return true;
        }
        if (!divisible) {
            setAside(part, outcome);
            return false;
        }
        List<Batch<T>> halves = part.split();
        boolean firstIsGood = write(halves.get(0), false);
        boolean secondIsGood = write(halves.get(1), firstIsGood && outcome != Outcome.TOO_LARGE);
        return firstIsGood && secondIsGood;
    }

    private Outcome attempt(Batch<T> part) {
        boolean decides = held != null;
        Attempt<T> attempt = writer.attempt(join(held, part), decides);
        if (attempt.outcome() == Outcome.WRITTEN) {
            held = null;
            undecided = null;
        } else if (attempt.outcome() == Outcome.GONE && decides) {
            held = attempt.rest();
            undecided = join(undecided, part);
        }
        return attempt.outcome();
    }

    private void setAside(Batch<T> part, Outcome outcome) {
        if (outcome == Outcome.TOO_LARGE) {
            hopeless = true;
            undecided = join(undecided, part);
            return;
        }
        Batch<T> letter = writer.setAside(part);
        if (held == null && outcome == Outcome.REFUSED) {
            writer.attempt(letter, false);
            return;
        }
        Batch<T> letters = join(held, letter);
        held = letters;
        undecided = join(undecided, part);
        hopeless = writer.areTooMany(letters);
    }

    private Batch<T> join(@Nullable Batch<T> before, Batch<T> part) {
        return before == null ? part : before.join(part);
    }
}
