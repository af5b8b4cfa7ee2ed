package io.gpufleet.telemetry.config;

/** The moment at which a running consumer takes a changed {@link ConsumerSetting}. */
public enum SettingEffect {
    /** Between two batches, at once. */
    NEXT_BATCH,
    /** With a new Kafka client, once all polled records are written. */
    NEW_CLIENT,
    /** At the next start of the service; until then the old value stays. */
    NEXT_START,
    /** Never: the batching consumer ignores the setting. */
    IGNORED
}
