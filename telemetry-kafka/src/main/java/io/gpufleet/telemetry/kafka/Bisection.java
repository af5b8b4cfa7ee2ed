package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.DeadLetter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The bisection of one batch whose rows are refused by the store: refused parts are halved down to single rows, which
 * are dead-lettered.
 *
 * <p>A row whose refusal may as well be the whole table's fault is held until a later row of the batch goes in, in one
 * transaction with its dead letter: only then it was the row. An earlier one proves nothing: a right may have been
 * withdrawn since. Nor does a later one, once something else was tried after the row: a right may have been given back.
 * So, when a second row is refused, the first is retried for a while, and later right before each row that may decide;
 * if it goes in, or is refused for another reason than before, all that are held are written as if they were new. What
 * nothing decides is not written. Used once, by the thread that writes.
 */
final class Bisection<T> {

    /** The outcome of an attempt. */
    enum Outcome {
        /** Rows went in. */
        WRITTEN,
        /** No row was left to be written. */
        GONE,
        /** A record is the fault. */
        REFUSED,
        /** Either one record is at fault, or every write is refused. */
        PERHAPS_REFUSED,
        /** Nothing is known after some time; only for parts with undecided records. */
        INTERRUPTED,
        /** The part is too large, or more of it would be dead-lettered than allowed. */
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

    /** The writer as its bisection sees it. */
    interface Writer<T> {
        /**
         * Tries a part.
         *
         * @param part what to write
         * @param undecided whether it holds records to be dead-lettered only if one of its rows goes in
         */
        Attempt<T> attempt(Batch<T> part, boolean undecided);

        /**
         * Waits before a retry of the first of several refused records: perhaps all are refused.
         *
         * @param round how often it was waited before, from 0
         * @return false if it was waited for long enough
         */
        boolean pause(int round);

        /** Returns a part with its only record dead-lettered, for the reason of the last attempt. */
        Batch<T> setAside(Batch<T> part);

        /** Returns whether too many records are held for more rows to be worth a try. */
        boolean areTooMany(Batch<T> held);
    }

    /** The limit of restarts because the first held row was refused for another reason. */
    private static final int MOST_OTHER_REASONS = 3;

    private final Writer<T> writer;

    /** The held rows, one by one, and their dead letters. */
    private final List<Batch<T>> held = new ArrayList<>();

    private @Nullable Batch<T> letters;

    /** The parts not tried any more. */
    private @Nullable Batch<T> untried;

    /** The reason of the refusal of the first held row. */
    private List<String> firstReasons = List.of();

    /** Whether a part was tried since a row was held. */
    private boolean stale;

    /** Whether the wait for the held rows is over. */
    private boolean waited;

    private int otherReasons;
    private boolean hopeless;

    Bisection(Writer<T> writer) {
        this.writer = writer;
    }

    /** Writes a batch; returns its end behind the last row that went in, if that is not decided. */
    Optional<Batch<T>> write(Batch<T> batch) {
        write(batch, false);
        Optional<Batch<T>> undecided = held.stream().reduce(Batch::join);
        return untried == null ? undecided : Optional.of(join(undecided.orElse(null), untried));
    }

    /** The undecided rows, as dead letters. */
    Optional<Batch<T>> held() {
        return Optional.ofNullable(letters);
    }

    /** Returns whether more records would decide nothing. */
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

    /** Where several rows in a row are refused, only single ones are tried: of two at once one would mostly be bad. */
    private boolean writeHalves(Batch<T> part, boolean isBad) {
        List<Batch<T>> halves = part.split();
        boolean firstIsGood = write(halves.get(0), false);
        boolean secondIsGood = write(halves.get(1), firstIsGood && isBad);
        return firstIsGood && secondIsGood;
    }

    /** Writes a row behind those that are held, these too if they may have been refused for no fault of their own. */
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

    /** Writes what is held as if it were new, without the first row if that has gone in. */
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
