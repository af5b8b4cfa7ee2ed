package io.gpufleet.telemetry.jdbc.monitor;

import io.gpufleet.telemetry.config.ConsumerSetting;

/**
 * A recommendation for a setting of a service, by the samples of the last hour. Immutable.
 *
 * @param serviceName the service
 * @param setting what to change
 * @param currentValue its value now
 * @param direction larger or smaller
 * @param reason why
 * @param priority how much it matters
 */
public record ConsumerRecommendation(
        String serviceName,
        ConsumerSetting setting,
        int currentValue,
        Direction direction,
        String reason,
        Priority priority) {

    /** Where to. */
    public enum Direction {
        /** A larger value. */
        INCREASE,
        /** A smaller value. */
        DECREASE
    }

    /** The weight of a recommendation. */
    public enum Priority {
        /** It saves something. */
        LOW,
        /** More than 100 messages wait. */
        MEDIUM,
        /** More than 1,000 messages wait, or batches take too long. */
        HIGH
    }
}
