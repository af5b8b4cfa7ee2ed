package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.kafka.BrokerView.Leader;
import io.gpufleet.telemetry.kafka.internal.LogEnd;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsPartitionResponse;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ListOffsetsRequest;
import org.apache.kafka.common.requests.ListOffsetsResponse;

/**
 * The question for the begin or end of logs to their leader, under its epoch: a replaced leader, or a new leader that
 * does not know of its election yet, refuses it.
 */
final class LeaderQuestion {
    static final What BEGINNING = new What(ListOffsetsRequest.EARLIEST_TIMESTAMP, IsolationLevel.READ_COMMITTED);
    static final What END = new What(ListOffsetsRequest.LATEST_TIMESTAMP, IsolationLevel.READ_COMMITTED);
    static final What HIGH_WATERMARK = new What(ListOffsetsRequest.LATEST_TIMESTAMP, IsolationLevel.READ_UNCOMMITTED);

    /** The offset in question. Immutable. */
    record What(long timestamp, IsolationLevel isolation) {}

    /** The extraction of the offset from an answer. */
    interface Reading<R> {
        R of(ListOffsetsPartitionResponse answer);
    }

    private LeaderQuestion() {}

    static AbstractRequest.Builder<?> of(Map<SourcePartition, Leader> partitions, What what) {
        Map<String, ListOffsetsTopic> topics = new HashMap<>();
        partitions.forEach((partition, leader) -> topics.computeIfAbsent(
                        partition.topic(), name -> new ListOffsetsTopic().setName(name))
                .partitions()
                .add(new ListOffsetsPartition()
                        .setPartitionIndex(partition.partition())
                        .setCurrentLeaderEpoch(leader.epoch())
                        .setTimestamp(what.timestamp())));
        return ListOffsetsRequest.Builder.forConsumer(false, what.isolation())
                .setTargetTimes(List.copyOf(topics.values()));
    }

    /** Reads an answer, without the partitions that the leader refuses. */
    static <R> Map<SourcePartition, R> read(AbstractResponse answer, Reading<R> reading) {
        Map<SourcePartition, R> found = new HashMap<>();
        ((ListOffsetsResponse) answer)
                .topics()
                .forEach(topic -> topic.partitions().stream()
                        .filter(partition -> partition.errorCode() == Errors.NONE.code())
                        .forEach(partition -> found.put(
                                new SourcePartition(topic.name(), partition.partitionIndex()), reading.of(partition))));
        return found;
    }

    static long offset(ListOffsetsPartitionResponse answer) {
        return answer.offset();
    }

    static LogEnd end(ListOffsetsPartitionResponse answer) {
        return new LogEnd(answer.offset(), answer.leaderEpoch());
    }
}
