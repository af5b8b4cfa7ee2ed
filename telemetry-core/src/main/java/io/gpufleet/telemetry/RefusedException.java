package io.gpufleet.telemetry;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A {@link Sink} wrote nothing of a batch because it does not take some of its records, however often they are tried:
 * for example, their day is not kept any more.
 *
 * <p>The consumer sets these records aside and writes the rest, with their dead letters if the sink is transactional.
 * So they are counted before anything is written, and a batch of which too much was refused is not written at all (see
 * {@link FailurePolicy#maxDeadLetterShare()}). Immutable.
 */
public final class RefusedException extends TelemetryException {
    private static final long serialVersionUID = 1L;

    private final transient List<DeadLetter> deadLetters;

    /**
     * Creates an exception.
     *
     * @param deadLetters the records of the batch that are refused, or values of them, at least one, with the stage and
     *     all reasons; a sink that is not {@linkplain Sink#isIdempotent() idempotent} refuses whole records
     */
    public RefusedException(List<DeadLetter> deadLetters) {
        super("The sink does not take: "
                + deadLetters.stream()
                        .limit(1)
                        .map(letter -> letter.source() + ": " + letter.reasons())
                        .collect(Collectors.joining())
                + (deadLetters.size() > 1 ? " and " + (deadLetters.size() - 1) + " more" : ""));
        if (deadLetters.isEmpty()) {
            throw new IllegalArgumentException("deadLetters: at least one");
        }
        this.deadLetters = List.copyOf(deadLetters);
    }

    /**
     * Returns the records, or values, that are refused.
     *
     * @return at least one dead letter
     */
    public List<DeadLetter> deadLetters() {
        return deadLetters;
    }
}
