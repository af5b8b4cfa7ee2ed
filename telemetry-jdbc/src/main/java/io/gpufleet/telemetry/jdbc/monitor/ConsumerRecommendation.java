package io.gpufleet.telemetry.jdbc.monitor;

import io.gpufleet.telemetry.config.ConsumerSetting;

/**
 * A recommendation for a setting of a service, from the samples of the last hour. Immutable.
 *
 * @param serviceName the service
 * @param setting the setting to change
 * @param currentValue its value now
 * @param direction larger or smaller
 * @param reason the reason
 * @param priority the weight
 */
public record ConsumerRecommendation(
        String serviceName,
        ConsumerSetting setting,
        int currentValue,
        Direction direction,
        String reason,
        Priority priority) {

    /** The direction of a change. */
    public enum Direction {
        /** A larger value. */
        INCREASE,
        /** A smaller value. */
        DECREASE
    }

    /** The weight of a recommendation. */
    public enum Priority {
        /** Saves resources. */
        LOW,
        /** More than 100 messages wait. */
        MEDIUM,
        /** More than 1,000 messages wait, or batches take too long. */
        HIGH
    }
}
