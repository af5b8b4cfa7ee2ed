package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The rows of the pieces of one GPU and hour, written in the transaction of a connection. Each list of times is written
 * once. Belongs to the thread of the transaction.
 */
final class PieceRows {
    private static final String FROM = "timestamptz 'epoch' + ? * interval '1 microsecond'";

    private static final String FIND = "SELECT times_no FROM {gpu_sample_times} WHERE gpu_no = ? AND hour = " + FROM
            + " AND samples = ? AND micros = ?";

    private static final String TIMES = "INSERT INTO {gpu_sample_times} (gpu_no, hour, samples, micros,"
            + " times_no) VALUES (?, " + FROM + ", ?, ?, (SELECT coalesce(max(times_no) + 1, 0) FROM"
            + " {gpu_sample_times} WHERE gpu_no = ? AND hour = " + FROM + ")) RETURNING times_no";

    private static final String PIECE = "INSERT INTO {gpu_sample_piece} (gpu_no, hour, metric_no, series_key,"
            + " samples, times_no, divisor, base, value, small, whole, single, exact, labels_id, labels_ids, instance,"
            + " instances, scope, scopes, quality, qualities)"
            + " VALUES (?, " + FROM + ", ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

    private final Connection connection;
    private final Optional<String> schema;
    private final int gpu;
    private final Map<PieceTimes, Integer> known = new HashMap<>();

    PieceRows(Connection connection, Optional<String> schema, int gpu) {
        this.connection = connection;
        this.schema = schema;
        this.gpu = gpu;
    }

    /** Writes a piece. */
    void write(PieceSamples samples) throws SQLException {
        PieceTimes times = samples.times();
        PieceValues values = samples.values();
        int number = numberOf(times);
        try (PreparedStatement insert = connection.prepareStatement(Identifier.qualifyAll(schema, PIECE))) {
            insert.setInt(1, gpu);
            insert.setLong(2, times.hour());
            insert.setInt(3, samples.metric());
            insert.setLong(4, samples.series());
            insert.setInt(5, times.samples());
            insert.setInt(6, number);
            bind(insert, values);
            bind(insert, 14, "int8", samples.labels());
            bind(insert, 16, "text", samples.instances());
            bind(insert, 18, "int2", samples.scopes());
            bind(insert, 20, "int2", samples.qualities());
            insert.executeUpdate();
        }
    }

    private void bind(PreparedStatement insert, PieceValues values) throws SQLException {
        insert.setObject(7, values.divisor().isPresent() ? values.divisor().getAsInt() : null, Types.INTEGER);
        insert.setObject(8, values.base().isPresent() ? values.base().getAsLong() : null, Types.BIGINT);
        PieceValues.Form form = values.form();
        insert.setObject(9, form == PieceValues.Form.VALUE ? values.numbers()[0] : null, Types.DOUBLE);
        bind(insert, 10, PieceValues.Form.SMALL, values);
        bind(insert, 11, PieceValues.Form.WHOLE, values);
        bind(insert, 12, PieceValues.Form.SINGLE, values);
        bind(insert, 13, PieceValues.Form.EXACT, values);
    }

    private void bind(PreparedStatement insert, int place, PieceValues.Form form, PieceValues values)
            throws SQLException {
        insert.setArray(place, values.form() == form ? array(form.type(), values.numbers()) : null);
    }

    /** Binds a column for one value of all samples, then the one for an array. */
    private void bind(PreparedStatement insert, int place, String type, List<?> values) throws SQLException {
        boolean isOne = values.stream().distinct().count() == 1;
        insert.setObject(place, isOne ? values.get(0) : null);
        insert.setArray(place + 1, isOne ? null : array(type, values.toArray()));
    }

    private Array array(String type, Object[] elements) throws SQLException {
        return connection.createArrayOf(type, elements);
    }

    private int numberOf(PieceTimes times) throws SQLException {
        Integer number = known.get(times);
        if (number == null) {
            number = find(times);
            known.put(times, number);
        }
        return number;
    }

    private int find(PieceTimes times) throws SQLException {
        try (PreparedStatement find = connection.prepareStatement(Identifier.qualifyAll(schema, FIND))) {
            bind(find, times);
            try (ResultSet found = find.executeQuery()) {
                return found.next() ? found.getInt(1) : insert(times);
            }
        }
    }

    private int insert(PieceTimes times) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(Identifier.qualifyAll(schema, TIMES))) {
            bind(insert, times);
            insert.setInt(5, gpu);
            insert.setLong(6, times.hour());
            try (ResultSet inserted = insert.executeQuery()) {
                if (!inserted.next()) {
                    throw new TelemetryException("Times of GPU " + gpu + " were not inserted: " + times);
                }
                return inserted.getInt(1);
            }
        }
    }

    private void bind(PreparedStatement statement, PieceTimes times) throws SQLException {
        statement.setInt(1, gpu);
        statement.setLong(2, times.hour());
        statement.setInt(3, times.samples());
        statement.setArray(4, array("int4", times.micros()));
    }
}
