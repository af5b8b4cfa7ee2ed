package io.gpufleet.telemetry.jdbc.query;

/** A question about a thing of which nothing is stored. Immutable. */
public abstract sealed class NotFoundException extends InvalidQueryException
        permits UnknownGpuException, UnknownClientException {
    private static final long serialVersionUID = 1L;

    NotFoundException(String parameter, String message) {
        super(parameter, message);
    }
}
