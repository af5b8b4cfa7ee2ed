package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.TelemetryException;
import java.util.Map;
import java.util.Optional;

/**
 * The brokers' answers about groups and topics, read at once. Immutable.
 *
 * @param members the members of each group
 * @param topics the existing topics, by name
 * @param failures the reasons why the existence of other topics is unknown
 * @param logs the logs of the topics' partitions
 */
record ClusterLook(
        Map<String, GroupMembers> members,
        Map<String, Topic> topics,
        Map<String, TelemetryException> failures,
        Logs logs) {

    GroupMembers membersOf(String group) {
        return members.getOrDefault(group, GroupMembers.unknown("not read"));
    }

    /**
     * Returns a topic; absent if there is none.
     *
     * @throws TelemetryException if its existence is unknown
     */
    Optional<Topic> topic(String name) {
        TelemetryException failure = failures.get(name);
        if (failure != null) {
            throw failure;
        }
        return Optional.ofNullable(topics.get(name));
    }
}
