package io.gpufleet.telemetry.config;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * A setting with its value, origin and description. Immutable.
 *
 * @param setting the setting, described by its {@linkplain ConsumerSetting#meaning() meaning}
 * @param value its value, absent if it is not set
 * @param origin the origin of the value
 */
public record SettingExplanation(ConsumerSetting setting, Optional<Object> value, SettingOrigin origin) {

    /**
     * Checks the components.
     *
     * @param setting as the component
     * @param value as the component
     * @param origin as the component
     */
    public SettingExplanation {
        requireNonNull(setting, "setting");
        requireNonNull(value, "value");
        requireNonNull(origin, "origin");
    }
}
