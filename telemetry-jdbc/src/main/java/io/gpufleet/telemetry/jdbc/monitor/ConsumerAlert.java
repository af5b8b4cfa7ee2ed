package io.gpufleet.telemetry.jdbc.monitor;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * A service that needs attention, a row of {@code v_consumer_alerts}. Immutable.
 *
 * @param serviceName the service
 * @param groupId its consumer group
 * @param lagStatus as in {@link ConsumerPerformance}
 * @param currentTotalLag as in {@link ConsumerPerformance}
 * @param lagAge as in {@link ConsumerPerformance}
 * @param processingSpeed as in {@link ConsumerPerformance}
 * @param errorRate share of the records that failed, 0 to 1
 * @param actionRequired how urgent it is
 * @param recommendation what to do
 */
public record ConsumerAlert(
        String serviceName,
        String groupId,
        String lagStatus,
        OptionalLong currentTotalLag,
        Optional<Duration> lagAge,
        String processingSpeed,
        OptionalDouble errorRate,
        Action actionRequired,
        String recommendation) {

    /** The urgency of an alert. */
    public enum Action {
        /** Keep watching. */
        MONITOR,
        /** Find out the cause. */
        INVESTIGATE,
        /** Act now. */
        IMMEDIATE_ACTION
    }
}
