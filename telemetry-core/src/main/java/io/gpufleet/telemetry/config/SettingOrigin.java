package io.gpufleet.telemetry.config;

/** Where the value of a {@link ConsumerSetting} comes from; the first that names one wins. */
public enum SettingOrigin {
    /** The service's row in {@code pipeline_consumer_configs}. */
    ROW,
    /** The builder of the consumer, in the host's code. */
    BUILDER,
    /** The default. */
    DEFAULT
}
