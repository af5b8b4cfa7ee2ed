package io.gpufleet.telemetry.examples.rest.ingest;

/** Samples that Kafka has not acknowledged; they may have been stored. Immutable. */
final class UnacknowledgedException extends Exception {
    private static final long serialVersionUID = 1L;

    UnacknowledgedException(String detail) {
        super(detail + "; send them again, and none is stored twice");
    }
}
