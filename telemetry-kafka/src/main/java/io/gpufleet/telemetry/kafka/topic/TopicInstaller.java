package io.gpufleet.telemetry.kafka.topic;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.internal.Arguments;
import io.gpufleet.telemetry.kafka.internal.ClientFactory;
import io.gpufleet.telemetry.kafka.internal.ClientSecrets;
import io.gpufleet.telemetry.kafka.internal.FailureText;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.TopicExistsException;

/**
 * An installer that creates a topic if it is missing, and leaves an existing one unchanged. Safe when several services
 * start at once.
 *
 * <pre>{@code
 * TopicInstaller.builder("localhost:9092", "client-heartbeats").partitions(12).replication(3).install();
 * }</pre>
 *
 * <p>Thread-safe.
 */
public final class TopicInstaller {
    private TopicInstaller() {}

    /**
     * Returns a builder with the defaults: the broker's number of partitions and replicas.
     *
     * @param bootstrapServers the bootstrap servers: {@code host:port}, separated by commas
     * @param topic the topic's name
     * @return a builder
     */
    public static Builder builder(String bootstrapServers, String topic) {
        return new Builder(bootstrapServers, topic);
    }

    /** Builds a {@link TopicInstaller} and runs it. Not thread-safe. */
    public static final class Builder {
        private static final int ANSWER_MILLIS = 10_000;
        private static final Set<String> LIMITS =
                Set.of(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG);
        private static final short MOST_REPLICAS = Short.MAX_VALUE;

        private final String bootstrapServers;
        private final String topic;
        private Optional<Integer> partitions = Optional.empty();
        private Optional<Short> replication = Optional.empty();
        private final Map<String, String> settings = new HashMap<>();
        private Map<String, ?> overrides = Map.of();

        private Builder(String bootstrapServers, String topic) {
            this.bootstrapServers = Arguments.text("bootstrapServers", bootstrapServers);
            this.topic = Arguments.topic("topic", topic);
        }

        /**
         * Sets the number of partitions.
         *
         * @param count 1 or more (default: the broker's {@code num.partitions})
         * @return this
         */
        public Builder partitions(int count) {
            if (count < 1) {
                throw new IllegalArgumentException("partitions: " + count + " is not 1 or more");
            }
            this.partitions = Optional.of(count);
            return this;
        }

        /**
         * Sets the number of replicas.
         *
         * @param replicas 1 or more (default: the broker's {@code default.replication.factor})
         * @return this
         */
        public Builder replication(int replicas) {
            this.replication = Optional.of((short) requireReplicas(replicas));
            return this;
        }

        static int requireReplicas(int replicas) {
            if (replicas < 1 || replicas > MOST_REPLICAS) {
                throw new IllegalArgumentException(
                        "replication: " + replicas + " is not between 1 and " + MOST_REPLICAS);
            }
            return replicas;
        }

        /**
         * Sets one setting of the topic.
         *
         * @param name as in Kafka's documentation, for example {@code retention.ms}
         * @param value its value
         * @return this
         */
        public Builder setting(String name, String value) {
            settings.put(requireNonNull(name, "name"), requireNonNull(value, "value"));
            return this;
        }

        /**
         * Sets further settings of the Kafka client, such as security.
         *
         * @param clientSettings names as in Kafka's documentation
         * @return this
         */
        public Builder overrides(Map<String, ?> clientSettings) {
            this.overrides = ClientSecrets.wrapped(requireNonNull(clientSettings, "clientSettings"));
            return this;
        }

        /**
         * Creates the topic if it is missing. The cluster has 10 seconds to answer, unless {@link #overrides} set
         * {@code default.api.timeout.ms} or {@code request.timeout.ms}.
         *
         * @return true if it was created, false if it was there
         * @throws TelemetryException if the cluster does not answer or refuses the topic
         */
        public boolean install() {
            try (Admin admin = ClientFactory.admin(bootstrapServers, bounded(overrides))) {
                return install(admin);
            }
        }

        /** Creates the topic if it is missing, with a client of the caller. */
        boolean install(Admin admin) {
            NewTopic wanted = new NewTopic(topic, partitions, replication).configs(settings);
            try {
                admin.createTopics(List.of(wanted)).all().get();
                return true;
            } catch (ExecutionException e) {
                if (e.getCause() instanceof TopicExistsException) {
                    return false;
                }
                throw failure(e.getCause() == null ? e : e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw failure(e);
            }
        }

        /**
         * Returns settings with a timeout: Kafka's default of a minute is long for a host that starts with a wrong
         * address.
         */
        static Map<String, Object> bounded(Map<String, ?> overrides) {
            Map<String, Object> bounded = new HashMap<>(overrides);
            if (Collections.disjoint(overrides.keySet(), LIMITS)) {
                LIMITS.forEach(limit -> bounded.put(limit, ANSWER_MILLIS));
            }
            return bounded;
        }

        private TelemetryException failure(Throwable cause) {
            return new TelemetryException(
                    "Topic " + topic + " was not created at " + bootstrapServers + ": " + FailureText.of(cause), cause);
        }
    }
}
