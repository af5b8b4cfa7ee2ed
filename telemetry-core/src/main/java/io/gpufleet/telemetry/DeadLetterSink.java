package io.gpufleet.telemetry;

import java.util.List;

/**
 * The store for the dead letters of a plain {@link Sink}. A {@link TransactionalSink} takes them itself.
 *
 * <p>Thread-safe: several threads call at once.
 */
@FunctionalInterface
public interface DeadLetterSink {

    /**
     * Stores dead letters. When it returns, they are durable; the position moves only then.
     *
     * @param deadLetters at least one
     * @throws SinkException if they could not be stored
     * @throws DeadLettersRefusedException if the store refuses some of them, each for its own fault, and all others are
     *     durable
     */
    void write(List<DeadLetter> deadLetters);
}
