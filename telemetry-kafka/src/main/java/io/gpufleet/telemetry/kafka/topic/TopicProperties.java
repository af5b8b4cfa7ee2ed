package io.gpufleet.telemetry.kafka.topic;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.kafka.internal.FailureText;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** A reader of the partitions, replicas and settings of topics. Thread-safe. */
final class TopicProperties {
    static final String PARTITIONS = "partitions";
    static final String REPLICAS = "replicas";

    private final Admin admin;
    private final String bootstrapServers;

    TopicProperties(Admin admin, String bootstrapServers) {
        this.admin = admin;
        this.bootstrapServers = bootstrapServers;
    }

    /** Returns the number of brokers. */
    int brokers() {
        try {
            return answer(admin.describeCluster().nodes()).size();
        } catch (ExecutionException e) {
            throw failure("Brokers were not counted", e);
        }
    }

    /** Returns the properties of the topics that exist, by name. */
    Map<String, Map<String, String>> of(Collection<String> names) {
        Map<String, Map<String, String>> properties = new HashMap<>();
        admin.describeTopics(names).topicNameValues().forEach((name, description) -> {
            try {
                properties.put(name, sizes(answer(description)));
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                    throw failure("Topic " + name + " was not described", e);
                }
            }
        });
        addSettings(properties);
        return properties;
    }

    private static Map<String, String> sizes(TopicDescription description) {
        Map<String, String> sizes = new HashMap<>();
        sizes.put(PARTITIONS, Integer.toString(description.partitions().size()));
        int replicas = description.partitions().stream()
                .mapToInt(partition -> partition.replicas().size())
                .min()
                .orElse(0);
        sizes.put(REPLICAS, Integer.toString(replicas));
        return sizes;
    }

    private void addSettings(Map<String, Map<String, String>> properties) {
        var resources = properties.keySet().stream()
                .map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name))
                .toList();
        Map<ConfigResource, KafkaFuture<Config>> answers =
                admin.describeConfigs(resources).values();
        properties.forEach((name, found) -> {
            KafkaFuture<Config> config =
                    requireNonNull(answers.get(new ConfigResource(ConfigResource.Type.TOPIC, name)));
            try {
                answer(config).entries().forEach(entry -> found.put(entry.name(), entry.value()));
            } catch (ExecutionException e) {
                throw failure("Settings of topic " + name + " were not read", e);
            }
        });
    }

    /** The client has a timeout of its own. */
    private <V> V answer(KafkaFuture<V> asked) throws ExecutionException {
        try {
            return asked.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TelemetryException("Question to " + bootstrapServers + " was interrupted", e);
        }
    }

    private TelemetryException failure(String what, ExecutionException failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        return new TelemetryException(what + " at " + bootstrapServers + ": " + FailureText.of(cause), cause);
    }
}
