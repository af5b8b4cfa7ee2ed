package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The rewrite of the wide rows of one GPU and hour as a piece, in the transaction of a connection. Immutable,
 * thread-safe.
 *
 * <p>Rows beside a piece, which late readings have filled or added, are merged with it: its other rows become rows
 * again first. A row is deleted only if the view {@code gpu_metrics_unpacked} gives it back, bit by bit; if one does
 * not come back, the rewrite fails and the transaction must be rolled back.
 */
final class WideRewrite implements HourRewrite {
    private static final String FROM = "(timestamptz 'epoch' + %s * interval '1 microsecond')";
    private static final String HOUR = "p.gpu_no = ? AND p.hour = " + FROM.formatted("?");
    private static final String PLACE =
            "m.gpu_no = ? AND m.time >= " + FROM.formatted("?") + " AND m.time < " + FROM.formatted("?");

    /** A day without statistics must not lead to a plan that reads all of it, or the piece once for each row. */
    private static final String PLANS =
            "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_nestloop = off";

    private static final String HAS_ROWS = "SELECT 1 FROM {gpu_metrics} AS m WHERE " + PLACE + " LIMIT 1";

    private static final String HAS_PIECE = "SELECT 1 FROM {gpu_metrics_piece} AS p WHERE " + HOUR;

    /** A row stays as it is: it began as a copy of that of the piece. */
    private static final String UNPACK = "INSERT INTO {gpu_metrics} (gpu_no, time, at, " + names("") + ") SELECT"
            + " p.gpu_no, p.time, p.at, " + names("p.") + " FROM {gpu_metrics_unpacked} AS p WHERE " + HOUR
            + " ON CONFLICT (gpu_no, time) DO NOTHING";

    private static final String DELETE_PIECE = "DELETE FROM {gpu_metrics_piece} AS p WHERE " + HOUR;

    private static final String READ = "SELECT (extract(epoch FROM m.time) * 1000000)::bigint,"
            + " CASE WHEN coalesce(array_ndims(m.at), 1) = 1 THEN m.at END, "
            + WideColumn.ALL.stream().map(column -> column.number("m")).collect(Collectors.joining(", "))
            + " FROM {gpu_metrics} AS m WHERE " + PLACE + " ORDER BY m.time";

    private static final int FIRST_COLUMN = 3;

    /** Materialized, so that the piece is unpacked once. */
    private static final String DELETE_ROWS = "WITH u AS MATERIALIZED (SELECT p.time, p.at, " + names("p.")
            + " FROM {gpu_metrics_unpacked} AS p WHERE " + HOUR + ") DELETE FROM {gpu_metrics} AS m USING u WHERE "
            + PLACE + " AND u.time = m.time AND u.at IS NOT DISTINCT FROM m.at AND "
            + WideColumn.ALL.stream().map(column -> column.same("u", "m")).collect(Collectors.joining(" AND "));

    private static final int FETCHED = 1_000;

    private final Optional<String> schema;

    WideRewrite(Optional<String> schema) {
        this.schema = schema;
    }

    private static String names(String row) {
        return WideColumn.ALL.stream().map(column -> row + column.name()).collect(Collectors.joining(", "));
    }

    @Override
    public long rewrite(Connection connection, int gpu, long from) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(PLANS);
        }
        long to = from + PieceTimes.LENGTH;
        if (!exists(connection, HAS_ROWS, gpu, from, to)) {
            return 0;
        }
        if (exists(connection, HAS_PIECE, gpu, from)) {
            update(connection, UNPACK, gpu, from);
            update(connection, DELETE_PIECE, gpu, from);
        }
        WidePiece piece = read(connection, gpu, from, to);
        WidePieceRow.of(piece).insert(connection, schema, gpu);
        long deleted = update(connection, DELETE_ROWS, gpu, from, gpu, from, to);
        if (deleted != piece.rows()) {
            throw new TelemetryException("Wide rows of GPU number " + gpu + " from "
                    + Instant.EPOCH.plus(from, ChronoUnit.MICROS) + " stay rows: " + deleted + " of " + piece.rows()
                    + " would come back from a piece as they are");
        }
        return deleted;
    }

    private boolean exists(Connection connection, String sql, long... parameters) throws SQLException {
        try (PreparedStatement statement = prepare(connection, sql, parameters);
                ResultSet row = statement.executeQuery()) {
            return row.next();
        }
    }

    private int update(Connection connection, String sql, long... parameters) throws SQLException {
        try (PreparedStatement statement = prepare(connection, sql, parameters)) {
            return statement.executeUpdate();
        }
    }

    private PreparedStatement prepare(Connection connection, String sql, long... parameters) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(Identifier.qualifyAll(schema, sql));
        for (int i = 0; i < parameters.length; i++) {
            statement.setLong(i + 1, parameters[i]);
        }
        return statement;
    }

    private WidePiece read(Connection connection, long... parameters) throws SQLException {
        WidePiece piece = new WidePiece();
        try (PreparedStatement statement = prepare(connection, READ, parameters)) {
            statement.setFetchSize(FETCHED);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    piece.addRow(rows.getLong(1));
                    addTimes(piece, rows.getArray(2));
                    for (int i = 0; i < WideColumn.ALL.size(); i++) {
                        add(piece, WideColumn.ALL.get(i), rows, FIRST_COLUMN + i);
                    }
                }
            }
        }
        return piece;
    }

    private static void add(WidePiece piece, WideColumn column, ResultSet row, int place) throws SQLException {
        switch (column.type()) {
            case WHOLE -> {
                long value = row.getLong(place);
                if (!row.wasNull()) {
                    piece.put(column.number(), value);
                }
            }
            case REAL -> {
                float value = row.getFloat(place);
                if (!row.wasNull()) {
                    piece.put(column.number(), value);
                }
            }
            case DOUBLE -> {
                double value = row.getDouble(place);
                if (!row.wasNull()) {
                    piece.put(column.number(), value);
                }
            }
        }
    }

    private static void addTimes(WidePiece piece, @Nullable Array times) throws SQLException {
        if (times == null) {
            return;
        }
        Integer[] elements = (Integer[]) times.getArray();
        piece.put(WideColumn.AT_LENGTH, (long) elements.length);
        for (int i = 0; i < elements.length; i++) {
            if (elements[i] != null) {
                piece.put(WideColumn.AT + i, (long) elements[i]);
            }
        }
    }
}
