package io.gpufleet.telemetry.testkit;

import java.util.Map;

/** The topics of a broker or of a cluster, for tests to create, fill and read. Thread-safe. */
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
     * @param total the new number of partitions
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
     * Moves the start of a partition's log, as retention does: earlier records are gone.
     *
     * @param topic the topic's name
     * @param partition the partition's number
     * @param offset the new start of the log
     * @throws IllegalStateException if the broker refuses
     */
    void deleteRecordsBefore(String topic, int partition, long offset);

    /**
     * Sends records and waits until the broker has acknowledged every one.
     *
     * @param topic the topic, which must exist
     * @param records the records, in this order
     * @throws IllegalStateException if there is no such topic, or one was not acknowledged
     */
    void publish(String topic, Iterable<? extends TestRecord> records);

    /**
     * Returns the ends of the logs of a topic.
     *
     * @param topic the topic's name
     * @return for each partition, the offset of the next record
     */
    Map<Integer, Long> endOffsets(String topic);

    /**
     * Returns the total lag of a group's commits behind the ends of a topic. A partition without a commit counts from
     * its start.
     *
     * @param group the group's id
     * @param topic the topic's name
     * @return 0 if all records are committed
     */
    long committedLag(String group, String topic);
}
