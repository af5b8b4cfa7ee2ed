package io.gpufleet.telemetry.jdbc.monitor;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * The performance of a service, a row of {@code v_consumer_performance_monitor}; means are those of the last hour.
 * Immutable.
 *
 * @param serviceName the service
 * @param groupId its consumer group
 * @param currentTotalLag messages that wait in all its partitions, as reported {@code lagAge} ago, and out of date if
 *     the status is UNKNOWN; absent without a sample of the last 5 minutes
 * @param averageLag mean of the samples, each of one partition, 0 without samples
 * @param maxLag largest sample, of one partition, 0 without samples
 * @param lastLagAt the time of the last report of the lag
 * @param lagAge the age of the oldest part of the lag, by the clock of the database; absent without a report
 * @param lagStatus UNKNOWN (a partition was not reported in the last 20 seconds), HEALTHY, WATCH (above 100 messages),
 *     WARNING (1,000) or CRITICAL (10,000)
 * @param averageProcessingMillis mean time of a batch
 * @param maxPollIntervalMillis the longest allowed time of a batch
 * @param processingSpeed UNKNOWN, GOOD, MARGINAL (above half of the interval) or TOO_SLOW (0.8)
 * @param averageBatchSize mean records of a batch
 * @param maxPollRecords the limit of records of a poll
 * @param averageMessagesPerSecond mean records a second
 * @param errorRate share of the records that failed, 0 to 1
 * @param recommendation what to do
 */
public record ConsumerPerformance(
        String serviceName,
        String groupId,
        OptionalLong currentTotalLag,
        double averageLag,
        long maxLag,
        Optional<Instant> lastLagAt,
        Optional<Duration> lagAge,
        String lagStatus,
        OptionalDouble averageProcessingMillis,
        int maxPollIntervalMillis,
        String processingSpeed,
        OptionalDouble averageBatchSize,
        int maxPollRecords,
        OptionalDouble averageMessagesPerSecond,
        OptionalDouble errorRate,
        String recommendation) {}
