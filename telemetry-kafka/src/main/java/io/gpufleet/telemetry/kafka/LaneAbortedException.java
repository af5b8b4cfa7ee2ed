package io.gpufleet.telemetry.kafka;

/**
 * The exception that ends a lane whose consumer has stopped: its records are not written, and will be delivered again.
 */
final class LaneAbortedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
