package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.config.ConsumerSetting;
import io.gpufleet.telemetry.config.ConsumerSettings;
import io.gpufleet.telemetry.config.SettingOrigin;
import io.gpufleet.telemetry.kafka.internal.Reconnects;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * The settings of the Kafka clients: the defaults, the host's overrides, and the fixed settings of the SDK. Immutable.
 */
final class ClientProperties {
    /** The settings that no row can change. */
    private static final Map<String, Object> DEFAULTS = Map.of(
            ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG,
            false,
            // An added partition is consumed soon, not after 5 minutes.
            ConsumerConfig.METADATA_MAX_AGE_CONFIG,
            15_000,
            CommonClientConfigs.METADATA_RECOVERY_STRATEGY_CONFIG,
            Reconnects.KNOWN_ADDRESSES);

    private static final Map<String, String> REFUSED = Map.of(
            ConsumerConfig.GROUP_ID_CONFIG, "use groupId(…)",
            ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, "records are read as bytes, the codec decodes them",
            ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, "records are read as bytes, the codec decodes them",
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "positions move with the rows, never before them",
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "use resetPolicy(…)",
            ConsumerConfig.ISOLATION_LEVEL_CONFIG, "aborted records are never applied");

    /** The settings of the host's code: from the builder's methods, and as overrides. */
    private record Host(Map<String, Object> own, Map<String, ?> overrides) {
        Map<String, Object> merged() {
            Map<String, Object> merged = new HashMap<>(DEFAULTS);
            merged.putAll(own);
            merged.putAll(overrides);
            return merged;
        }
    }

    private final Map<String, Object> consumer;
    private final Host host;
    private final @Nullable ConsumerSettings service;

    private ClientProperties(Map<String, Object> consumer, Host host, @Nullable ConsumerSettings service) {
        this.consumer = Map.copyOf(consumer);
        this.host = host;
        this.service = service;
    }

    /** Checks the host's overrides by their names. */
    static void check(Map<String, ?> overrides) {
        for (String name : overrides.keySet()) {
            String reason = REFUSED.get(name);
            if (reason != null) {
                throw new IllegalArgumentException(
                        "overrides: " + name + "=" + overrides.get(name) + " cannot be set: " + reason);
            }
        }
    }

    /** Merges the settings; {@code own} are those with methods of the builder. */
    static ClientProperties of(Map<String, Object> own, Map<String, ?> overrides) {
        Map<String, Object> merged = SettingsProperties.defaultsBehind(overrides);
        Host host = new Host(own, overrides);
        merged.putAll(host.merged());
        if (SettingsProperties.usesConsumerProtocol(overrides)) {
            SettingsProperties.CLASSIC_ONLY.stream()
                    .filter(name -> !overrides.containsKey(name))
                    .forEach(merged::remove);
        }
        return fixed(merged, host, null);
    }

    /** Merges the settings of a service with the others; settings of a service come from it alone. */
    static ClientProperties of(Map<String, Object> own, Map<String, ?> overrides, ConsumerSettings settings) {
        boolean consumerProtocol = SettingsProperties.usesConsumerProtocol(overrides);
        Host host = new Host(own, overrides);
        Map<String, Object> merged = host.merged();
        merged.keySet().removeAll(consumerProtocol ? SettingsProperties.CLASSIC_ONLY : Set.of());
        merged.putAll(SettingsProperties.toKafka(settings, consumerProtocol));
        return fixed(merged, host, settings);
    }

    private static ClientProperties fixed(Map<String, Object> merged, Host host, @Nullable ConsumerSettings service) {
        merged.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
        merged.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
        merged.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        merged.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        merged.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        return new ClientProperties(merged, host, service);
    }

    Map<String, Object> consumer() {
        return consumer;
    }

    /** Returns whether a client with the other settings would be the same. */
    boolean isSameAs(ClientProperties others) {
        return consumer.equals(others.consumer);
    }

    /** Returns the service's part of these settings; absent if they come from the host's code alone. */
    Optional<ConsumerSettings> settings() {
        return Optional.ofNullable(service);
    }

    /** Returns these settings with the defaults of refused ones; absent if they have those already. */
    Optional<ClientProperties> withDefaults(Set<ConsumerSetting> refused) {
        if (service == null) {
            return Optional.empty();
        }
        ConsumerSettings.Builder builder = service.toBuilder();
        refused.forEach(setting ->
                setting.defaultValue().ifPresent(value -> builder.set(setting, value, SettingOrigin.DEFAULT)));
        ConsumerSettings defaults = SettingsProperties.usable(builder);
        return service.changesTo(defaults).isEmpty()
                ? Optional.empty()
                : Optional.of(of(host.own(), host.overrides(), defaults));
    }

    /**
     * Returns these settings with all assignment strategies behind the set one, for a group whose members have another:
     * the group changes to the first strategy when all members have it. Absent if they have all already, if they come
     * from the host's code alone, or if the broker assigns.
     */
    Optional<ClientProperties> withEveryStrategy() {
        String name = ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG;
        if (service == null || !(consumer.get(name) instanceof String first)) {
            return Optional.empty();
        }
        Map<String, Object> every = new HashMap<>(consumer);
        every.put(name, SettingsProperties.everyAssignor(first));
        return Optional.of(new ClientProperties(every, host, service));
    }

    /**
     * Returns the settings of an admin client of the same cluster: addresses and security, but neither the service's
     * settings nor the consumer's defaults, which must not affect questions to the cluster.
     */
    Map<String, Object> admin() {
        Map<String, Object> admin = host.merged();
        admin.keySet().retainAll(AdminClientConfig.configNames());
        Reconnects.addToAdmin(admin);
        return admin;
    }

    String bootstrapServers() {
        return String.valueOf(consumer.get(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG));
    }
}
