package io.gpufleet.telemetry.examples.rest.stream;

/** A client that finds no room beside the others. Immutable. */
final class TooManyStreamsException extends Exception {
    private static final long serialVersionUID = 1L;

    TooManyStreamsException(int most) {
        super(most + " clients have a stream, which is the most");
    }
}
