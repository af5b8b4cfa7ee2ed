package io.gpufleet.telemetry.jdbc.config;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.config.ConsumerSetting;
import java.util.Map;
import java.util.Set;

/**
 * The changes to the row of a service; all other values stay. Immutable.
 *
 * @param values the values to set
 * @param unset the settings to remove from the row
 */
record RowEdit(Map<ConsumerSetting, Object> values, Set<ConsumerSetting> unset) {
    /** Checks that no setting is in both. */
    RowEdit {
        values = Map.copyOf(values);
        unset = Set.copyOf(requireNonNull(unset, "unset"));
        for (ConsumerSetting setting : unset) {
            if (values.containsKey(setting)) {
                throw new IllegalArgumentException(setting.column() + ": cannot be both set and unset");
            }
        }
    }

    boolean isEmpty() {
        return values.isEmpty() && unset.isEmpty();
    }
}
