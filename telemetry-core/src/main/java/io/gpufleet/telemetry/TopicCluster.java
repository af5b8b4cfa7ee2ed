package io.gpufleet.telemetry;

import static java.util.Objects.requireNonNull;

import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** The topics of a cluster: their traffic and their numbers of partitions. Thread-safe. */
public interface TopicCluster {

    /**
     * Reads topics, all at one moment.
     *
     * @param topics the topics' names
     * @return the existing ones by name
     * @throws TelemetryException if the cluster does not answer or refuses
     */
    Map<String, Topic> read(Set<String> topics);

    /**
     * Raises the number of partitions of a topic; a topic with that number or more stays unchanged.
     *
     * @param topic the topic's name
     * @param partitions the wanted number, 1 or more
     * @throws TelemetryException if it does not exist, or the cluster does not answer or refuses
     */
    void raisePartitions(String topic, int partitions);

    /**
     * A snapshot of a topic. Immutable.
     *
     * @param id the id of its logs; a recreated topic has another one
     * @param partitions the number of its partitions, 1 or more
     * @param endOffset the sum of the partitions' end offsets, 0 or more: it grows with every record
     */
    record Topic(UUID id, int partitions, long endOffset) {

        /**
         * Checks the components.
         *
         * @param id as the component
         * @param partitions as the component
         * @param endOffset as the component
         */
        public Topic {
            requireNonNull(id, "id");
            if (partitions < 1) {
                throw new IllegalArgumentException("partitions: " + partitions + " is not 1 or more");
            }
            if (endOffset < 0) {
                throw new IllegalArgumentException("endOffset: " + endOffset + " is not 0 or more");
            }
        }
    }
}
