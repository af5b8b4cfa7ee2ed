package io.gpufleet.telemetry.examples.operator;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.jspecify.annotations.Nullable;

/**
 * The offsets at which a group continues in a mirror of its topic: by the time of the newest record that it consumed in
 * the other cluster. Immutable.
 */
final class MirroredStart {
    private static final String SQL = """
            SELECT partition, cluster_id, newest_record_at FROM {consumer_offsets}
            WHERE group_id = ? AND topic = ? ORDER BY partition""";

    private final Tables tables;
    private final String group;
    private final Topic topic;
    private final Duration margin;

    MirroredStart(Tables tables, String group, Topic topic, Duration margin) {
        this.tables = tables;
        this.group = group;
        this.topic = topic;
        this.margin = margin;
    }

    /**
     * Returns the offsets in the current logs.
     *
     * @throws TelemetryException if the stored positions do not belong to the cluster that the group leaves
     */
    Map<SourcePartition, Position> in(Cluster cluster, String from) {
        Map<SourcePartition, Optional<Instant>> reached = reached(from);
        Map<SourcePartition, OffsetSpec> wanted = new HashMap<>();
        Logs answers = cluster.logs(topic.partitions());
        Map<SourcePartition, LogRange> logs = answers.requireAll(answers.ranges());
        since(reached)
                .forEach((partition, time) -> wanted.put(
                        partition, OffsetSpec.forTimestamp(time.minus(margin).toEpochMilli())));
        Map<SourcePartition, Long> offsets = cluster.offsets(wanted);
        Map<SourcePartition, Position> starts = new TreeMap<>();
        logs.forEach((partition, log) -> {
            if (reached.containsKey(partition)) {
                starts.put(partition, new Position(topic.log(), start(log, offsets.get(partition)), -1));
            }
        });
        return starts;
    }

    /** Returns the beginning if the time is unknown, and the end if no record is as new. */
    private static long start(LogRange log, @Nullable Long offset) {
        if (offset == null) {
            return log.beginning();
        }
        return offset < 0 ? log.end() : offset;
    }

    private Map<SourcePartition, Optional<Instant>> reached(String from) {
        Map<SourcePartition, Optional<Instant>> reached = new TreeMap<>();
        List<List<@Nullable Object>> rows = rows();
        // Positions that have moved already are done; the others may move in a further attempt.
        boolean someAreLeft = rows.stream().anyMatch(row -> from.equals(row.get(1)));
        for (List<@Nullable Object> row : rows) {
            String cluster = (String) requireNonNull(row.get(1), "cluster");
            boolean isHere = cluster.equals(topic.log().clusterId());
            if (!cluster.equals(from) && !(isHere && someAreLeft)) {
                throw new TelemetryException("Stored positions of group " + group + " in topic " + topic.name()
                        + " belong to cluster " + cluster + ", not to " + from);
            }
            if (!isHere) {
                SourcePartition partition =
                        new SourcePartition(topic.name(), (Integer) requireNonNull(row.get(0), "partition"));
                reached.put(partition, Optional.ofNullable((Instant) row.get(2)));
            }
        }
        if (reached.isEmpty()) {
            throw new TelemetryException("No position of group " + group + " in topic " + topic.name() + " is stored");
        }
        return reached;
    }

    private List<List<@Nullable Object>> rows() {
        try {
            return tables.rows(SQL, group, topic.name());
        } catch (SQLException e) {
            throw new TelemetryException("Stored positions cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * Returns the start times. If the clusters have different numbers of partitions, the partition that is furthest
     * behind counts for all.
     */
    private Map<SourcePartition, Instant> since(Map<SourcePartition, Optional<Instant>> reached) {
        Map<SourcePartition, Instant> times = new HashMap<>();
        boolean same = List.copyOf(reached.keySet()).equals(topic.partitions());
        if (same) {
            reached.forEach((partition, time) -> time.ifPresent(known -> times.put(partition, known)));
        } else if (reached.values().stream().allMatch(Optional::isPresent)) {
            reached.values().stream()
                    .flatMap(Optional::stream)
                    .min(Comparator.naturalOrder())
                    .ifPresent(oldest -> topic.partitions().forEach(partition -> times.put(partition, oldest)));
        }
        return times;
    }
}
