package io.gpufleet.telemetry.examples.rest.http;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** An answer that is an error. Immutable. */
public final class ProblemException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The status of the answer. */
    private final int status;
    /** The parameter at fault; null if it is none's. */
    private final @Nullable String parameter;
    /** The further headers of the answer. */
    private final TreeMap<String, String> headers;

    private ProblemException(int status, String detail, @Nullable String parameter, Map<String, String> headers) {
        super(detail);
        this.status = status;
        this.parameter = parameter;
        this.headers = new TreeMap<>(headers);
    }

    /**
     * Creates an exception.
     *
     * @param status the status of the answer
     * @param detail the thing, its value, and what is allowed
     */
    public ProblemException(int status, String detail) {
        this(status, detail, null, Map.of());
    }

    /**
     * Creates an exception for a parameter.
     *
     * @param status the status of the answer
     * @param parameter the parameter at fault
     * @param detail the thing, its value, and what is allowed
     */
    public ProblemException(int status, String parameter, String detail) {
        this(status, detail, parameter, Map.of());
    }

    /**
     * Creates an exception for what is away or too slow now, with status 503.
     *
     * @param detail what, and how long it was waited for; without addresses and names
     * @param retryAfter when to ask again, in whole seconds
     * @return the exception
     */
    public static ProblemException unavailable(String detail, Duration retryAfter) {
        return new ProblemException(503, detail).with("Retry-After", Long.toString(retryAfter.toSeconds()));
    }

    /**
     * Returns this exception with a further header.
     *
     * @param header the name of the header
     * @param value its value
     * @return another exception
     */
    public ProblemException with(String header, String value) {
        Map<String, String> more = new TreeMap<>(headers);
        more.put(header, value);
        return new ProblemException(status, detail(), parameter, more);
    }

    Problem problem() {
        return Problem.of(status, detail(), parameter);
    }

    Map<String, String> headers() {
        return headers;
    }

    private String detail() {
        return String.valueOf(getMessage());
    }
}
