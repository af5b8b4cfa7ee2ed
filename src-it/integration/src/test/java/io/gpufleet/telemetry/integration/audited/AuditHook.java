package io.gpufleet.telemetry.integration.audited;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.OffsetRange;
import io.gpufleet.telemetry.RecordCounts;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.jdbc.TransactionHook;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.postgresql.PGStatement;

/**
 * A hook that records every accepted record in a table without a key, and counts them by partition: a record that is
 * applied twice has two rows. A record with some stored values is accepted; its refused ones are noted by number.
 * Thread-safe.
 */
public final class AuditHook<T> implements TransactionHook<T> {
    public static final String TABLES = """
            CREATE TABLE audit (topic text, topic_id uuid, partition integer, kafka_offset bigint,
                record_millis bigint, writer bigint);
            CREATE TABLE audit_counter (topic text, partition integer, records bigint, PRIMARY KEY (topic, partition));
            CREATE TABLE audit_refused (topic_id uuid, partition integer, kafka_offset bigint, refused integer,
                repeated integer)
            """;

    private static final String NOTE = """
            INSERT INTO audit (topic, topic_id, partition, kafka_offset, record_millis, writer)
            SELECT r.*, ? FROM unnest(?::text[], ?::uuid[], ?::int4[], ?::int8[], ?::int8[]) AS r
            """;

    private static final String NOTE_REFUSED = """
            INSERT INTO audit_refused (topic_id, partition, kafka_offset, refused, repeated)
            SELECT * FROM unnest(?::uuid[], ?::int4[], ?::int8[], ?::int4[], ?::int4[])
            """;

    private static final String COUNT = """
            INSERT INTO audit_counter (topic, partition, records)
            SELECT r.topic, r.partition, count(*) FROM unnest(?::text[], ?::int4[]) AS r(topic, partition)
            GROUP BY 1, 2 ORDER BY 1, 2
            ON CONFLICT (topic, partition) DO UPDATE SET records = audit_counter.records + excluded.records
            """;

    /** A statement whose plan becomes invalid when the table gets another column. */
    private static final String LOOK = "SELECT * FROM audit_counter LIMIT 1";

    private final Holds holds;

    AuditHook(Holds holds) {
        this.holds = holds;
    }

    @Override
    public void run(Connection connection, Batch<T> batch) throws SQLException {
        List<Delivery<?>> records = records(batch);
        note(connection, batch, records);
        noteRefused(connection, batch);
        count(connection, records);
        look(connection);
        holds.pass(Holds.COMMIT);
    }

    /** Returns the first stored value of each record; the values of a record lie side by side. */
    private static List<Delivery<?>> records(Batch<?> batch) {
        List<Delivery<?>> records = new ArrayList<>();
        Delivery<?> last = null;
        for (Delivery<?> delivery : batch.deliveries()) {
            if (last == null
                    || last.offset() != delivery.offset()
                    || !last.partition().equals(delivery.partition())) {
                records.add(delivery);
            }
            last = delivery;
        }
        return records;
    }

    private static void note(Connection connection, Batch<?> batch, List<Delivery<?>> records) throws SQLException {
        Map<SourcePartition, UUID> topicIds = topicIds(batch);
        Columns<Delivery<?>> columns = new Columns<>(connection, records);
        try (PreparedStatement statement = connection.prepareStatement(NOTE)) {
            statement.setLong(1, ProcessHandle.current().pid());
            statement.setArray(2, columns.of("text", d -> d.partition().topic()));
            statement.setArray(3, columns.of("uuid", d -> topicIds.get(d.partition())));
            statement.setArray(4, columns.of("int4", d -> d.partition().partition()));
            statement.setArray(5, columns.of("int8", Delivery::offset));
            statement.setArray(6, columns.of("int8", d -> d.time().toEpochMilli()));
            statement.executeUpdate();
        }
    }

    private static Map<SourcePartition, UUID> topicIds(Batch<?> batch) {
        return batch.ranges().stream()
                .collect(Collectors.toMap(
                        OffsetRange::partition, range -> range.log().topicId()));
    }

    /** Notes the refused values of each record, in a dead letter or counted only. */
    private static void noteRefused(Connection connection, Batch<?> batch) throws SQLException {
        Map<SourcePartition, UUID> topicIds = topicIds(batch);
        Columns<RecordCounts> columns = new Columns<>(
                connection,
                batch.counts().stream().filter(record -> record.refused() > 0).toList());
        try (PreparedStatement statement = connection.prepareStatement(NOTE_REFUSED)) {
            statement.setArray(1, columns.of("uuid", record -> topicIds.get(record.partition())));
            statement.setArray(
                    2, columns.of("int4", record -> record.partition().partition()));
            statement.setArray(3, columns.of("int8", RecordCounts::offset));
            statement.setArray(4, columns.of("int4", RecordCounts::refused));
            statement.setArray(5, columns.of("int4", RecordCounts::repeated));
            statement.executeUpdate();
        }
    }

    private static void count(Connection connection, List<Delivery<?>> deliveries) throws SQLException {
        Columns<Delivery<?>> columns = new Columns<>(connection, deliveries);
        try (PreparedStatement statement = connection.prepareStatement(COUNT)) {
            statement.setArray(1, columns.of("text", d -> d.partition().topic()));
            statement.setArray(2, columns.of("int4", d -> d.partition().partition()));
            statement.executeUpdate();
        }
    }

    /** Reads all columns with a statement that the session has prepared since the first batch. */
    private static void look(Connection connection) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(LOOK)) {
            statement.unwrap(PGStatement.class).setPrepareThreshold(1);
            statement.executeQuery().close();
        }
    }

    private record Columns<R>(Connection connection, List<R> records) {
        java.sql.Array of(String type, Function<R, Object> field) throws SQLException {
            return connection.createArrayOf(type, records.stream().map(field).toArray());
        }
    }
}
