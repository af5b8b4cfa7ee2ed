package io.gpufleet.telemetry.kafka;

/** Ends a lane whose consumer has stopped: what it still holds is not written, and will be delivered again. */
final class LaneAbortedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
