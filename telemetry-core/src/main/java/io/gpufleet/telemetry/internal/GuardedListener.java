package io.gpufleet.telemetry.internal;

import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.TelemetryListener;
import org.slf4j.Logger;

/** A guard around a host's listener, whose failures are logged and not rethrown. Thread-safe. */
public final class GuardedListener implements TelemetryListener {
    private final TelemetryListener listener;
    private final Onlooker onlooker;

    /**
     * Guards a listener.
     *
     * @param listener the host's
     * @param log the log for its first failure
     */
    public GuardedListener(TelemetryListener listener, Logger log) {
        this.listener = listener;
        this.onlooker = new Onlooker(log, "Listener threw an exception");
    }

    @Override
    public void on(TelemetryEvent event) {
        onlooker.call(() -> listener.on(event));
    }
}
