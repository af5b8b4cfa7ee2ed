package io.gpufleet.telemetry;

/**
 * The destination of batches.
 *
 * <p>{@link #write} is called by several threads at once, with batches of different partitions; implementations are
 * thread-safe. A plain sink is written to at least once: the group's offset is committed after the write. A
 * {@link TransactionalSink} keeps the positions itself and is written to exactly once.
 *
 * @param <T> the type of the values
 */
@FunctionalInterface
public interface Sink<T> {

    /**
     * Writes a batch, all of it or nothing. When it returns, everything is durable.
     *
     * @param batch the batch; a plain sink ignores its dead letters, which go to the {@link DeadLetterSink}
     * @throws RefusedException if nothing was written because the sink refuses some of the records; they are
     *     dead-lettered, and the rest is written
     * @throws SinkException if nothing was written, with the possible reaction; any other exception counts as
     *     {@linkplain SinkException.Kind#FATAL fatal}, and an {@code Error} stops the consumer at once
     */
    void write(Batch<T> batch);

    /**
     * Returns whether writing a value again, alone or among others, changes nothing. If so, the good values of a record
     * are stored although others are refused: replaying its dead letter adds only the missing ones. Otherwise such a
     * record is refused as a whole.
     *
     * @return true if the sink recognises every value that it has written (default: false)
     */
    default boolean isIdempotent() {
        return false;
    }
}
