package io.gpufleet.telemetry.examples.operator;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.LogId;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.SourcePartition;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A row of {@code consumer_offsets}. Immutable.
 *
 * @param group the consumer group
 * @param partition the partition
 * @param position the group's position in it
 * @param updatedAt the time of its last move
 */
record StoredPosition(String group, SourcePartition partition, Position position, Instant updatedAt) {
    private static final String SQL = """
            SELECT group_id, topic, partition, cluster_id, topic_id, next_offset, coalesce(leader_epoch, -1), updated_at
            FROM {consumer_offsets}
            WHERE group_id = coalesce(?::text, group_id) AND topic = coalesce(?::text, topic)
            ORDER BY group_id, topic, partition""";

    static List<StoredPosition> read(Tables tables, Filter filter) throws SQLException {
        return tables.rows(SQL, filter).stream().map(StoredPosition::of).toList();
    }

    private static StoredPosition of(List<@Nullable Object> row) {
        SourcePartition partition = new SourcePartition((String) value(row, 1), (Integer) value(row, 2));
        Position position = new Position(
                new LogId((String) value(row, 3), (UUID) value(row, 4)), (Long) value(row, 5), (Integer) value(row, 6));
        return new StoredPosition((String) value(row, 0), partition, position, (Instant) value(row, 7));
    }

    private static Object value(List<@Nullable Object> row, int column) {
        return requireNonNull(row.get(column), "column");
    }

    /** Returns the group and the topic, by which rows are shown together. */
    List<String> groupAndTopic() {
        return List.of(group, partition.topic());
    }
}
