package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.OffsetRange;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The fence of one group: moves the stored positions, provided that they are where a batch begins. Positions are always
 * locked in the order of topic and partition, so that two consumers with the same partitions never deadlock.
 * Thread-safe.
 */
final class Fence {
    private final String group;
    private final String lock;
    private final String move;

    Fence(String group, Optional<String> schema) {
        String offsets = Identifier.qualify(schema, "consumer_offsets");
        this.group = group;
        this.lock = "SELECT o.partition FROM " + offsets + " AS o JOIN unnest(?::text[], ?::int4[])"
                + " AS r(topic, partition) ON o.topic = r.topic AND o.partition = r.partition WHERE o.group_id = ?"
                + " ORDER BY o.topic COLLATE \"C\", o.partition FOR UPDATE OF o";
        this.move = "UPDATE " + offsets + " AS o SET next_offset = r.next_offset, updated_at = now(),"
                + " newest_record_at = greatest(o.newest_record_at, CASE WHEN r.newest_micros IS NOT NULL THEN least("
                + WireTime.timestampOf("r.newest_micros") + ", now()) END),"
                + " leader_epoch = CASE WHEN r.leader_epoch >= 0 THEN r.leader_epoch"
                + " WHEN r.next_offset = r.from_offset THEN o.leader_epoch END"
                + " FROM unnest(?::text[], ?::int4[], ?::uuid[], ?::int8[], ?::int8[], ?::int4[], ?::int8[])"
                + " AS r(topic, partition, topic_id, from_offset, next_offset, leader_epoch, newest_micros)"
                + " WHERE o.group_id = ? AND o.topic = r.topic AND o.partition = r.partition"
                + " AND o.topic_id = r.topic_id AND o.next_offset = r.from_offset RETURNING o.topic, o.partition";
    }

    /** Locks the positions of some partitions until the transaction ends. */
    void lock(Connection connection, Collection<SourcePartition> partitions) throws SQLException {
        List<SourcePartition> list = List.copyOf(partitions);
        try (PreparedStatement statement = connection.prepareStatement(lock)) {
            Parameters parameters = new Parameters(statement);
            parameters.array(WireColumn.of(WireType.TEXT, list, SourcePartition::topic));
            parameters.array(WireColumn.of(WireType.INT4, list, SourcePartition::partition));
            parameters.text(group);
            statement.execute();
        }
    }

    /**
     * Moves the locked positions from the begins of the ranges to their ends.
     *
     * @param ranges the ranges of a batch
     * @param newest the timestamps of its newest records
     * @return the partitions whose position is missing, or is not the begin of their range
     */
    Set<SourcePartition> move(Connection connection, List<OffsetRange> ranges, NewestRecords newest)
            throws SQLException {
        Set<SourcePartition> fenced = new HashSet<>();
        ranges.forEach(range -> fenced.add(range.partition()));
        try (PreparedStatement statement = connection.prepareStatement(move)) {
            Parameters parameters = new Parameters(statement);
            parameters.array(
                    WireColumn.of(WireType.TEXT, ranges, r -> r.partition().topic()));
            parameters.array(
                    WireColumn.of(WireType.INT4, ranges, r -> r.partition().partition()));
            parameters.array(
                    WireColumn.of(WireType.UUID, ranges, range -> range.log().topicId()));
            parameters.array(WireColumn.of(WireType.INT8, ranges, OffsetRange::from));
            parameters.array(WireColumn.of(WireType.INT8, ranges, OffsetRange::next));
            parameters.array(WireColumn.of(WireType.INT4, ranges, OffsetRange::leaderEpoch));
            parameters.array(WireColumn.of(WireType.INT8, ranges, range -> newest.micros(range.partition())));
            parameters.text(group);
            try (ResultSet moved = statement.executeQuery()) {
                while (moved.next()) {
                    fenced.remove(new SourcePartition(moved.getString(1), moved.getInt(2)));
                }
            }
        }
        return fenced;
    }
}
