package io.gpufleet.telemetry.config;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * A setting with its value, origin and description. Immutable.
 *
 * @param setting which one; its {@linkplain ConsumerSetting#meaning() meaning} says what it does
 * @param value its value, absent if it is not set
 * @param origin who has said it
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
