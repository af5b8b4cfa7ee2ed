package io.gpufleet.telemetry;

/**
 * The destination of batches.
 *
 * <p>{@link #write} is called by several threads at once, with batches of different partitions; implementations are
 * thread-safe. A plain sink is written to at least once: the group's committed offset follows behind it. A
 * {@link TransactionalSink} keeps the positions itself and is written to exactly once.
 *
 * @param <T> the type of the values
 */
@FunctionalInterface
public interface Sink<T> {

    /**
     * Writes a batch, all of it or nothing. When it returns, everything is durable.
     *
     * @param batch what to write; a plain sink finds no dead letters in it that it has to care for
     * @throws RefusedException if nothing was written because the sink refuses some of the records; they are
     *     dead-lettered, and the rest is written
     * @throws SinkException if nothing was written, with what may be done about it; any other exception counts as
     *     {@linkplain SinkException.Kind#FATAL fatal}, and an {@code Error} stops the consumer at once
     */
    void write(Batch<T> batch);

    /**
     * Returns whether a value that was written before, alone or among others, changes nothing when it is written again.
     * Then the good values of a record are stored though others are refused: replaying its dead letter adds only what
     * was missing. Else such a record is refused whole.
     *
     * @return true if every value is known again (default: false)
     */
    default boolean isIdempotent() {
        return false;
    }
}
