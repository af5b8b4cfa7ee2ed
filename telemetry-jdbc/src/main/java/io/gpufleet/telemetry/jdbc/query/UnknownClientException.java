package io.gpufleet.telemetry.jdbc.query;

/** A question about a client that no heartbeat was stored of. Immutable. */
public final class UnknownClientException extends NotFoundException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param id the client's id
     */
    public UnknownClientException(String id) {
        super("id", "no heartbeats of client \"" + id + "\"");
    }
}
