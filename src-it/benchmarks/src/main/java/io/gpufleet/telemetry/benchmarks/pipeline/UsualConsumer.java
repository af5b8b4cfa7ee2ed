package io.gpufleet.telemetry.benchmarks.pipeline;

import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/**
 * The usual service on this topic: one loop, one transaction per heartbeat, and in it a statement for each row. It
 * would take many minutes for the whole backlog, so it processes a part of it; every heartbeat costs the same.
 */
final class UsualConsumer implements Contestant {
    static final String NAME = "usual consumer";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String settings() {
        return "1 thread, a transaction a heartbeat, on a part";
    }

    @Override
    public String details() {
        return "prepared statements, commitSync after each poll";
    }

    @Override
    public Figures run(Stage stage) throws InterruptedException, SQLException {
        try (Database database = stage.newDatabase(1)) {
            Figures figures = measure(stage, database);
            Contents.ofPart(stage.backlog(), stage.partRecords(), database).requireAtLeastIn(database, name());
            return figures;
        }
    }

    private static Figures measure(Stage stage, Database database) throws InterruptedException, SQLException {
        Measurement measurement = stage.measure(stage.partRecords());
        try (KafkaConsumer<byte[], byte[]> consumer = PlainClient.of(stage);
                Connection connection = database.pool().getConnection();
                Writer writer = new Writer(connection)) {
            consumer.subscribe(List.of(stage.backlog().topic()));
            while (!measurement.isDone()) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                    measurement.begin();
                    if (!measurement.isDone()) {
                        writer.write(PlainClient.delivery(record));
                        measurement.done(1);
                    }
                }
                consumer.commitSync();
            }
            return measurement.await();
        }
    }

    /** The writer, whose statements are prepared once. */
    private static final class Writer implements AutoCloseable {
        private final Connection connection;
        private final Map<String, PreparedStatement> statements = new HashMap<>();

        Writer(Connection connection) throws SQLException {
            this.connection = connection;
            connection.setAutoCommit(false);
        }

        void write(Delivery<Heartbeat> delivery) throws SQLException {
            for (Map.Entry<String, List<Object[]>> rows :
                    RowSql.rows(List.of(delivery)).entrySet()) {
                PreparedStatement statement = prepared(rows.getKey());
                for (Object[] row : rows.getValue()) {
                    execute(statement, row);
                }
            }
            connection.commit();
        }

        private PreparedStatement prepared(String sql) throws SQLException {
            PreparedStatement statement = statements.get(sql);
            if (statement == null) {
                statement = connection.prepareStatement(sql);
                statements.put(sql, statement);
            }
            return statement;
        }

        private static void execute(PreparedStatement statement, Object[] row) throws SQLException {
            for (int index = 0; index < row.length; index++) {
                statement.setObject(index + 1, row[index]);
            }
            statement.executeUpdate();
        }

        @Override
        public void close() throws SQLException {
            for (PreparedStatement statement : statements.values()) {
                statement.close();
            }
        }
    }
}
