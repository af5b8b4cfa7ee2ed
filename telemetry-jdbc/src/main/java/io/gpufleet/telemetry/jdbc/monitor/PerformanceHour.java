package io.gpufleet.telemetry.jdbc.monitor;

import java.time.Instant;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * The performance of a service in an hour, a row of {@code v_consumer_performance_history}. Immutable.
 *
 * @param serviceName the service
 * @param hour its begin
 * @param averageLag mean of the samples, each of one partition
 * @param maxLag largest sample, of one partition
 * @param averageProcessingMillis mean time of a batch
 * @param averageBatchSize mean records of a batch
 * @param averageMessagesPerSecond mean records a second
 * @param messagesProcessed records that were processed
 * @param messagesFailed dead-lettered records
 * @param errorRate share of the records that failed, 0 to 1
 */
public record PerformanceHour(
        String serviceName,
        Instant hour,
        OptionalDouble averageLag,
        OptionalLong maxLag,
        OptionalDouble averageProcessingMillis,
        OptionalDouble averageBatchSize,
        OptionalDouble averageMessagesPerSecond,
        OptionalLong messagesProcessed,
        OptionalLong messagesFailed,
        OptionalDouble errorRate) {}
