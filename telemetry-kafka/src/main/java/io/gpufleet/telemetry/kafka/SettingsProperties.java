package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.config.AssignmentStrategy;
import io.gpufleet.telemetry.config.ConsumerSetting;
import io.gpufleet.telemetry.config.ConsumerSettings;
import io.gpufleet.telemetry.config.InvalidSettingsException;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.GroupProtocol;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.consumer.RoundRobinAssignor;
import org.apache.kafka.clients.consumer.StickyAssignor;

/** The conversion of a service's settings into settings of the Kafka client, and back. */
final class SettingsProperties {
    /** The client settings that {@code group.protocol=consumer} forbids. */
    static final Set<String> CLASSIC_ONLY = Set.of(
            ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG,
            ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG,
            ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG);

    private static final Map<AssignmentStrategy, String> ASSIGNORS = Map.of(
            AssignmentStrategy.RANGE, RangeAssignor.class.getName(),
            AssignmentStrategy.ROUNDROBIN, RoundRobinAssignor.class.getName(),
            AssignmentStrategy.STICKY, StickyAssignor.class.getName(),
            AssignmentStrategy.COOPERATIVE_STICKY, CooperativeStickyAssignor.class.getName());

    private static final int HEARTBEATS_A_SESSION = 3;

    private static final AtomicLong CLIENTS = new AtomicLong();

    private SettingsProperties() {}

    /** Returns a name for another client of a service, of which this JVM may have several. */
    static String clientId(String service) {
        return service + "-" + CLIENTS.incrementAndGet();
    }

    static boolean usesConsumerProtocol(Map<String, ?> overrides) {
        return GroupProtocol.CONSUMER.name.equalsIgnoreCase(
                String.valueOf(overrides.get(ConsumerConfig.GROUP_PROTOCOL_CONFIG)));
    }

    /** Returns the client's settings, without those forbidden by the group's protocol. */
    static Map<String, Object> toKafka(ConsumerSettings settings, boolean consumerProtocol) {
        Map<String, Object> properties = new HashMap<>();
        for (ConsumerSetting setting : ConsumerSetting.values()) {
            setting.kafkaName()
                    .ifPresent(name -> settings.value(setting).ifPresent(value -> properties.put(name, value)));
        }
        AssignmentStrategy strategy = settings.partitionAssignmentStrategy();
        properties.put(ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG, ASSIGNORS.get(strategy));
        if (consumerProtocol) {
            properties.keySet().removeAll(CLASSIC_ONLY);
            properties.put(
                    ConsumerConfig.GROUP_REMOTE_ASSIGNOR_CONFIG,
                    strategy == AssignmentStrategy.RANGE ? "range" : "uniform");
        }
        return properties;
    }

    /**
     * Returns the defaults behind the host's overrides: those of {@link ConsumerSetting} for everything else. A shorter
     * session timeout gets a heartbeat interval of a third, and the reconnect waits are Kafka's defaults once one of
     * them is set.
     */
    static Map<String, Object> defaultsBehind(Map<String, ?> overrides) {
        Map<String, Object> defaults = toKafka(ConsumerSettings.defaults("any"), false);
        defaults.remove(ConsumerConfig.GROUP_ID_CONFIG);
        heartbeatWithin(overrides)
                .ifPresent(millis -> defaults.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, millis));
        if (overrides.containsKey(ConsumerConfig.RECONNECT_BACKOFF_MS_CONFIG)) {
            defaults.remove(ConsumerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG);
        }
        return defaults;
    }

    /** Returns the heartbeat interval for a session timeout set alone, if the default does not fit it. */
    private static Optional<Integer> heartbeatWithin(Map<String, ?> overrides) {
        if (overrides.containsKey(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG)) {
            return Optional.empty();
        }
        int usual =
                (Integer) ConsumerSetting.HEARTBEAT_INTERVAL_MS.defaultValue().orElseThrow();
        return Optional.ofNullable(overrides.get(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG))
                .map(String::valueOf)
                .filter(text -> text.strip().matches("\\d{1,9}"))
                .map(text -> Math.max(1, Integer.parseInt(text.strip()) / HEARTBEATS_A_SESSION))
                .filter(third -> third < usual);
    }

    /** Returns all assignors, the given one first. */
    static List<String> everyAssignor(String first) {
        return Stream.concat(
                        Stream.of(first), Stream.of(AssignmentStrategy.values()).map(ASSIGNORS::get))
                .distinct()
                .toList();
    }

    /** Returns the settings, with defaults for those that do not fit together. */
    static ConsumerSettings usable(ConsumerSettings.Builder builder) {
        try {
            return builder.build();
        } catch (InvalidSettingsException e) {
            return e.usable().orElseThrow(() -> e);
        }
    }

    /** Returns the overrides of the host that a row can set too. */
    static Map<ConsumerSetting, Object> fromKafka(Map<String, ?> overrides) {
        Map<ConsumerSetting, Object> settings = new EnumMap<>(ConsumerSetting.class);
        overrides.forEach((name, value) -> ConsumerSetting.ofKafkaName(name)
                .ifPresent(setting -> settings.put(setting, parse(setting, name, String.valueOf(value)))));
        heartbeatWithin(overrides).ifPresent(millis -> settings.put(ConsumerSetting.HEARTBEAT_INTERVAL_MS, millis));
        return settings;
    }

    private static Object parse(ConsumerSetting setting, String name, String value) {
        Optional<String> strategy = ASSIGNORS.entrySet().stream()
                .filter(entry -> entry.getValue().equals(value))
                .map(entry -> entry.getKey().text())
                .findFirst();
        try {
            return setting.parse(strategy.orElse(value));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("overrides: " + name + "=" + value + ": " + e.getMessage(), e);
        }
    }
}
