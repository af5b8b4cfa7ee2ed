package io.gpufleet.telemetry;

import java.util.List;
import java.util.stream.Collectors;

/**
 * The exception of a {@link Sink} that wrote nothing of a batch because it refuses some of the records for good: for
 * example, their day is not kept any more.
 *
 * <p>The consumer dead-letters these records and writes the rest, together with the dead letters if the sink is
 * transactional. So refused records are counted before anything is written, and a batch with too many of them is not
 * written at all (see {@link FailurePolicy#maxDeadLetterShare()}). Immutable.
 */
public final class RefusedException extends TelemetryException {
    private static final long serialVersionUID = 1L;

    private final transient List<DeadLetter> deadLetters;

    /**
     * Creates an exception.
     *
     * @param deadLetters the refused records of the batch, or refused values of them, at least one, with the stage and
     *     all reasons; a sink that is not {@linkplain Sink#isIdempotent() idempotent} refuses whole records
     */
    public RefusedException(List<DeadLetter> deadLetters) {
        super("Sink refused "
                + deadLetters.stream()
                        .limit(1)
                        .map(letter -> letter.source() + ": " + letter.reasons())
                        .collect(Collectors.joining())
                + (deadLetters.size() > 1 ? " and " + (deadLetters.size() - 1) + " more" : ""));
        if (deadLetters.isEmpty()) {
            throw new IllegalArgumentException("deadLetters: none given; at least one is needed");
        }
        this.deadLetters = List.copyOf(deadLetters);
    }

    /**
     * Returns the dead letters of the refused records or values.
     *
     * @return at least one dead letter
     */
    public List<DeadLetter> deadLetters() {
        return deadLetters;
    }
}
