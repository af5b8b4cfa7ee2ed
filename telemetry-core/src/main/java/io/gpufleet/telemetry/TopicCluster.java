package io.gpufleet.telemetry;

import static java.util.Objects.requireNonNull;

import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** The topics of a cluster, for those who watch how much comes in and give topics more partitions. Thread-safe. */
public interface TopicCluster {

    /**
     * Reads topics, all of them at one moment.
     *
     * @param topics the topics' names
     * @return what is known of those that exist
     * @throws TelemetryException if the cluster does not answer or refuses
     */
    Map<String, Topic> read(Set<String> topics);

    /**
     * Gives a topic more partitions; one that has as many already stays as it is. A topic never gets fewer.
     *
     * @param topic the topic's name
     * @param partitions how many it is to have, 1 or more
     * @throws TelemetryException if it does not exist, or the cluster does not answer or refuses
     */
    void raisePartitions(String topic, int partitions);

    /**
     * What is known of a topic at a moment. Immutable.
     *
     * @param id the id of its logs; a topic that is made anew has another one
     * @param partitions how many partitions it has, 1 or more
     * @param endOffset the sum of their ends, 0 or more: it grows with every record
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
