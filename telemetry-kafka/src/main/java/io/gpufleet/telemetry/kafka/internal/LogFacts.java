package io.gpufleet.telemetry.kafka.internal;

import io.gpufleet.telemetry.SourcePartition;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/** The facts about topics and their logs, from the brokers. Thread-safe. */
public interface LogFacts extends AutoCloseable {

    /** Returns the id of the cluster that the topics were described of last. */
    String clusterId();

    /** Describes the existing topics. */
    Map<String, TopicFacts> describe(Collection<String> topics);

    /** Describes the existing topics without a broker that still serves an earlier log. */
    Map<String, TopicFacts> describeSettled(Collection<String> topics);

    /** Returns the first offsets of those partitions whose leader answers. */
    Map<SourcePartition, Long> beginnings(Collection<SourcePartition> partitions);

    /** Returns where those partitions end whose leader answers, for a consumer that reads committed records. */
    Map<SourcePartition, LogEnd> ends(Collection<SourcePartition> partitions);

    /** Returns where those partitions end whose leader answers, also behind open transactions. */
    Map<SourcePartition, Long> highWatermarks(Collection<SourcePartition> partitions);

    /** Returns the broker that keeps topics from being consumed, if there is one. */
    Optional<String> trouble();

    /** Makes the next question use new connections. */
    void renew();

    @Override
    void close();
}
