package io.gpufleet.telemetry.testkit;

import java.util.Map;

/** The topics of a broker or of a cluster, as tests make, fill and look at them. Thread-safe. */
public interface KafkaTopics {

    /**
     * Returns the address for {@code bootstrap.servers}.
     *
     * @return host and port, of every broker; the host is {@code localhost} if clients need TLS
     */
    String bootstrapServers();

    /**
     * Creates a topic with the broker's defaults and waits until it can be used.
     *
     * @param topic its name
     * @param partitions how many partitions it has
     * @throws IllegalStateException if the broker refuses
     */
    default void createTopic(String topic, int partitions) {
        createTopic(topic, partitions, Map.of());
    }

    /**
     * Creates a topic with settings of its own and waits until it can be used.
     *
     * @param topic its name
     * @param partitions how many partitions it has
     * @param configuration settings as {@code cleanup.policy}
     * @throws IllegalStateException if the broker refuses
     */
    void createTopic(String topic, int partitions, Map<String, String> configuration);

    /**
     * Raises the number of partitions of a topic and waits until they can be used.
     *
     * @param topic its name
     * @param total how many partitions it has from now on
     * @throws IllegalStateException if the broker refuses
     */
    void addPartitions(String topic, int total);

    /**
     * Deletes a topic and waits until it is gone.
     *
     * @param topic its name
     * @throws IllegalStateException if the broker refuses
     */
    void deleteTopic(String topic);

    /**
     * Moves the start of a partition's log, as retention does: what lies before the offset is gone.
     *
     * @param topic the topic's name
     * @param partition the partition's number
     * @param offset where the log starts from now on
     * @throws IllegalStateException if the broker refuses
     */
    void deleteRecordsBefore(String topic, int partition, long offset);

    /**
     * Sends records and waits until the broker has acknowledged every one.
     *
     * @param topic where to; it must exist
     * @param records what to send, in this order
     * @throws IllegalStateException if there is no such topic, or one was not acknowledged
     */
    void publish(String topic, Iterable<? extends TestRecord> records);

    /**
     * Returns where the logs of a topic end.
     *
     * @param topic the topic's name
     * @return by partition, the offset that the next record will get
     */
    Map<Integer, Long> endOffsets(String topic);

    /**
     * Returns how many offsets the commits of a group are behind the ends of a topic, all partitions together. A
     * partition without a commit counts from its start.
     *
     * @param group the group's id
     * @param topic the topic's name
     * @return 0 when all is committed
     */
    long committedLag(String group, String topic);
}
