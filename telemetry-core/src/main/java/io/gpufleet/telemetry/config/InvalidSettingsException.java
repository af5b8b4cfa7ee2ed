package io.gpufleet.telemetry.config;

import io.gpufleet.telemetry.TelemetryException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The exception for unusable settings of a service, with all of their faults. Immutable. */
public final class InvalidSettingsException extends TelemetryException {
    private static final long serialVersionUID = 1L;

    /** The service. */
    private final String serviceName;

    private final transient List<String> violations;

    private final transient Optional<ConsumerSettings> usable;

    /**
     * Creates an exception.
     *
     * @param serviceName the service
     * @param violations every fault with setting, value, and allowed values; at least one
     */
    public InvalidSettingsException(String serviceName, List<String> violations) {
        this(serviceName, violations, Optional.empty());
    }

    InvalidSettingsException(String serviceName, List<String> violations, Optional<ConsumerSettings> usable) {
        super("Settings of service \"" + serviceName + "\" cannot be used: " + String.join("; ", violations));
        this.serviceName = serviceName;
        this.violations = List.copyOf(violations);
        this.usable = usable;
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
     * Returns all faults.
     *
     * @return at least one sentence that names setting, value, and allowed values
     */
    public List<String> violations() {
        return violations;
    }

    /**
     * Returns the settings with which a consumer can start nevertheless: the valid ones, and the defaults of the
     * others.
     *
     * @return usable settings, absent if the group is invalid: in another group everything would be applied again
     */
    public Optional<ConsumerSettings> usable() {
        return usable;
    }

    /**
     * Returns this exception with the host's own settings taken into account.
     *
     * @param own the values set by the host's code
     * @return an exception with the same faults, whose {@link #usable()} has the host's own settings in place of
     *     defaults
     */
    public InvalidSettingsException orElse(Map<ConsumerSetting, ?> own) {
        InvalidSettingsException other = new InvalidSettingsException(serviceName, violations, usable(own));
        other.setStackTrace(getStackTrace());
        return other;
    }

    private Optional<ConsumerSettings> usable(Map<ConsumerSetting, ?> own) {
        try {
            return usable.map(settings -> settings.orElse(own));
        } catch (InvalidSettingsException e) {
            return e.usable;
        }
    }
}
