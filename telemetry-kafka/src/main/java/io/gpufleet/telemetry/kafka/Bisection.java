package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.DeadLetter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The bisection of one batch with rows that the store refuses: refused parts are halved down to single rows, which are
 * dead-lettered.
 *
 * <p>A row whose refusal may be the fault of the whole table is held until a later row of the batch is accepted, in one
 * transaction with its dead letter: only then the row was at fault. An accepted earlier row proves nothing: a right may
 * have been withdrawn since. Nor does a later row, once another one was tried after the held row: a right may have been
 * given back. So, when a second row is refused, the first is retried for a while, and later right before each row that
 * may decide; if it is accepted, or refused for another reason than before, all held rows are written as if they were
 * new. Undecided rows are not written. Used once, by the thread that writes.
 */
final class Bisection<T> {

    /** The outcome of an attempt. */
    enum Outcome {
        /** Rows were accepted. */
        WRITTEN,
        /** No row was left to write. */
        GONE,
        /** A record is at fault. */
        REFUSED,
        /** Either one record is at fault, or every write is refused. */
        PERHAPS_REFUSED,
        /** No outcome after some time; only for parts with undecided records. */
        INTERRUPTED,
        /** The part is too large, or more of it would be dead-lettered than allowed. */
        TOO_LARGE
    }

    /**
     * An attempt.
     *
     * @param outcome the outcome
     * @param rest the part without the partitions that this consumer does not own any more
     * @param <T> the type of the values
     */
    record Attempt<T>(Outcome outcome, Batch<T> rest) {}

    /** The writer, as seen by its bisection. */
    interface Writer<T> {
        /**
         * Writes a part.
         *
         * @param part the part
         * @param undecided true if it holds records that are dead-lettered only if one of its rows is accepted
         */
        Attempt<T> attempt(Batch<T> part, boolean undecided);

        /**
         * Waits before a retry of the first of several refused records: perhaps all are refused.
         *
         * @param round the number of waits before, from 0
         * @return false if the wait was long enough
         */
        boolean pause(int round);

        /** Returns a part with its only record dead-lettered, for the reason of the last attempt. */
        Batch<T> setAside(Batch<T> part);

        /** Returns whether so many records are held that more rows are not worth a try. */
        boolean areTooMany(Batch<T> held);
    }

    /** The limit of restarts because the first held row was refused for another reason. */
    private static final int MOST_OTHER_REASONS = 3;

    private final Writer<T> writer;

    /** The held rows, one by one, and their dead letters. */
    private final List<Batch<T>> held = new ArrayList<>();

    private @Nullable Batch<T> letters;

    /** The parts that were not tried. */
    private @Nullable Batch<T> untried;

    /** The reason of the refusal of the first held row. */
    private List<String> firstReasons = List.of();

    /** True if a part was tried since a row was held. */
    private boolean stale;

    /** True if the wait for the held rows is over. */
    private boolean waited;

    private int otherReasons;
    private boolean hopeless;

    Bisection(Writer<T> writer) {
        this.writer = writer;
    }

    /** Writes a batch; returns its end behind the last accepted row, if it is undecided. */
    Optional<Batch<T>> write(Batch<T> batch) {
        write(batch, false);
        Optional<Batch<T>> undecided = held.stream().reduce(Batch::join);
        return untried == null ? undecided : Optional.of(join(undecided.orElse(null), untried));
    }

    /** Returns the undecided rows, as dead letters. */
    Optional<Batch<T>> held() {
        return Optional.ofNullable(letters);
    }

    /** Returns whether waiting is in vain: too many rows are held, so more records would not change the decision. */
    boolean isHopeless() {
        return hopeless;
    }

    /**
     * Writes a part of the batch.
     *
     * @param knownBad true if the row that failed the whole must be in this part, so that trying the part unchanged
     *     would be in vain
     * @return true if none of its rows was refused
     */
    private boolean write(Batch<T> part, boolean knownBad) {
        if (hopeless) {
            untried = join(untried, part);
            return false;
        }
        boolean divisible = part.isDivisible();
        if (letters != null && stale) {
            return divisible ? writeHalves(part, false) : writeAfterOthers(part);
        }
        boolean isInVain = knownBad && divisible;
        return isInVain ? writeHalves(part, true) : isGood(part, attempt(part));
    }

    /**
     * Writes the halves of a part. After several consecutive refusals only single rows are tried: of two at once, one
     * would mostly be bad.
     */
    private boolean writeHalves(Batch<T> part, boolean isBad) {
        List<Batch<T>> halves = part.split();
        boolean firstIsGood = write(halves.get(0), false);
        boolean secondIsGood = write(halves.get(1), firstIsGood && isBad);
        return firstIsGood && secondIsGood;
    }

    /**
     * Writes a row after the held rows, which are written too if they may have been refused for no fault of their own.
     */
    private boolean writeAfterOthers(Batch<T> part) {
        Outcome outcome = Outcome.INTERRUPTED;
        int rounds = 0;
        while (outcome == Outcome.INTERRUPTED) {
            Batch<T> first = held.get(0);
            Outcome again = writer.attempt(first, false).outcome();
            boolean isRefused = again != Outcome.WRITTEN && again != Outcome.GONE;
            if (!isRefused || isForAnotherReason(first)) {
                beginAgain(part, isRefused);
                return false;
            }
            if (waited || !writer.pause(rounds++)) {
                waited = true;
                outcome = attempt(part);
            }
        }
        return isGood(part, outcome);
    }

    /** Writes the held rows as if they were new, without the first row if that was accepted. */
    private void beginAgain(Batch<T> part, boolean isFirstBad) {
        Batch<T> all = held.stream()
                .skip(isFirstBad ? 0 : 1)
                .reduce(Batch::join)
                .map(before -> before.join(part))
                .orElse(part);
        decided();
        write(all, isFirstBad);
    }

    private boolean isForAnotherReason(Batch<T> first) {
        boolean isAnother = !firstReasons.equals(reasons(writer.setAside(first)));
        otherReasons += isAnother ? 1 : 0;
        return isAnother && otherReasons <= MOST_OTHER_REASONS;
    }

    private void decided() {
        held.clear();
        letters = null;
        stale = false;
        waited = false;
    }

    private Outcome attempt(Batch<T> part) {
        boolean decides = letters != null;
        Attempt<T> attempt = writer.attempt(join(letters, part), decides);
        stale = decides;
        if (attempt.outcome() == Outcome.WRITTEN) {
            decided();
        } else if (attempt.outcome() == Outcome.GONE && decides) {
            letters = attempt.rest();
            held.add(part);
        }
        return attempt.outcome();
    }

    private boolean isGood(Batch<T> part, Outcome outcome) {
        if (outcome == Outcome.WRITTEN || outcome == Outcome.GONE) {
            return true;
        }
        if (outcome == Outcome.INTERRUPTED) {
            return write(part, false);
        }
        if (part.isDivisible()) {
            return writeHalves(part, outcome != Outcome.TOO_LARGE);
        }
        setAside(part, outcome);
        return false;
    }

    private void setAside(Batch<T> part, Outcome outcome) {
        if (outcome == Outcome.TOO_LARGE) {
            hopeless = true;
            untried = join(untried, part);
            return;
        }
        Batch<T> letter = writer.setAside(part);
        if (letters == null && outcome == Outcome.REFUSED) {
            writer.attempt(letter, false);
            return;
        }
        firstReasons = letters == null ? reasons(letter) : firstReasons;
        letters = join(letters, letter);
        held.add(part);
        hopeless = writer.areTooMany(letters);
    }

    private static List<String> reasons(Batch<?> letter) {
        List<DeadLetter> all = letter.deadLetters();
        return all.get(all.size() - 1).reasons();
    }

    private Batch<T> join(@Nullable Batch<T> before, Batch<T> part) {
        return before == null ? part : before.join(part);
    }
}
