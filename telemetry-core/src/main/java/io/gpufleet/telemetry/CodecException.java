package io.gpufleet.telemetry;

import static java.util.Objects.requireNonNull;

/**
 * The exception of a {@link Codec} for bad bytes: the reason, and the offset of the byte.
 *
 * <p>It has no stack trace: a damaged payload is data, not a defect of the program, and a topic may hold many of them.
 * Immutable.
 */
public final class CodecException extends TelemetryException {
    private static final long serialVersionUID = 1L;

    private final String reason;
    private final int offset;

    /**
     * Creates an exception.
     *
     * @param reason the fault, without the offset
     * @param offset the byte at which the decoder gave up, from the first byte of the payload, 0 or more
     */
    public CodecException(String reason, int offset) {
        super(requireNonNull(reason, "reason") + " at byte " + offset);
        this.reason = reason;
        this.offset = offset;
    }

    /**
     * Returns the fault.
     *
     * @return the reason, without the offset
     */
    public String reason() {
        return reason;
    }

    /**
     * Returns the offset at which the decoder gave up.
     *
     * @return the byte's index from the first byte of the payload
     */
    public int offset() {
        return offset;
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
