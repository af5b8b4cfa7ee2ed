package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.Gap;
import io.gpufleet.telemetry.LogId;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.PositionChange;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Update;
import org.jspecify.annotations.Nullable;

/** The stored positions of one group: reads and sets them, and records gaps. Thread-safe. */
final class Positions {
    private final String group;
    private final String read;
    private final String readTimes;
    private final String insert;
    private final String replace;
    private final String recordGap;

    Positions(String group, Optional<String> schema) {
        String offsets = Identifier.qualify(schema, "consumer_offsets");
        String gaps = Identifier.qualify(schema, "consumption_gaps");
        this.group = group;
        this.read =
                "SELECT topic, partition, cluster_id, topic_id, next_offset, coalesce(leader_epoch, -1) AS leader_epoch FROM "
                        + offsets + " WHERE group_id = :group";
        this.readTimes = "SELECT topic, partition, newest_record_at FROM " + offsets
                + " WHERE group_id = :group AND newest_record_at IS NOT NULL";
        this.insert = "INSERT INTO " + offsets
                + " (group_id, topic, partition, cluster_id, topic_id, next_offset, leader_epoch)"
                + " VALUES (:group, :topic, :partition, :clusterId, :topicId, :next, :epoch) ON CONFLICT DO NOTHING";
        this.replace = "UPDATE " + offsets + " SET cluster_id = :clusterId, topic_id = :topicId, next_offset = :next,"
                + " leader_epoch = :epoch, updated_at = now(),"
                + " newest_record_at = CASE WHEN topic_id = :topicId AND next_offset <= :next THEN newest_record_at END"
                + " WHERE group_id = :group AND topic = :topic AND partition = :partition"
                + " AND cluster_id = :expectedClusterId AND topic_id = :expectedTopicId AND next_offset = :expectedNext";
        this.recordGap = "INSERT INTO " + gaps + " (group_id, topic, partition, reason, from_cluster_id, from_topic_id,"
                + " from_offset, to_cluster_id, to_topic_id, to_offset) VALUES (:group, :topic, :partition, :reason,"
                + " :fromClusterId, :fromTopicId, :from, :toClusterId, :toTopicId, :to) ON CONFLICT DO NOTHING";
    }

    /** Returns the stored positions of those partitions that have one. */
    Map<SourcePartition, Position> read(Handle handle, Collection<SourcePartition> partitions) {
        Map<SourcePartition, Position> positions = new HashMap<>();
        handle.createQuery(read).bind("group", group).map((row, context) -> Stored.of(row)).stream()
                .filter(stored -> partitions.contains(stored.partition))
                .forEach(stored -> positions.put(stored.partition, stored.position));
        return positions;
    }

    /** Returns the newest record times of those partitions that have one. */
    Map<SourcePartition, Instant> newestRecords(Handle handle, Collection<SourcePartition> partitions) {
        Map<SourcePartition, Instant> times = new HashMap<>();
        handle.createQuery(readTimes).bind("group", group).map((row, context) -> Reached.of(row)).stream()
                .filter(reached -> partitions.contains(reached.partition))
                .forEach(reached -> times.put(reached.partition, reached.time));
        return times;
    }

    /** Applies each change whose partition is still where it expects, with its gap. */
    void change(Handle handle, Collection<PositionChange> changes) {
        changes.stream()
                .sorted(Comparator.comparing(PositionChange::partition))
                .filter(change -> isApplied(handle, change))
                .forEach(change -> change.gap().ifPresent(gap -> recordGap(handle, change.partition(), gap)));
    }

    private boolean isApplied(Handle handle, PositionChange change) {
        Update update = handle.createUpdate(change.expected().isPresent() ? replace : insert)
                .bind("clusterId", change.replacement().log().clusterId())
                .bind("topicId", change.replacement().log().topicId())
                .bind("next", change.replacement().nextOffset())
                .bind("epoch", known(change.replacement().leaderEpoch()));
        change.expected()
                .ifPresent(expected -> update.bind(
                                "expectedClusterId", expected.log().clusterId())
                        .bind("expectedTopicId", expected.log().topicId())
                        .bind("expectedNext", expected.nextOffset()));
        return bindPartition(update, change.partition()).execute() == 1;
    }

    private void recordGap(Handle handle, SourcePartition partition, Gap gap) {
        Update update = handle.createUpdate(recordGap)
                .bind("reason", gap.reason().name().toLowerCase(Locale.ROOT))
                .bind("fromClusterId", gap.from().log().clusterId())
                .bind("fromTopicId", gap.from().log().topicId())
                .bind("from", gap.from().nextOffset())
                .bind("toClusterId", gap.to().log().clusterId())
                .bind("toTopicId", gap.to().log().topicId())
                .bind("to", gap.to().nextOffset());
        bindPartition(update, partition).execute();
    }

    private Update bindPartition(Update update, SourcePartition partition) {
        return update.bind("group", group).bind("topic", partition.topic()).bind("partition", partition.partition());
    }

    private static @Nullable Integer known(int leaderEpoch) {
        return leaderEpoch >= 0 ? leaderEpoch : null;
    }

    private record Reached(SourcePartition partition, Instant time) {
        static Reached of(ResultSet row) throws SQLException {
            return new Reached(
                    new SourcePartition(row.getString("topic"), row.getInt("partition")),
                    row.getObject("newest_record_at", OffsetDateTime.class).toInstant());
        }
    }

    private record Stored(SourcePartition partition, Position position) {
        static Stored of(ResultSet row) throws SQLException {
            return new Stored(
                    new SourcePartition(row.getString("topic"), row.getInt("partition")),
                    new Position(
                            new LogId(row.getString("cluster_id"), row.getObject("topic_id", UUID.class)),
                            row.getLong("next_offset"),
                            row.getInt("leader_epoch")));
        }
    }
}
