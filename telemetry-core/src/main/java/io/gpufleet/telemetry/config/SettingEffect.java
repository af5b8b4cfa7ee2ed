package io.gpufleet.telemetry.config;

/** The moment at which a running consumer takes a changed {@link ConsumerSetting}. */
public enum SettingEffect {
    /** Between two batches, at once. */
    NEXT_BATCH,
    /** With a new Kafka client, once everything that was handed out is written. */
    NEW_CLIENT,
    /** When the service starts again; until then the old value stays. */
    NEXT_START,
    /** Never: the batching consumer goes its own way. */
    IGNORED
}
