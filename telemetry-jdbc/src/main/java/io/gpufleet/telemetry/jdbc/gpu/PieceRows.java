package io.gpufleet.telemetry.jdbc.gpu;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The rows of the pieces of one GPU and hour, written in the transaction of a connection. Each list of times is written
 * once. Belongs to the thread of the transaction.
 */
final class PieceRows {
    private static final String FROM = "timestamptz 'epoch' + ? * interval '1 microsecond'";

    private static final String FIND =
            "SELECT times_no, micros, samples, step FROM {gpu_sample_times} WHERE gpu_no = ? AND hour = " + FROM;

    private static final String TIMES = "INSERT INTO {gpu_sample_times} (gpu_no, hour, samples, micros, times_no,"
            + " step) VALUES (?, " + FROM + ", ?, ?, ?, ?)";

    private static final String PIECE = "INSERT INTO {gpu_sample_piece} (gpu_no, hour, metric_no, series_key,"
            + " samples, times_no, divisor, base, value, small, whole, single, exact, labels_id, labels_ids, instance,"
            + " instances, scope, scopes, quality, qualities)"
            + " VALUES (?, " + FROM + ", ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

    private final Connection connection;
    private final Optional<String> schema;
    private final int gpu;
    private final long hour;
    private final Map<PieceTimes, Integer> known = new HashMap<>();
    private final Map<PieceTimes, Integer> fresh = new LinkedHashMap<>();
    private final List<PieceSamples> pieces = new ArrayList<>();
    private int next;

    /**
     * Reads the lists of times that the hour has already.
     *
     * @param hour the beginning of the hour in microseconds since 1970
     */
    PieceRows(Connection connection, Optional<String> schema, int gpu, long hour) throws SQLException {
        this.connection = connection;
        this.schema = schema;
        this.gpu = gpu;
        this.hour = hour;
        find();
    }

    private void find() throws SQLException {
        try (PreparedStatement find = prepare(FIND)) {
            find.setInt(1, gpu);
            find.setLong(2, hour);
            try (ResultSet found = find.executeQuery()) {
                while (found.next()) {
                    known.put(
                            PieceTimes.stored(hour, found.getInt(3), found.getInt(4), (Integer[])
                                    found.getArray(2).getArray()),
                            found.getInt(1));
                    next = Math.max(next, found.getInt(1) + 1);
                }
            }
        }
    }

    private PreparedStatement prepare(String sql) throws SQLException {
        return connection.prepareStatement(Identifier.qualifyAll(schema, sql));
    }

    /** Adds a piece of the hour. */
    void add(PieceSamples samples) {
        if (samples.times().hour() != hour) {
            throw new IllegalArgumentException("samples: " + samples.times() + " are not of the hour from " + hour);
        }
        pieces.add(samples);
        known.computeIfAbsent(samples.times(), times -> {
            fresh.put(times, next);
            return next++;
        });
    }

    /** Writes the added pieces, and the lists of times that are new, with one round trip each. */
    void write() throws SQLException {
        try (PreparedStatement insert = prepare(TIMES)) {
            for (Map.Entry<PieceTimes, Integer> times : fresh.entrySet()) {
                bind(insert, times.getKey(), times.getValue());
                insert.addBatch();
            }
            insert.executeBatch();
        }
        try (PreparedStatement insert = prepare(PIECE)) {
            for (PieceSamples piece : pieces) {
                bind(insert, piece);
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    private void bind(PreparedStatement insert, PieceTimes times, int number) throws SQLException {
        insert.setInt(1, gpu);
        insert.setLong(2, hour);
        insert.setInt(3, times.samples());
        insert.setArray(4, array("int4", times.microsUnlessInSteps()));
        insert.setInt(5, number);
        insert.setObject(6, times.step().isPresent() ? times.step().getAsInt() : null, Types.INTEGER);
    }

    private void bind(PreparedStatement insert, PieceSamples samples) throws SQLException {
        insert.setInt(1, gpu);
        insert.setLong(2, hour);
        insert.setInt(3, samples.metric());
        insert.setLong(4, samples.series());
        insert.setInt(5, samples.times().samples());
        insert.setInt(6, requireNonNull(known.get(samples.times())));
        bind(insert, samples.values());
        bind(insert, 14, "int8", samples.labels());
        bind(insert, 16, "text", samples.instances());
        bind(insert, 18, "int2", samples.scopes());
        bind(insert, 20, "int2", samples.qualities());
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
}
