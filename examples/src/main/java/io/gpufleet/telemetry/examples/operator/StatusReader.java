package io.gpufleet.telemetry.examples.operator;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;
import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;

import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads the groups: their positions from the database, and their members and the ends of the logs from the brokers. A
 * failure to answer is shown with its group. Not thread-safe.
 */
final class StatusReader {
    private final Tables tables;
    private final Filter filter;
    private final Cluster cluster;

    StatusReader(Tables tables, Filter filter, Cluster cluster) {
        this.tables = tables;
        this.filter = filter;
        this.cluster = cluster;
    }

    List<GroupStatus> read() throws SQLException {
        List<StoredPosition> stored = StoredPosition.read(tables, filter);
        Instant now =
                (Instant) requireNonNull(tables.rows("SELECT now()").get(0).get(0), "now");
        List<GroupStatus> groups = new ArrayList<>();
        ClusterLook look = cluster.look(
                stored.stream().map(StoredPosition::group).collect(toSet()),
                stored.stream().map(position -> position.partition().topic()).collect(toSet()));
        stored.stream()
                .collect(groupingBy(StoredPosition::groupAndTopic, LinkedHashMap::new, toList()))
                .forEach((names, positions) -> groups.add(read(look, names.get(0), names.get(1), positions, now)));
        return groups;
    }

    private static GroupStatus read(
            ClusterLook look, String group, String topic, List<StoredPosition> positions, Instant now) {
        Map<SourcePartition, StoredPosition> stored =
                positions.stream().collect(toMap(StoredPosition::partition, Function.identity()));
        GroupMembers members = look.membersOf(group);
        try {
            Optional<Topic> found = look.topic(topic);
            TreeSet<SourcePartition> all = new TreeSet<>(stored.keySet());
            found.ifPresent(existing -> all.addAll(existing.partitions()));
            return new GroupStatus(
                    group,
                    topic,
                    members,
                    all.stream()
                            .map(partition -> status(partition, stored.get(partition), found, look.logs(), now))
                            .toList());
        } catch (TelemetryException e) {
            return new GroupStatus(
                    group,
                    topic,
                    members,
                    positions.stream()
                            .map(position -> unknown(position, String.valueOf(e.getMessage()), now))
                            .toList());
        }
    }

    private static PartitionStatus unknown(StoredPosition position, String why, Instant now) {
        return new PartitionStatus(
                position.partition(),
                OptionalLong.of(position.position().nextOffset()),
                OptionalLong.empty(),
                OptionalLong.empty(),
                Duration.between(position.updatedAt(), now),
                why);
    }

    private static PartitionStatus status(
            SourcePartition partition,
            @Nullable StoredPosition position,
            Optional<Topic> topic,
            Logs logs,
            Instant now) {
        LogRange log = logs.ranges().get(partition);
        if (position == null) {
            // Nothing is consumed there yet: the whole log waits.
            OptionalLong waiting = log == null ? OptionalLong.empty() : OptionalLong.of(log.end() - log.beginning());
            String why = log == null ? logs.failures().getOrDefault(partition, "no answer") : "";
            OptionalLong heldBack = log == null ? OptionalLong.empty() : OptionalLong.of(log.heldBack());
            return new PartitionStatus(partition, OptionalLong.empty(), waiting, heldBack, Duration.ZERO, why);
        }
        if (topic.isEmpty()) {
            return unknown(position, "topic " + partition.topic() + " does not exist", now);
        }
        if (!topic.get().log().equals(position.position().log())) {
            return unknown(position, "topic " + partition.topic() + " was recreated, or is in another cluster", now);
        }
        if (log == null) {
            return unknown(position, logs.failures().getOrDefault(partition, "no answer"), now);
        }
        return new PartitionStatus(
                partition,
                OptionalLong.of(position.position().nextOffset()),
                OptionalLong.of(Math.max(0, log.end() - position.position().nextOffset())),
                OptionalLong.of(log.heldBack()),
                Duration.between(position.updatedAt(), now),
                "");
    }
}
