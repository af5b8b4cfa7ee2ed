package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.kafka.internal.TopicAdmin;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.apache.kafka.common.requests.ApiVersionsResponse;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.MetadataResponse;
import org.apache.kafka.common.requests.MetadataResponse.PartitionMetadata;

/**
 * One broker's knowledge of topics, and its place in the cluster's metadata log. Immutable.
 *
 * @param node the asked broker; its number is below 0 if it is known from the settings only
 * @param metadataOffset the least offset in the metadata log that the broker had reached, or -1 if it does not say
 * @param clusterId the cluster's id
 * @param brokers the brokers that it knows
 * @param topics the existing topics
 */
record BrokerView(
        Node node, long metadataOffset, String clusterId, Collection<Node> brokers, Map<String, TopicView> topics) {

    /**
     * The broker's knowledge of a topic. Immutable.
     *
     * @param id its id
     * @param partitions the number of its partitions
     * @param leaders the leaders by partition, without partitions that have none
     */
    record TopicView(UUID id, int partitions, Map<Integer, Leader> leaders) {}

    /** The leader of a partition. Immutable. */
    record Leader(Node node, int epoch) {}

    /** Returns the broker's number. */
    int broker() {
        return node.id();
    }

    /**
     * Returns the questions. The place in the metadata log comes first: a broker answers in order, and knows no less at
     * the second answer.
     */
    static List<AbstractRequest.Builder<?>> questions(Collection<String> topics) {
        return List.of(
                new ApiVersionsRequest.Builder(),
                MetadataRequest.Builder.forTopicNames(new ArrayList<>(topics), false));
    }

    /** Reads the answers to {@link #questions}. */
    static BrokerView of(Node broker, List<AbstractResponse> answers) {
        ApiVersionsResponse versions = (ApiVersionsResponse) answers.get(0);
        MetadataResponse metadata = (MetadataResponse) answers.get(1);
        Map<String, TopicView> topics = new HashMap<>();
        for (MetadataResponse.TopicMetadata topic : metadata.topicMetadata()) {
            if (topic.error() == Errors.NONE) {
                topics.put(topic.topic(), view(topic, metadata.brokersById()));
            } else if (topic.error() != Errors.UNKNOWN_TOPIC_OR_PARTITION) {
                throw TopicAdmin.failure(
                        "describe topic " + topic.topic(), topic.error().exception());
            }
        }
        return new BrokerView(
                broker,
                versions.data().finalizedFeaturesEpoch(),
                String.valueOf(metadata.clusterId()),
                metadata.brokers(),
                topics);
    }

    private static TopicView view(MetadataResponse.TopicMetadata topic, Map<Integer, Node> brokers) {
        Map<Integer, Leader> leaders = new HashMap<>();
        for (PartitionMetadata partition : topic.partitionMetadata()) {
            Node node = partition.leaderId.map(brokers::get).orElse(null);
            if (node != null) {
                leaders.put(partition.partition(), new Leader(node, partition.leaderEpoch.orElse(-1)));
            }
        }
        UUID id = new UUID(
                topic.topicId().getMostSignificantBits(), topic.topicId().getLeastSignificantBits());
        return new TopicView(id, topic.partitionMetadata().size(), leaders);
    }
}
