package io.gpufleet.telemetry;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * The exception of a {@link DeadLetterSink} that refused some dead letters, each for its own fault when tried alone;
 * all others are durable.
 *
 * <p>A replay leaves the refused letters where they are and goes on. A consumer has no other place for them, and stops.
 * Immutable.
 */
public final class DeadLettersRefusedException extends TelemetryException {
    private static final long serialVersionUID = 1L;

    /**
     * A refused dead letter.
     *
     * @param letter the letter
     * @param reason the fault, in the words of the store
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
            throw new IllegalArgumentException("refusals: none given; at least one is needed");
        }
        Refusal first = refusals.get(0);
        return "Dead letters refused for their own fault: " + refusals.size() + "; the first: "
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
