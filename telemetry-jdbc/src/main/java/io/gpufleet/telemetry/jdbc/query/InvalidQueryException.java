package io.gpufleet.telemetry.jdbc.query;

import static java.util.Objects.requireNonNull;

/** A question that cannot be answered as it stands: the parameter, its value, and what is allowed. Immutable. */
public class InvalidQueryException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    /** The name of the parameter. */
    private final String parameter;

    /**
     * Creates an exception.
     *
     * @param parameter the name of the parameter, as in a URL: {@code start_time}, {@code limit}
     * @param message the value, and what is allowed
     */
    public InvalidQueryException(String parameter, String message) {
        super(requireNonNull(message, "message"));
        this.parameter = requireNonNull(parameter, "parameter");
    }

    /**
     * Returns the name of the parameter.
     *
     * @return for example {@code start_time}
     */
    public String parameter() {
        return parameter;
    }
}
