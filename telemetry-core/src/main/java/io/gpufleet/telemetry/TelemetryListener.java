package io.gpufleet.telemetry;

/**
 * A receiver of a consumer's events, for metrics, logs and tests.
 *
 * <p>Called by the thread in which the event happens, never under a lock; several threads call at once. It must be
 * quick. What it throws is logged once and otherwise ignored, an {@code Error} too; only one that concerns the JVM, as
 * {@link OutOfMemoryError} does, ends the consumer.
 */
@FunctionalInterface
public interface TelemetryListener {

    /**
     * Takes an event.
     *
     * @param event what happened; more kinds may come, so ignore the unknown ones
     */
    void on(TelemetryEvent event);

    /**
     * Returns a listener that does nothing.
     *
     * @return a listener
     */
    static TelemetryListener none() {
        return event -> {};
    }
}
