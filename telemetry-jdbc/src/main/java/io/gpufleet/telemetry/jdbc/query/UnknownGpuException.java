package io.gpufleet.telemetry.jdbc.query;

/** A question about a GPU that no sample was stored of. Immutable. */
public final class UnknownGpuException extends NotFoundException {
    private static final long serialVersionUID = 1L;

    /**
     * Creates an exception.
     *
     * @param id the UUID, or {@code device:hostname}, as asked
     */
    public UnknownGpuException(String id) {
        super("id", "no samples of GPU \"" + id + "\"");
    }
}
