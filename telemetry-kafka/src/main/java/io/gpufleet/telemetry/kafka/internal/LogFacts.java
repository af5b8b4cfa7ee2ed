package io.gpufleet.telemetry.kafka.internal;

import io.gpufleet.telemetry.SourcePartition;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/** The facts about topics and their logs, from the brokers. Thread-safe. */
public interface LogFacts extends AutoCloseable {

    /** Returns the id of the cluster in which topics were described last. */
    String clusterId();

    /** Describes the existing topics. */
    Map<String, TopicFacts> describe(Collection<String> topics);

    /** Describes the existing topics without a broker that still serves an earlier log. */
    Map<String, TopicFacts> describeSettled(Collection<String> topics);

    /** Returns the first offsets of the partitions whose leader answers. */
    Map<SourcePartition, Long> beginnings(Collection<SourcePartition> partitions);

    /** Returns the ends of the partitions whose leader answers, for a reader of committed records. */
    Map<SourcePartition, LogEnd> ends(Collection<SourcePartition> partitions);

    /** Returns the ends of the partitions whose leader answers, including records behind open transactions. */
    Map<SourcePartition, Long> highWatermarks(Collection<SourcePartition> partitions);

    /** Returns the reason why a broker prevents the consumption of topics, if there is one. */
    Optional<String> trouble();

    /** Replaces the connections before the next question. */
    void renew();

    @Override
    void close();
}
