package io.gpufleet.telemetry.config;

/** The origin of a {@link ConsumerSetting}'s value; the first origin with a value wins. */
public enum SettingOrigin {
    /** The service's row in {@code pipeline_consumer_configs}. */
    ROW,
    /** The builder of the consumer, in the host's code. */
    BUILDER,
    /** The default. */
    DEFAULT
}
