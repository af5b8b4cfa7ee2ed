package io.gpufleet.telemetry.kafka.internal;

import io.gpufleet.telemetry.SourcePartition;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;

/** What the brokers say of topics and their logs. Thread-safe. */
public interface LogFacts extends AutoCloseable {

    /** Returns the id of the cluster that the topics were described of last. */
    String clusterId();

    /** Describes those of the topics that exist. */
    Map<String, TopicFacts> describe(Collection<String> topics);

    /** Describes those of the topics that exist, and of which no broker serves an earlier log on. */
    Map<String, TopicFacts> describeSettled(Collection<String> topics);

    /** Returns the first offsets of those partitions whose leader answers. */
    Map<SourcePartition, Long> beginnings(Collection<SourcePartition> partitions);

    /** Returns where those partitions end whose leader answers, for a consumer that reads committed records. */
    Map<SourcePartition, LogEnd> ends(Collection<SourcePartition> partitions);

    /** Returns where those partitions end whose leader answers, also behind open transactions. */
    Map<SourcePartition, Long> highWatermarks(Collection<SourcePartition> partitions);

    /** Tells which broker keeps topics from being consumed, if one does. */
    Optional<String> trouble();

    /** Lets the next question make other connections. */
    void renew();

    @Override
    void close();
}
