package io.gpufleet.telemetry;

/**
 * A receiver of a consumer's events, for metrics, logs and tests.
 *
 * <p>Called by the thread in which the event happens, never under a lock; several threads call at once. It must be
 * quick. Its exceptions are logged once and otherwise ignored, and so are its errors; only an error of the JVM, such as
 * {@link OutOfMemoryError}, ends the consumer.
 */
@FunctionalInterface
public interface TelemetryListener {

    /**
     * Handles an event.
     *
     * @param event the event; later versions may add kinds, so ignore unknown ones
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
