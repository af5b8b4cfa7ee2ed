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
     * @param violations all that is wrong: setting, value, and what is allowed; at least one
     */
    public InvalidSettingsException(String serviceName, List<String> violations) {
        this(serviceName, violations, Optional.empty());
    }

    InvalidSettingsException(String serviceName, List<String> violations, Optional<ConsumerSettings> usable) {
        super("The settings of service \"" + serviceName + "\" cannot be used: " + String.join("; ", violations));
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
     * Returns all that is wrong.
     *
     * @return at least one sentence that names setting, value, and what is allowed
     */
    public List<String> violations() {
        return violations;
    }

    /**
     * Returns what a consumer can start with all the same: the settings with the defaults of those that are wrong.
     *
     * @return settings that can be used, absent if the group is wrong: in another one everything would be applied again
     */
    public Optional<ConsumerSettings> usable() {
        return usable;
    }

    /**
     * Returns this exception for a host that has settings of its own.
     *
     * @param own what the host's code has set
     * @return an exception with the same faults, and with the host's own settings in {@link #usable()} in place of
     *     defaults said anything that can be used
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
