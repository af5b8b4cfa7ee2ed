package io.gpufleet.telemetry;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * A {@link DeadLetterSink} refused some dead letters, each of them for a fault of its own when tried alone; all others
 * are durable.
 *
 * <p>A replay leaves the refused ones where they are and goes on. A consumer, which has no other place for them, stops.
 * Immutable.
 */
public final class DeadLettersRefusedException extends TelemetryException {
    private static final long serialVersionUID = 1L;

    /**
     * A refused dead letter.
     *
     * @param letter the letter
     * @param reason what is wrong with it, in the words of the place
     */
    public record Refusal(DeadLetter letter, String reason) {

        /**
         * Checks the components.
         *
         * @param letter as the component
         * @param reason as the component
         */
        public Refusal {
            requireNonNull(letter, "letter");
            requireNonNull(reason, "reason");
        }
    }

    private final transient List<Refusal> refusals;

    /**
     * Creates an exception.
     *
     * @param refusals the refused letters, at least one
     */
    public DeadLettersRefusedException(List<Refusal> refusals) {
        super(words(refusals));
        this.refusals = List.copyOf(refusals);
    }

    private static String words(List<Refusal> refusals) {
        if (refusals.isEmpty()) {
            throw new IllegalArgumentException("refusals: at least one");
        }
        Refusal first = refusals.get(0);
        return "Dead letters that are refused for their own sake: " + refusals.size() + "; the first: "
                + first.letter().source() + ": " + first.reason();
    }

    /**
     * Returns the refused letters.
     *
     * @return at least one
     */
    public List<Refusal> refusals() {
        return refusals;
    }
}
