package io.gpufleet.telemetry.integration.consumer;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.jdbc.TransactionHook;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** Adds a row without a key for every delivery, so that no duplicate can hide. */
final class Audit<T> implements TransactionHook<T> {

    @Override
    public void run(Connection connection, Batch<T> batch) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO audit VALUES (?, ?, ?)")) {
            for (Delivery<T> delivery : batch.deliveries()) {
                insert.setString(1, delivery.partition().topic());
                insert.setInt(2, delivery.partition().partition());
                insert.setLong(3, delivery.offset());
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }
}
