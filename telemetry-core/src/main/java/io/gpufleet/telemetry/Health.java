package io.gpufleet.telemetry;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * How a consumer is, with the reasons. Immutable.
 *
 * @param status the worst of its reasons
 * @param reasons what is not well, none when it is {@link Status#UP}
 */
public record Health(Status status, List<String> reasons) {

    /** How a consumer is. */
    public enum Status {
        /** It works. */
        UP,
        /** It works on, and something needs attention: a retry that goes on, a store that does not answer. */
        DEGRADED,
        /** It has stopped. */
        DOWN
    }

    /**
     * Checks the components.
     *
     * @param status as the component
     * @param reasons as the component
     */
    public Health {
        requireNonNull(status, "status");
        reasons = List.copyOf(reasons);
    }
}
