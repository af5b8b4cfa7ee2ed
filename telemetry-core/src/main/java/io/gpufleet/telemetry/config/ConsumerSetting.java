package io.gpufleet.telemetry.config;

import io.gpufleet.telemetry.BatchPolicy;
import io.gpufleet.telemetry.ResetPolicy;
import java.util.Arrays;
import java.util.Optional;

/**
 * A setting of a service: a column of {@code pipeline_consumer_configs} that reaches its consumer. There is no other
 * way from a row to the Kafka client, so a row cannot name servers, credentials or classes. The defaults are the same
 * for settings from a row, from a builder, or from neither.
 *
 * <p>A value is an {@link Integer}, a {@link Long}, a {@link Boolean} or a {@link String}, like its column. The names,
 * defaults and limits of Kafka's settings are those of its documentation, "Consumer Configs". Waits have a limit of
 * this SDK, because a client that waits for hours stands still without an error: 30 s for a fetch, 60 s before a
 * request or a connection is retried.
 */
public enum ConsumerSetting {
    /** The consumer group. */
    CONSUMER_GROUP_ID(
            "group.id",
            SettingDomain.text(),
            SettingEffect.NEXT_START,
            "Names the group, and with it the positions in the store; under another name everything is applied again"),
    /** The most records of one poll. */
    MAX_POLL_RECORDS(
            "max.poll.records",
            SettingDomain.integer(1, 5000, 100),
            SettingEffect.NEW_CLIENT,
            "The most records that one poll hands out"),
    /** The longest silence of a member. */
    SESSION_TIMEOUT_MS(
            "session.timeout.ms",
            SettingDomain.integer(1, Integer.MAX_VALUE, 60_000),
            SettingEffect.NEW_CLIENT,
            "How long the group waits for a silent member before it gives its partitions to others"),
    /** The longest time between a member's polls. */
    MAX_POLL_INTERVAL_MS(
            "max.poll.interval.ms",
            SettingDomain.integer(1, Integer.MAX_VALUE, 300_000),
            SettingEffect.NEW_CLIENT,
            "How long a member may take between two polls before it loses its partitions"),
    /** The interval between a member's signs of life. */
    HEARTBEAT_INTERVAL_MS(
            "heartbeat.interval.ms",
            SettingDomain.integer(1, Integer.MAX_VALUE, 20_000),
            SettingEffect.NEW_CLIENT,
            "How often a member sends a sign of life to the group; less than half of session_timeout_ms"),
    /** The assignment of partitions. */
    PARTITION_ASSIGNMENT_STRATEGY(
            "partition.assignment.strategy",
            SettingDomain.oneOf(AssignmentStrategy.class, AssignmentStrategy.COOPERATIVE_STICKY),
            SettingEffect.NEXT_START,
            "How the group shares out partitions; all its members need the same"),
    /** The client's own commits, on or off. */
    ENABLE_AUTO_COMMIT(
            "enable.auto.commit",
            SettingDomain.flag(false),
            SettingEffect.IGNORED,
            "Whether a plain client commits by itself; the batching consumer commits written offsets only"),
    /** The interval of the client's own commits. */
    AUTO_COMMIT_INTERVAL_MS(
            "auto.commit.interval.ms",
            SettingDomain.integer(0, Integer.MAX_VALUE, 5_000),
            SettingEffect.IGNORED,
            "How often a plain client commits by itself"),
    /** The start without a usable position. */
    AUTO_OFFSET_RESET(
            "auto.offset.reset",
            SettingDomain.oneOf(ResetPolicy.class, ResetPolicy.EARLIEST),
            SettingEffect.NEXT_BATCH,
            "Where a partition starts that has no usable position"),
    /** The bytes that a broker collects for an answer. */
    FETCH_MIN_BYTES(
            "fetch.min.bytes",
            SettingDomain.integer(0, Integer.MAX_VALUE, 1),
            SettingEffect.NEW_CLIENT,
            "How many bytes a broker collects before it answers, within fetch_max_wait_ms; not more than a fetch"
                    + " can hold"),
    /** The most bytes of one answer. */
    FETCH_MAX_BYTES(
            "fetch.max.bytes",
            SettingDomain.integer(1, Integer.MAX_VALUE, 52_428_800),
            SettingEffect.NEW_CLIENT,
            "The most bytes of one answer of a broker, unless its first record is larger"),
    /** The longest time that a broker collects for an answer. */
    FETCH_MAX_WAIT_MS(
            "fetch.max.wait.ms",
            SettingDomain.integer(0, 30_000, 500),
            SettingEffect.NEW_CLIENT,
            "How long a broker waits for fetch_min_bytes, and a newly added partition for its first fetch"),
    /** The most bytes of one partition. */
    MAX_PARTITION_FETCH_BYTES(
            "max.partition.fetch.bytes",
            SettingDomain.integer(1, Integer.MAX_VALUE, 1_048_576),
            SettingEffect.NEW_CLIENT,
            "The most bytes of one partition in an answer, unless its first record is larger"),
    /** The longest wait for an answer. */
    REQUEST_TIMEOUT_MS(
            "request.timeout.ms",
            SettingDomain.integer(1, Integer.MAX_VALUE, 305_000),
            SettingEffect.NEW_CLIENT,
            "How long the client waits for an answer before it asks again; more than fetch_max_wait_ms"),
    /** The wait before a failed request is retried. */
    RETRY_BACKOFF_MS(
            "retry.backoff.ms",
            SettingDomain.integer(0, 60_000, 100),
            SettingEffect.NEW_CLIENT,
            "How long the client waits before it retries a failed request"),
    /** The first wait before a reconnect. */
    RECONNECT_BACKOFF_MS(
            "reconnect.backoff.ms",
            SettingDomain.integer(0, 60_000, 50),
            SettingEffect.NEW_CLIENT,
            "How long the client waits before it reconnects to a broker, at first"),
    /** The longest wait before a reconnect. */
    RECONNECT_BACKOFF_MAX_MS(
            "reconnect.backoff.max.ms",
            SettingDomain.integer(0, 60_000, 5_000),
            SettingEffect.NEW_CLIENT,
            "How long the client waits before it reconnects to a broker, at most"),
    /** The longest idle time of a connection. */
    CONNECTIONS_MAX_IDLE_MS(
            "connections.max.idle.ms",
            SettingDomain.integer(1, Integer.MAX_VALUE, 540_000),
            SettingEffect.NEW_CLIENT,
            "How long a connection may be idle before the client closes it; more than fetch_max_wait_ms"),
    /** The reading of open and aborted transactions. */
    ISOLATION_LEVEL(
            "isolation.level",
            SettingDomain.oneOf(IsolationLevel.class, IsolationLevel.READ_UNCOMMITTED),
            SettingEffect.NEXT_START,
            "Whether a plain client reads records of open and aborted transactions; the batching consumer never does"),
    /** The records of a batch. */
    BATCH_MAX_RECORDS(
            "",
            SettingDomain.integer(1, 1_000_000, BatchPolicy.defaults().maxRecords()),
            SettingEffect.NEXT_BATCH,
            "The number of records at which a batch is written"),
    /** The bytes of a batch. */
    BATCH_MAX_BYTES(
            "",
            SettingDomain.number(1, Long.MAX_VALUE, BatchPolicy.defaults().maxBytes()),
            SettingEffect.NEXT_BATCH,
            "The most bytes of keys, values and headers in a batch"),
    /** The age of a batch. */
    BATCH_LINGER_MS(
            "",
            SettingDomain.integer(
                    0, 3_600_000, (int) BatchPolicy.defaults().linger().toMillis()),
            SettingEffect.NEXT_BATCH,
            "The age of the oldest record at which a batch is written");

    private final String kafkaName;

    @SuppressWarnings("ImmutableEnumChecker") // A record of immutable values.
    private final SettingDomain domain;

    private final SettingEffect effect;
    private final String meaning;

    ConsumerSetting(String kafkaName, SettingDomain domain, SettingEffect effect, String meaning) {
        this.kafkaName = kafkaName;
        this.domain = domain;
        this.effect = effect;
        this.meaning = meaning;
    }

    /**
     * Returns the setting of a column.
     *
     * @param column the column's name
     * @return the setting, absent if the column is not a setting
     */
    public static Optional<ConsumerSetting> ofColumn(String column) {
        return Arrays.stream(values()).filter(s -> s.column().equals(column)).findFirst();
    }

    /**
     * Returns the setting behind a setting of the Kafka client.
     *
     * @param name the name in Kafka's documentation
     * @return the setting, absent if a row cannot set it
     */
    public static Optional<ConsumerSetting> ofKafkaName(String name) {
        return Arrays.stream(values())
                .filter(s -> s.kafkaName().filter(name::equals).isPresent())
                .findFirst();
    }

    /**
     * Returns the column of {@code pipeline_consumer_configs}.
     *
     * @return its name
     */
    public String column() {
        return RowText.of(this);
    }

    /**
     * Returns the setting of the Kafka client.
     *
     * @return its name in Kafka's documentation, absent if it is none of the client's
     */
    public Optional<String> kafkaName() {
        return kafkaName.isEmpty() ? Optional.empty() : Optional.of(kafkaName);
    }

    /**
     * Returns the type of the values.
     *
     * @return {@link Integer}, {@link Long}, {@link Boolean} or {@link String}
     */
    public Class<?> type() {
        return domain.type();
    }

    /**
     * Returns the default.
     *
     * @return a value, absent for the group (made of the service's name)
     */
    public Optional<Object> defaultValue() {
        return domain.defaultValue();
    }

    /**
     * Returns the allowed values as text.
     *
     * @return for example {@code between 1 and 5000}
     */
    public String allowed() {
        return domain.allowed();
    }

    /**
     * Returns the moment at which a running consumer takes a changed value.
     *
     * @return the effect
     */
    public SettingEffect effect() {
        return effect;
    }

    /**
     * Returns the description of the setting.
     *
     * @return one sentence without a full stop
     */
    public String meaning() {
        return meaning;
    }

    /**
     * Parses a value written by a person.
     *
     * @param text the value
     * @return an {@link Integer}, {@link Long}, {@link Boolean} or {@link String} that is allowed
     * @throws IllegalArgumentException if it is not allowed; names the setting, the text and what is allowed
     */
    public Object parse(String text) {
        return domain.parse(text)
                .filter(value -> violation(value).isEmpty())
                .orElseThrow(() -> new IllegalArgumentException(refusal(text)));
    }

    /** Returns the fault of a single value. */
    Optional<String> violation(Object value) {
        return domain.holds(value) ? Optional.empty() : Optional.of(refusal(value));
    }

    private String refusal(Object value) {
        return column() + ": " + (value instanceof String ? "\"" + value + "\"" : value) + " is not " + allowed();
    }
}
