package io.gpufleet.telemetry.jdbc;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.LogId;
import io.gpufleet.telemetry.OffsetRange;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.SourceRecord.Header;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import io.gpufleet.telemetry.jdbc.internal.StorableTime;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Writes the dead letters of one group; an existing letter stays unchanged. Thread-safe. */
final class DeadLetterRows {
    private final String group;
    private final String insert;

    DeadLetterRows(String group, Optional<String> schema) {
        this.group = group;
        this.insert = "INSERT INTO " + Identifier.qualify(schema, "dead_letters") + " (group_id, topic, partition,"
                + " cluster_id, topic_id, kafka_offset, record_timestamp, record_timestamp_type, key, value, header_names,"
                + " header_values, stage, reasons) VALUES (?, ?, ?, ?, ?, ?, (SELECT " + WireTime.timestampOf("m")
                + " FROM (VALUES (?::int8)) AS v(m)), ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
    }

    /** Writes letters; each lies in one of the ranges. */
    void write(Connection connection, List<DeadLetter> letters, List<OffsetRange> ranges) throws SQLException {
        if (letters.isEmpty()) {
            return;
        }
        Map<SourcePartition, LogId> logs = new HashMap<>();
        ranges.forEach(range -> logs.put(range.partition(), range.log()));
        try (PreparedStatement statement = connection.prepareStatement(insert)) {
            for (DeadLetter letter : letters) {
                bind(statement, letter, requireNonNull(logs.get(letter.partition()), "log"));
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }

    private void bind(PreparedStatement statement, DeadLetter letter, LogId log) throws SQLException {
        SourceRecord source = letter.source();
        List<Header> headers = source.headers();
        Parameters parameters = new Parameters(statement);
        parameters.text(group);
        parameters.text(source.partition().topic());
        parameters.integer(source.partition().partition());
        parameters.text(log.clusterId());
        parameters.uuid(log.topicId());
        parameters.bigint(source.offset());
        parameters.bigint(storable(source.timestamp()).map(WireTime::toMicros).orElse(null));
        parameters.text(nameOf(source.timestampType()));
        parameters.bytes(source.key().orElse(null));
        parameters.bytes(source.value().orElse(null));
        parameters.array(WireColumn.of(WireType.STORABLE_TEXT, headers, Header::key));
        parameters.array(WireColumn.of(WireType.BYTEA, headers, Header::value));
        parameters.text(nameOf(letter.stage()));
        parameters.array(WireColumn.of(WireType.STORABLE_TEXT, letter.reasons(), reason -> reason));
    }

    private static String nameOf(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static Optional<Instant> storable(Optional<Instant> timestamp) {
        return timestamp.filter(StorableTime::isStorable);
    }
}
