package io.gpufleet.telemetry.config;

import java.time.Duration;

/**
 * Settings derived from the time that a record takes. Immutable.
 *
 * @param maxPollRecords the most records of one poll
 * @param maxPollInterval milliseconds between two polls
 * @param sessionTimeout milliseconds until a silent member is gone
 * @param fetchMaxWait milliseconds that a broker collects
 * @param strategy the assignment strategy
 */
record DerivedSettings(
        int maxPollRecords, int maxPollInterval, int sessionTimeout, int fetchMaxWait, AssignmentStrategy strategy) {
    private static final int REQUEST_MARGIN = 5_000;
    private static final int LONGEST_INTERVAL = Integer.MAX_VALUE - REQUEST_MARGIN;
    private static final long SLOW_MILLIS = 10_000;
    private static final long NOTICEABLE_MILLIS = 1_000;
    private static final long QUICK_MILLIS = 100;

    static DerivedSettings of(Workload workload, Duration meanTime) {
        long millis =
                meanTime.compareTo(Duration.ofMillis(LONGEST_INTERVAL)) > 0 ? LONGEST_INTERVAL : meanTime.toMillis();
        if (workload == Workload.GPU || millis > SLOW_MILLIS) {
            int interval = interval(600_000, 3, millis);
            return new DerivedSettings(1, interval, Math.min(interval / 2, 300_000), 500, AssignmentStrategy.STICKY);
        }
        if (workload == Workload.CPU || millis > NOTICEABLE_MILLIS) {
            int interval = interval(300_000, 20, millis);
            return new DerivedSettings(10, interval, Math.min(interval / 3, 120_000), 500, AssignmentStrategy.STICKY);
        }
        if (workload == Workload.NETWORK) {
            return new DerivedSettings(20, 360_000, 180_000, 5_000, AssignmentStrategy.COOPERATIVE_STICKY);
        }
        return millis < QUICK_MILLIS
                ? new DerivedSettings(500, 60_000, 30_000, 500, AssignmentStrategy.COOPERATIVE_STICKY)
                : new DerivedSettings(100, 300_000, 60_000, 500, AssignmentStrategy.COOPERATIVE_STICKY);
    }

    private static int interval(int atLeast, int records, long millis) {
        return (int) Math.min(LONGEST_INTERVAL, Math.max(atLeast, records * millis));
    }

    ConsumerSettings.Builder applyTo(ConsumerSettings.Builder builder) {
        return builder.set(ConsumerSetting.MAX_POLL_RECORDS, maxPollRecords)
                .set(ConsumerSetting.MAX_POLL_INTERVAL_MS, maxPollInterval)
                .set(ConsumerSetting.SESSION_TIMEOUT_MS, sessionTimeout)
                .set(ConsumerSetting.HEARTBEAT_INTERVAL_MS, sessionTimeout / 3)
                .set(ConsumerSetting.REQUEST_TIMEOUT_MS, maxPollInterval + REQUEST_MARGIN)
                .set(ConsumerSetting.FETCH_MAX_WAIT_MS, fetchMaxWait)
                .set(ConsumerSetting.PARTITION_ASSIGNMENT_STRATEGY, strategy.text());
    }
}
