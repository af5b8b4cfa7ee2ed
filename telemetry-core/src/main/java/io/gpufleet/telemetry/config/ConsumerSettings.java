package io.gpufleet.telemetry.config;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.BatchPolicy;
import io.gpufleet.telemetry.ResetPolicy;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The settings of one service's consumer, each value with its origin. Always valid. Immutable.
 *
 * <p>Source: the table {@code pipeline_consumer_configs}, a row a service.
 */
public final class ConsumerSettings {
    private final String serviceName;
    private final Optional<String> description;
    private final Map<ConsumerSetting, Object> values;
    private final Map<ConsumerSetting, SettingOrigin> origins;

    private ConsumerSettings(Builder builder) {
        this.serviceName = builder.serviceName;
        this.description = Optional.ofNullable(builder.description);
        this.values = Map.copyOf(builder.values);
        this.origins = Map.copyOf(builder.origins);
    }

    /**
     * Returns the settings of a service with defaults only. Its group is {@code <service>-consumer-group}.
     *
     * @param service the service's name, not blank
     * @return the defaults
     */
    public static ConsumerSettings defaults(String service) {
        return builder(service).build();
    }

    /**
     * Returns a builder with the defaults.
     *
     * @param service the service's name, not blank
     * @return a builder
     */
    public static Builder builder(String service) {
        return new Builder(service);
    }

    /**
     * Checks the values, each by itself and together.
     *
     * @param values a value for each setting that has one; the defaults apply to the others
     * @return every fault with setting, value, and allowed values; none if the values can be used
     */
    public static List<String> validate(Map<ConsumerSetting, ?> values) {
        Map<ConsumerSetting, Object> complete = defaultValues();
        complete.putAll(requireNonNull(values, "values"));
        return texts(SettingRules.violations(complete));
    }

    private static List<String> texts(List<SettingRules.Violation> violations) {
        return violations.stream().map(SettingRules.Violation::text).toList();
    }

    private static Map<ConsumerSetting, Object> defaultValues() {
        Map<ConsumerSetting, Object> defaults = new EnumMap<>(ConsumerSetting.class);
        for (ConsumerSetting setting : ConsumerSetting.values()) {
            setting.defaultValue().ifPresent(value -> defaults.put(setting, value));
        }
        return defaults;
    }

    /**
     * Returns a builder that starts from these settings, their origins included.
     *
     * @return a builder
     */
    public Builder toBuilder() {
        Builder builder = builder(serviceName).description(description.orElse(null));
        builder.values.putAll(values);
        builder.origins.putAll(origins);
        return builder;
    }

    /**
     * Returns these settings with the host's own in place of defaults.
     *
     * @param own the values set by the host's code
     * @return settings in which the row wins over the builder, and the builder over the default
     * @throws InvalidSettingsException if the values do not fit together
     */
    public ConsumerSettings orElse(Map<ConsumerSetting, ?> own) {
        Builder builder = toBuilder();
        own.forEach((setting, value) -> {
            if (origin(setting) == SettingOrigin.DEFAULT) {
                builder.set(setting, value, SettingOrigin.BUILDER);
            }
        });
        return builder.build();
    }

    /**
     * Returns these settings as a running consumer takes them: settings that only a start can change stay as they are.
     *
     * @param running the present settings of the consumer
     * @return the settings that it can take without a new start
     */
    public ConsumerSettings takenBy(ConsumerSettings running) {
        Builder builder = toBuilder();
        for (ConsumerSetting setting : ConsumerSetting.values()) {
            if (setting.effect() == SettingEffect.NEXT_START) {
                running.value(setting).ifPresent(value -> builder.set(setting, value, running.origin(setting)));
            }
        }
        return builder.build();
    }

    /**
     * Returns the changes from these settings to newer ones.
     *
     * @param newer the newer settings
     * @return the settings with another value there, in the order of {@link ConsumerSetting}
     */
    public List<SettingChange> changesTo(ConsumerSettings newer) {
        return Arrays.stream(ConsumerSetting.values())
                .map(setting -> new SettingChange(setting, value(setting), newer.value(setting)))
                .filter(change -> !change.oldValue().equals(change.newValue()))
                .toList();
    }

    /**
     * Returns the explanation of every setting.
     *
     * @return all of them in the order of {@link ConsumerSetting}
     */
    public List<SettingExplanation> explain() {
        return Arrays.stream(ConsumerSetting.values())
                .map(setting -> new SettingExplanation(setting, value(setting), origin(setting)))
                .toList();
    }

    /**
     * Returns all values, the defaults included.
     *
     * @return a value for each setting
     */
    public Map<ConsumerSetting, Object> values() {
        return values;
    }

    /**
     * Returns the values that were set, without the defaults: the contents of a row.
     *
     * @return a value for each setting that the row or the host's code has set
     */
    public Map<ConsumerSetting, Object> setValues() {
        Map<ConsumerSetting, Object> set = new EnumMap<>(ConsumerSetting.class);
        origins.forEach((setting, origin) -> {
            if (origin != SettingOrigin.DEFAULT) {
                set.put(setting, required(setting));
            }
        });
        return set;
    }

    /**
     * Returns the value of a setting.
     *
     * @param setting the setting
     * @return the value that applies
     */
    public Optional<Object> value(ConsumerSetting setting) {
        return Optional.ofNullable(values.get(setting));
    }

    private Optional<Object> setValue(ConsumerSetting setting) {
        return origin(setting) == SettingOrigin.DEFAULT ? Optional.empty() : value(setting);
    }

    /**
     * Returns the origin of a setting's value.
     *
     * @param setting the setting
     * @return the row, the builder, or the default
     */
    public SettingOrigin origin(ConsumerSetting setting) {
        return origins.getOrDefault(setting, SettingOrigin.DEFAULT);
    }

    /**
     * Returns the service.
     *
     * @return its name
     */
    public String serviceName() {
        return serviceName;
    }

    /**
     * Returns the description of the service for operators.
     *
     * @return the row's description
     */
    public Optional<String> description() {
        return description;
    }

    /**
     * Returns the consumer group.
     *
     * @return its name
     */
    public String groupId() {
        return text(ConsumerSetting.CONSUMER_GROUP_ID);
    }

    /**
     * Returns the most records of one poll.
     *
     * @return 1 to 5000 (default: 100)
     */
    public int maxPollRecords() {
        return integer(ConsumerSetting.MAX_POLL_RECORDS);
    }

    /**
     * Returns the time for which the group waits for a silent member.
     *
     * @return more than twice the heartbeat interval (default: 60 s)
     */
    public Duration sessionTimeout() {
        return duration(ConsumerSetting.SESSION_TIMEOUT_MS);
    }

    /**
     * Returns the longest time between two polls of a member.
     *
     * @return more than the session timeout (default: 5 min)
     */
    public Duration maxPollInterval() {
        return duration(ConsumerSetting.MAX_POLL_INTERVAL_MS);
    }

    /**
     * Returns the interval between a member's signs of life.
     *
     * @return 1 ms or more (default: 20 s)
     */
    public Duration heartbeatInterval() {
        return duration(ConsumerSetting.HEARTBEAT_INTERVAL_MS);
    }

    /**
     * Returns the assignment strategy of the group.
     *
     * @return a strategy (default: cooperative-sticky)
     */
    public AssignmentStrategy partitionAssignmentStrategy() {
        return RowText.parse(AssignmentStrategy.class, text(ConsumerSetting.PARTITION_ASSIGNMENT_STRATEGY));
    }

    /**
     * Returns whether a plain client commits by itself.
     *
     * @return false by default
     */
    public boolean enableAutoCommit() {
        return (Boolean) required(ConsumerSetting.ENABLE_AUTO_COMMIT);
    }

    /**
     * Returns the interval of a plain client's own commits.
     *
     * @return 0 or more (default: 5 s)
     */
    public Duration autoCommitInterval() {
        return duration(ConsumerSetting.AUTO_COMMIT_INTERVAL_MS);
    }

    /**
     * Returns the start of a partition without a usable position.
     *
     * @return a policy (default: earliest)
     */
    public ResetPolicy autoOffsetReset() {
        return RowText.parse(ResetPolicy.class, text(ConsumerSetting.AUTO_OFFSET_RESET));
    }

    /**
     * Returns the bytes that a broker collects before it answers.
     *
     * @return 0 or more (default: 1)
     */
    public int fetchMinBytes() {
        return integer(ConsumerSetting.FETCH_MIN_BYTES);
    }

    /**
     * Returns the most bytes of one answer.
     *
     * @return 1 or more (default: 50 MiB)
     */
    public int fetchMaxBytes() {
        return integer(ConsumerSetting.FETCH_MAX_BYTES);
    }

    /**
     * Returns the longest time for which a broker collects bytes.
     *
     * @return 0 or more (default: 500 ms)
     */
    public Duration fetchMaxWait() {
        return duration(ConsumerSetting.FETCH_MAX_WAIT_MS);
    }

    /**
     * Returns the most bytes of one partition in an answer.
     *
     * @return 1 or more (default: 1 MiB)
     */
    public int maxPartitionFetchBytes() {
        return integer(ConsumerSetting.MAX_PARTITION_FETCH_BYTES);
    }

    /**
     * Returns the longest wait for an answer.
     *
     * @return 1 ms or more (default: 305 s)
     */
    public Duration requestTimeout() {
        return duration(ConsumerSetting.REQUEST_TIMEOUT_MS);
    }

    /**
     * Returns the wait before a failed request is retried.
     *
     * @return 0 or more (default: 100 ms)
     */
    public Duration retryBackoff() {
        return duration(ConsumerSetting.RETRY_BACKOFF_MS);
    }

    /**
     * Returns the first wait before a reconnect.
     *
     * @return 0 or more (default: 50 ms)
     */
    public Duration reconnectBackoff() {
        return duration(ConsumerSetting.RECONNECT_BACKOFF_MS);
    }

    /**
     * Returns the longest wait before a reconnect.
     *
     * @return as much as the first wait or more (default: 1 s)
     */
    public Duration reconnectBackoffMax() {
        return duration(ConsumerSetting.RECONNECT_BACKOFF_MAX_MS);
    }

    /**
     * Returns the idle time after which the client closes a connection.
     *
     * @return 1 ms or more (default: 9 min)
     */
    public Duration connectionsMaxIdle() {
        return duration(ConsumerSetting.CONNECTIONS_MAX_IDLE_MS);
    }

    /**
     * Returns the isolation level of a plain client.
     *
     * @return a level (default: read_uncommitted); the batching consumer always reads committed records
     */
    public IsolationLevel isolationLevel() {
        return RowText.parse(IsolationLevel.class, text(ConsumerSetting.ISOLATION_LEVEL));
    }

    /**
     * Returns the number of records at which a batch is written.
     *
     * @return 1 to 1,000,000, absent if it is not set (default: 100)
     */
    public OptionalInt batchMaxRecords() {
        return setValue(ConsumerSetting.BATCH_MAX_RECORDS)
                .map(records -> OptionalInt.of((Integer) records))
                .orElseGet(OptionalInt::empty);
    }

    /**
     * Returns the most bytes of a batch.
     *
     * @return 1 or more, absent if it is not set (default: 4 MiB)
     */
    public OptionalLong batchMaxBytes() {
        return setValue(ConsumerSetting.BATCH_MAX_BYTES)
                .map(bytes -> OptionalLong.of((Long) bytes))
                .orElseGet(OptionalLong::empty);
    }

    /**
     * Returns the age of the oldest record at which a batch is written.
     *
     * @return 0 to 1 hour, absent if it is not set (default: 1 s)
     */
    public Optional<Duration> batchLinger() {
        return setValue(ConsumerSetting.BATCH_LINGER_MS).map(millis -> Duration.ofMillis((Integer) millis));
    }

    /**
     * Returns the limits of a batch.
     *
     * @param own the limits that apply where the settings have none
     * @return a policy
     */
    public BatchPolicy batching(BatchPolicy own) {
        return BatchPolicy.builder()
                .maxRecords(batchMaxRecords().orElse(own.maxRecords()))
                .maxValues(own.maxValues())
                .maxBytes(batchMaxBytes().orElse(own.maxBytes()))
                .linger(batchLinger().orElse(own.linger()))
                .build();
    }

    private Object required(ConsumerSetting setting) {
        return requireNonNull(values.get(setting));
    }

    private String text(ConsumerSetting setting) {
        return (String) required(setting);
    }

    private int integer(ConsumerSetting setting) {
        return (Integer) required(setting);
    }

    private Duration duration(ConsumerSetting setting) {
        return Duration.ofMillis(integer(setting));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ConsumerSettings that
                && serviceName.equals(that.serviceName)
                && description.equals(that.description)
                && values.equals(that.values)
                && origins.equals(that.origins);
    }

    @Override
    public int hashCode() {
        return Objects.hash(serviceName, values);
    }

    /** Returns the service, and the values that are not defaults, as text. */
    @Override
    public String toString() {
        Map<String, Object> said = new HashMap<>();
        origins.forEach((setting, origin) -> value(setting).ifPresent(value -> said.put(setting.column(), value)));
        return "ConsumerSettings[" + serviceName + ", " + said + "]";
    }

    /** Builds {@link ConsumerSettings}. Values are checked together by {@link #build()}. Not thread-safe. */
    public static final class Builder {
        private final String serviceName;
        private final Map<ConsumerSetting, Object> values = defaultValues();
        private final Map<ConsumerSetting, SettingOrigin> origins = new EnumMap<>(ConsumerSetting.class);
        private @Nullable String description;

        private Builder(String service) {
            if (requireNonNull(service, "service").isBlank()) {
                throw new IllegalArgumentException("service: \"" + service + "\" is blank");
            }
            this.serviceName = service;
            values.put(ConsumerSetting.CONSUMER_GROUP_ID, service + "-consumer-group");
        }

        /**
         * Sets the description of the service for operators.
         *
         * @param text a text, or null
         * @return this
         */
        public Builder description(@Nullable String text) {
            this.description = text;
            return this;
        }

        /**
         * Sets a value with the origin {@link SettingOrigin#BUILDER}.
         *
         * @param setting the setting
         * @param value an {@link Integer}, {@link Long}, {@link Boolean} or {@link String}, by the setting's type
         * @return this
         */
        public Builder set(ConsumerSetting setting, Object value) {
            return set(setting, value, SettingOrigin.BUILDER);
        }

        /**
         * Sets a value with an origin.
         *
         * @param setting the setting
         * @param value an {@link Integer}, {@link Long}, {@link Boolean} or {@link String}, by the setting's type
         * @param origin the origin of the value
         * @return this
         */
        public Builder set(ConsumerSetting setting, Object value, SettingOrigin origin) {
            values.put(requireNonNull(setting, "setting"), requireNonNull(value, "value"));
            origins.put(setting, requireNonNull(origin, "origin"));
            return this;
        }

        /**
         * Builds the settings.
         *
         * @return immutable settings
         * @throws InvalidSettingsException if a value is not allowed, with all faults
         */
        public ConsumerSettings build() {
            List<SettingRules.Violation> violations = SettingRules.violations(values);
            if (!violations.isEmpty()) {
                throw new InvalidSettingsException(serviceName, texts(violations), usable(violations));
            }
            return new ConsumerSettings(this);
        }

        /**
         * Returns these settings with defaults for the invalid ones; empty if the group is invalid, which has no
         * default.
         */
        private Optional<ConsumerSettings> usable(List<SettingRules.Violation> violations) {
            Builder repaired = new Builder(serviceName).description(description);
            repaired.values.putAll(values);
            repaired.origins.putAll(origins);
            for (List<SettingRules.Violation> left = violations; !left.isEmpty(); ) {
                Set<ConsumerSetting> wrong =
                        left.stream().flatMap(v -> v.settings().stream()).collect(Collectors.toSet());
                if (wrong.contains(ConsumerSetting.CONSUMER_GROUP_ID)) {
                    return Optional.empty();
                }
                wrong.forEach(repaired::reset);
                left = SettingRules.violations(repaired.values);
            }
            return Optional.of(new ConsumerSettings(repaired));
        }

        private void reset(ConsumerSetting setting) {
            values.remove(setting);
            origins.remove(setting);
            setting.defaultValue().ifPresent(value -> values.put(setting, value));
        }
    }
}
