package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.TelemetryException;

/** The end of a run that has lost its lease. */
final class CompactionStop extends TelemetryException {
    private static final long serialVersionUID = 1L;

    CompactionStop(String message) {
        super(message);
    }
}
