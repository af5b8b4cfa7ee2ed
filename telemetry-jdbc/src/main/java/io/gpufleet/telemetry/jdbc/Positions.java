package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.Gap;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.PositionChange;
import io.gpufleet.telemetry.SourcePartition;
import java.sql.ResultSet;
import java.sql.SQLException;
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

/** Reads and sets the positions of one group, and records what was skipped. Thread-safe. */
final class Positions {
    private final String group;
    private final String read;
    private final String insert;
    private final String replace;
    private final String recordGap;

    Positions(String group, Optional<String> schema) {
        String offsets = Identifier.qualify(schema, "consumer_offsets");
        String gaps = Identifier.qualify(schema, "consumption_gaps");
        this.group = group;
        this.read = "SELECT topic, partition, topic_id, next_offset, coalesce(leader_epoch, -1) AS leader_epoch FROM "
                + offsets + " WHERE group_id = :group";
        this.insert = "INSERT INTO " + offsets + " (group_id, topic, partition, topic_id, next_offset, leader_epoch)"
                + " VALUES (:group, :topic, :partition, :topicId, :next, :epoch) ON CONFLICT DO NOTHING";
        this.replace = "UPDATE " + offsets + " SET topic_id = :topicId, next_offset = :next, leader_epoch = :epoch,"
                + " updated_at = now() WHERE group_id = :group AND topic = :topic AND partition = :partition"
                + " AND topic_id = :expectedTopicId AND next_offset = :expectedNext";
        this.recordGap = "INSERT INTO " + gaps + " (group_id, topic, partition, reason, from_topic_id, from_offset,"
                + " to_topic_id, to_offset) VALUES (:group, :topic, :partition, :reason, :fromTopicId, :from, :toTopicId,"
                + " :to) ON CONFLICT DO NOTHING";
    }

    /** The stored positions of those partitions that have one. */
    Map<SourcePartition, Position> read(Handle handle, Collection<SourcePartition> partitions) {
        Map<SourcePartition, Position> positions = new HashMap<>();
        handle.createQuery(read).bind("group", group).map((row, context) -> Stored.of(row)).stream()
                .filter(stored -> partitions.contains(stored.partition))
                .forEach(stored -> positions.put(stored.partition, stored.position));
        return positions;
    }

    /** Applies the changes whose partition still is where they expect it, each with its gap. */
    void change(Handle handle, Collection<PositionChange> changes) {
        changes.stream()
                .sorted(Comparator.comparing(PositionChange::partition))
                .filter(change -> isApplied(handle, change))
                .forEach(change -> change.gap().ifPresent(gap -> recordGap(handle, change.partition(), gap)));
    }

    private boolean isApplied(Handle handle, PositionChange change) {
        Update update = handle.createUpdate(change.expected().isPresent() ? replace : insert)
                .bind("topicId", change.replacement().topicId())
                .bind("next", change.replacement().nextOffset())
                .bind("epoch", known(change.replacement().leaderEpoch()));
        change.expected()
                .ifPresent(expected ->
                        update.bind("expectedTopicId", expected.topicId()).bind("expectedNext", expected.nextOffset()));
        return bindPartition(update, change.partition()).execute() == 1;
    }

    private void recordGap(Handle handle, SourcePartition partition, Gap gap) {
        Update update = handle.createUpdate(recordGap)
                .bind("reason", gap.reason().name().toLowerCase(Locale.ROOT))
                .bind("fromTopicId", gap.from().topicId())
                .bind("from", gap.from().nextOffset())
                .bind("toTopicId", gap.to().topicId())
                .bind("to", gap.to().nextOffset());
        bindPartition(update, partition).execute();
    }

    private Update bindPartition(Update update, SourcePartition partition) {
        return update.bind("group", group).bind("topic", partition.topic()).bind("partition", partition.partition());
    }

    private static @Nullable Integer known(int leaderEpoch) {
        return leaderEpoch >= 0 ? leaderEpoch : null;
    }

    private record Stored(SourcePartition partition, Position position) {
        static Stored of(ResultSet row) throws SQLException {
            return new Stored(
                    new SourcePartition(row.getString("topic"), row.getInt("partition")),
                    new Position(
                            row.getObject("topic_id", UUID.class),
                            row.getLong("next_offset"),
                            row.getInt("leader_epoch")));
        }
    }
}
