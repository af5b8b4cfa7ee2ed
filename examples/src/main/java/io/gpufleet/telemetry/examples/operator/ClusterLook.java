package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.TelemetryException;
import java.util.Map;
import java.util.Optional;

/**
 * What the brokers said about groups and topics that they were asked about at once. Immutable.
 *
 * @param members who consumes for each group
 * @param topics the topics, by name, that exist
 * @param failures why it is not known of others whether they do
 * @param logs what the partitions of the topics hold
 */
record ClusterLook(
        Map<String, GroupMembers> members,
        Map<String, Topic> topics,
        Map<String, TelemetryException> failures,
        Logs logs) {

    GroupMembers membersOf(String group) {
        return members.getOrDefault(group, GroupMembers.unknown("not asked"));
    }

    /**
     * Returns a topic; absent if there is none.
     *
     * @throws TelemetryException if that is not known
     */
    Optional<Topic> topic(String name) {
        TelemetryException failure = failures.get(name);
        if (failure != null) {
            throw failure;
        }
        return Optional.ofNullable(topics.get(name));
    }
}
