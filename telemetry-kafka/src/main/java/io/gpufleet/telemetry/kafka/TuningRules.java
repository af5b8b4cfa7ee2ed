package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.BatchPolicy;
import io.gpufleet.telemetry.ResetPolicy;
import io.gpufleet.telemetry.config.ConsumerSetting;
import io.gpufleet.telemetry.config.ConsumerSettings;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerConfig;

/**
 * The host's own values of settings that can also come from a source, and the merge of both. Immutable.
 *
 * @param own the settings of the Kafka client that the builder has methods for
 * @param overrides the host's other settings of the Kafka client
 * @param groupId the group, if the host names one
 * @param batching the batch policy, if the host sets one
 * @param resetPolicy the start without a usable position, if the host sets it
 */
record TuningRules(
        Map<String, Object> own,
        Map<String, ?> overrides,
        Optional<String> groupId,
        Optional<BatchPolicy> batching,
        Optional<ResetPolicy> resetPolicy) {

    /** Copies the maps. */
    TuningRules {
        own = Map.copyOf(own);
        overrides = Map.copyOf(overrides);
    }

    /** Returns these rules with the service's name for the client, unless the host has named it. */
    TuningRules withClientOf(String service) {
        Map<String, Object> named = new HashMap<>(own);
        named.putIfAbsent(ConsumerConfig.CLIENT_ID_CONFIG, SettingsProperties.clientId(service));
        return new TuningRules(named, overrides, groupId, batching, resetPolicy);
    }

    /** Returns the tuning of a consumer with settings from the host's code alone. */
    Tuning fixed(String group) {
        return new Tuning(
                ClientProperties.of(withGroup(group), overrides),
                batching.orElse(BatchPolicy.defaults()),
                resetPolicy.orElse(ResetPolicy.EARLIEST));
    }

    /** Returns the tuning of a consumer with these settings, which include the host's own. */
    Tuning of(ConsumerSettings settings) {
        return new Tuning(
                ClientProperties.of(withGroup(settings.groupId()), overrides, settings),
                settings.batching(batching.orElse(BatchPolicy.defaults())),
                settings.autoOffsetReset());
    }

    private Map<String, Object> withGroup(String group) {
        Map<String, Object> named = new HashMap<>(own);
        named.put(ConsumerConfig.GROUP_ID_CONFIG, group);
        return named;
    }

    /** Returns the host's own values as settings. */
    Map<ConsumerSetting, Object> settings() {
        Map<ConsumerSetting, Object> values = new EnumMap<>(ConsumerSetting.class);
        values.putAll(SettingsProperties.fromKafka(overrides));
        groupId.ifPresent(name -> values.put(ConsumerSetting.CONSUMER_GROUP_ID, name));
        resetPolicy.ifPresent(policy ->
                values.put(ConsumerSetting.AUTO_OFFSET_RESET, policy.name().toLowerCase(Locale.ROOT)));
        batching.ifPresent(policy -> {
            values.put(ConsumerSetting.BATCH_MAX_RECORDS, policy.maxRecords());
            values.put(ConsumerSetting.BATCH_MAX_BYTES, policy.maxBytes());
            values.put(
                    ConsumerSetting.BATCH_LINGER_MS,
                    Math.toIntExact(policy.linger().toMillis()));
        });
        return values;
    }
}
