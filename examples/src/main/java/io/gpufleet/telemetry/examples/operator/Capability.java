package io.gpufleet.telemetry.examples.operator;

import java.util.List;
import java.util.Locale;

/** The capabilities of the tables, each known by tables that no other has. */
enum Capability {
    /** Heartbeats, their daily statistics and the newest states. */
    HEARTBEATS,
    /** GPU samples, in either layout. */
    GPU_SAMPLES,
    /** The settings of consumers, what they report, and the advice on them. */
    CONSUMER_CONFIGS;

    /** Returns tables by which the capability is known; one is enough, since another may have been dropped by hand. */
    List<String> tables() {
        return switch (this) {
            case HEARTBEATS -> List.of("heartbeat", "client_daily_stats", "device_daily_stats");
            case GPU_SAMPLES -> List.of("gpu_telemetry", "gpu_sample", "gpu_metrics");
            case CONSUMER_CONFIGS ->
                List.of("pipeline_consumer_configs", "consumer_lag_history", "consumer_processing_metrics");
        };
    }

    /** Returns the name for programs, as in {@code gpu_samples}. */
    String field() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Returns the option of the commands about the tables. */
    String option() {
        return "--" + toString().replace(' ', '-');
    }

    /** Returns the words for people. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
