package io.gpufleet.telemetry.examples.rest.ingest;

/** A body of which nothing is taken. Immutable. */
final class RefusedBodyException extends Exception {
    private static final long serialVersionUID = 1L;
    private static final int BAD = 400;
    private static final int TOO_LARGE = 413;

    /** The status of the answer. */
    private final int status;

    private RefusedBodyException(int status, String detail) {
        super(detail);
        this.status = status;
    }

    static RefusedBodyException unreadable(String detail) {
        return new RefusedBodyException(BAD, detail);
    }

    static RefusedBodyException tooLarge(String detail) {
        return new RefusedBodyException(TOO_LARGE, detail);
    }

    int status() {
        return status;
    }
}
