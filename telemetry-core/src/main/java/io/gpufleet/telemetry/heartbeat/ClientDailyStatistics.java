package io.gpufleet.telemetry.heartbeat;

import io.gpufleet.telemetry.Aggregator;
import io.gpufleet.telemetry.Delivery;
import java.time.Instant;
import java.time.LocalDate;
import java.util.function.BiConsumer;

/**
 * The sums of one client's heartbeats of one UTC day; a row of {@code client_daily_stats}. Sums and counts are
 * integers, so that they are exact in any order of merging. Immutable.
 *
 * @param clientId the client
 * @param date the UTC day of the heartbeats' times
 * @param totalHeartbeats the number of heartbeats
 * @param sumCpuUsage sum of percentages
 * @param sumMemoryUsage sum of percentages
 * @param sumDiskUsage sum of percentages
 * @param networkInBytes bytes received, saturating at {@link Long#MAX_VALUE}
 * @param networkOutBytes bytes sent, saturating at {@link Long#MAX_VALUE}
 * @param lastHeartbeat the newest of their times
 */
public record ClientDailyStatistics(
        ClientId clientId,
        LocalDate date,
        int totalHeartbeats,
        long sumCpuUsage,
        long sumMemoryUsage,
        long sumDiskUsage,
        long networkInBytes,
        long networkOutBytes,
        Instant lastHeartbeat) {

    /**
     * The key of a client's statistics. Immutable.
     *
     * @param clientId the client
     * @param date the UTC day
     */
    public record Key(ClientId clientId, LocalDate date) {}

    /**
     * Returns the aggregator that folds heartbeats into these sums.
     *
     * @return a thread-safe aggregator
     */
    public static Aggregator<Heartbeat, Key, ClientDailyStatistics> aggregator() {
        return new Fold();
    }

    private static ClientDailyStatistics of(Delivery<Heartbeat> delivery) {
        Heartbeat heartbeat = delivery.value();
        SystemInfo info = heartbeat.systemInfo();
        return new ClientDailyStatistics(
                heartbeat.clientId(),
                UtcDay.of(delivery.time()),
                1,
                info.cpuUsage(),
                info.memoryUsage(),
                info.diskUsage(),
                info.networkRx(),
                info.networkTx(),
                delivery.time());
    }

    private ClientDailyStatistics plus(ClientDailyStatistics other) {
        return new ClientDailyStatistics(
                clientId,
                date,
                totalHeartbeats + other.totalHeartbeats,
                sumCpuUsage + other.sumCpuUsage,
                sumMemoryUsage + other.sumMemoryUsage,
                sumDiskUsage + other.sumDiskUsage,
                saturatingSum(networkInBytes, other.networkInBytes),
                saturatingSum(networkOutBytes, other.networkOutBytes),
                lastHeartbeat.isAfter(other.lastHeartbeat) ? lastHeartbeat : other.lastHeartbeat);
    }

    /** Adds two values of 0 or more. */
    private static long saturatingSum(long left, long right) {
        long sum = left + right;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }

    private static final class Fold implements Aggregator<Heartbeat, Key, ClientDailyStatistics> {
        @Override
        public void fold(Delivery<Heartbeat> delivery, BiConsumer<? super Key, ? super ClientDailyStatistics> results) {
            ClientDailyStatistics single = of(delivery);
            results.accept(new Key(single.clientId, single.date), single);
        }

        @Override
        public ClientDailyStatistics merge(ClientDailyStatistics left, ClientDailyStatistics right) {
            return left.plus(right);
        }
    }
}
