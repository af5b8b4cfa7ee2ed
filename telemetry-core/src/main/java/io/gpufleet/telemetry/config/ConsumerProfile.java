package io.gpufleet.telemetry.config;

import java.time.Duration;
import java.util.Map;

/** A preset of settings for a kind of service. */
public enum ConsumerProfile {
    /** One slow record at a time; with records of up to 20 minutes set {@code max_poll_interval_ms} to 1200000. */
    GPU_INFERENCE(Map.of(
            ConsumerSetting.MAX_POLL_RECORDS,
            1,
            ConsumerSetting.MAX_POLL_INTERVAL_MS,
            600_000,
            ConsumerSetting.SESSION_TIMEOUT_MS,
            60_000)),
    /** Many quick records; {@code max_poll_records} may be raised to 1000. */
    FAST(Map.of(
            ConsumerSetting.MAX_POLL_RECORDS,
            500,
            ConsumerSetting.MAX_POLL_INTERVAL_MS,
            60_000,
            ConsumerSetting.SESSION_TIMEOUT_MS,
            30_000,
            ConsumerSetting.HEARTBEAT_INTERVAL_MS,
            10_000,
            ConsumerSetting.FETCH_MAX_WAIT_MS,
            500)),
    /** Records that wait for other services; {@code max_poll_records} may be raised to 20. */
    IO_BOUND(Map.of(
            ConsumerSetting.MAX_POLL_RECORDS,
            10,
            ConsumerSetting.MAX_POLL_INTERVAL_MS,
            300_000,
            ConsumerSetting.SESSION_TIMEOUT_MS,
            60_000,
            ConsumerSetting.RETRY_BACKOFF_MS,
            5_000,
            ConsumerSetting.REQUEST_TIMEOUT_MS,
            60_000)),
    /** Records that are written to a database in batches. */
    DATABASE_WRITER(Map.of(
            ConsumerSetting.MAX_POLL_RECORDS,
            1000,
            ConsumerSetting.MAX_POLL_INTERVAL_MS,
            120_000,
            ConsumerSetting.SESSION_TIMEOUT_MS,
            60_000,
            ConsumerSetting.ENABLE_AUTO_COMMIT,
            false));

    @SuppressWarnings("ImmutableEnumChecker") // Map.of(…) of numbers and flags.
    private final Map<ConsumerSetting, Object> values;

    ConsumerProfile(Map<ConsumerSetting, Object> values) {
        this.values = values;
    }

    /**
     * Returns the profile's settings for a service.
     *
     * @param service the service's name, not blank
     * @return a builder to change them further
     */
    public ConsumerSettings.Builder settings(String service) {
        ConsumerSettings.Builder builder = ConsumerSettings.builder(service);
        values.forEach(builder::set);
        return builder;
    }

    /**
     * Returns settings derived from a service's workload and its duration per record.
     *
     * @param service the service's name, not blank
     * @param workload the main work on a record
     * @param meanTime the average time of a record, 0 or more
     * @return a builder to change them further
     */
    public static ConsumerSettings.Builder derive(String service, Workload workload, Duration meanTime) {
        if (meanTime.isNegative()) {
            throw new IllegalArgumentException("meanTime: " + meanTime + " is negative");
        }
        return DerivedSettings.of(workload, meanTime).applyTo(ConsumerSettings.builder(service));
    }
}
