package io.gpufleet.telemetry.config;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * A changed value of a setting. Immutable.
 *
 * @param setting the setting
 * @param oldValue its value before, absent if there was none
 * @param newValue its value now, absent if there is none
 */
public record SettingChange(ConsumerSetting setting, Optional<Object> oldValue, Optional<Object> newValue) {

    /**
     * Checks the components.
     *
     * @param setting as the component
     * @param oldValue as the component
     * @param newValue as the component
     */
    public SettingChange {
        requireNonNull(setting, "setting");
        requireNonNull(oldValue, "oldValue");
        requireNonNull(newValue, "newValue");
    }

    /**
     * Returns the moment at which a running consumer takes the change.
     *
     * @return the setting's effect
     */
    public SettingEffect effect() {
        return setting.effect();
    }

    /** Returns the setting and both values as text, as in {@code max_poll_records: 100 -> 50}. */
    @Override
    public String toString() {
        return setting.column() + ": " + text(oldValue) + " -> " + text(newValue);
    }

    private static String text(Optional<Object> value) {
        return value.map(Object::toString).orElse("none");
    }
}
