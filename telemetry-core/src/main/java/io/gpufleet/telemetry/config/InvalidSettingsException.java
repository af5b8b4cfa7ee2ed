package io.gpufleet.telemetry.config;

import io.gpufleet.telemetry.TelemetryException;
import java.util.List;

/** The settings of a service cannot be used, with everything that is wrong with them. Immutable. */
public final class InvalidSettingsException extends TelemetryException {
    private static final long serialVersionUID = 1L;

    /** The service. */
    private final String serviceName;

    private final transient List<String> violations;

    /**
     * Creates an exception.
     *
     * @param serviceName the service
     * @param violations all that is wrong: setting, value, and what is allowed; at least one
     */
    public InvalidSettingsException(String serviceName, List<String> violations) {
        super("The settings of service \"" + serviceName + "\" cannot be used: " + String.join("; ", violations));
        this.serviceName = serviceName;
        this.violations = List.copyOf(violations);
    }

    /**
     * Returns the service.
     *
     * @return its name
     */
    public String serviceName() {
        return serviceName;
    }

    /**
     * Returns all that is wrong.
     *
     * @return at least one sentence that names setting, value, and what is allowed
     */
    public List<String> violations() {
        return violations;
    }
}
