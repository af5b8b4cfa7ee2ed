package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * The rewrite of the samples of one GPU and hour as pieces, in the transaction of a connection. Immutable, thread-safe.
 *
 * <p>Samples beside a piece, which have come late, are merged with it: its samples become rows again first. A row is
 * deleted only if the view {@code gpu_sample_unpacked} gives it back, bit by bit; if one does not come back, the
 * rewrite fails and the transaction must be rolled back.
 */
final class PieceRewrite implements HourRewrite {
    private static final String FROM = "(timestamptz 'epoch' + %s * interval '1 microsecond')";
    private static final String PLACE =
            "s.gpu_no = ? AND s.ts >= " + FROM.formatted("?") + " AND s.ts < " + FROM.formatted("?");

    /** The pieces of a GPU and time with rows beside them. */
    private static final String HAS_ROWS = " WHERE p.gpu_no = ? AND p.hour = " + FROM.formatted("?")
            + " AND EXISTS (SELECT 1 FROM {gpu_sample} AS s WHERE s.gpu_no = p.gpu_no AND s.metric_no = p.metric_no"
            + " AND s.series_key = p.series_key AND s.ts >= p.hour AND s.ts < p.hour + interval '1 hour')";

    /** The first of two samples of one key stays: that of the piece. */
    private static final String UNPACK = "INSERT INTO {gpu_sample} (ts, series_key, metric_value, labels_id, gpu_no,"
            + " metric_no, instance, scope, quality) SELECT p.ts, p.series_key, p.metric_value, p.labels_id, p.gpu_no,"
            + " p.metric_no, p.instance, p.scope, p.quality FROM {gpu_sample_unpacked} AS p" + HAS_ROWS
            + " ON CONFLICT (gpu_no, metric_no, ts, series_key) DO UPDATE SET metric_value = excluded.metric_value,"
            + " labels_id = excluded.labels_id, instance = excluded.instance, scope = excluded.scope,"
            + " quality = excluded.quality";

    private static final String DELETE_PIECES = "DELETE FROM {gpu_sample_piece} AS p" + HAS_ROWS;

    private static final String READ = "SELECT s.metric_no, s.series_key, (extract(epoch FROM s.ts) * 1000000)::bigint,"
            + " s.metric_value, s.labels_id, s.instance, s.scope, s.quality FROM {gpu_sample} AS s WHERE " + PLACE
            + " ORDER BY s.metric_no, s.series_key, s.ts";

    private static final String DELETE_ROWS = "DELETE FROM {gpu_sample} AS s USING {gpu_sample_unpacked} AS u WHERE "
            + PLACE + " AND u.gpu_no = s.gpu_no AND u.hour = " + FROM.formatted("?")
            + " AND u.metric_no = s.metric_no AND u.series_key = s.series_key AND u.ts = s.ts"
            + " AND float8send(u.metric_value) = float8send(s.metric_value) AND u.labels_id = s.labels_id"
            + " AND u.instance = s.instance AND u.scope = s.scope AND u.quality = s.quality";

    private static final String DELETE_TIMES = "DELETE FROM {gpu_sample_times} AS t WHERE t.gpu_no = ? AND t.hour = "
            + FROM.formatted("?") + " AND NOT EXISTS (SELECT 1 FROM {gpu_sample_piece} AS p WHERE p.gpu_no = t.gpu_no"
            + " AND p.hour = t.hour AND p.times_no = t.times_no AND p.samples = t.samples)";

    private static final int FETCHED = 10_000;

    private final Optional<String> schema;

    PieceRewrite(Optional<String> schema) {
        this.schema = schema;
    }

    @Override
    public long rewrite(Connection connection, int gpu, long from) throws SQLException {
        update(connection, UNPACK, gpu, from);
        update(connection, DELETE_PIECES, gpu, from);
        long read = writePieces(connection, gpu, from);
        long deleted = update(connection, DELETE_ROWS, gpu, from, from + PieceTimes.LENGTH, from);
        if (deleted != read) {
            throw new TelemetryException("Samples of GPU number " + gpu + " from "
                    + Instant.EPOCH.plus(from, ChronoUnit.MICROS) + " stay rows: " + deleted + " of " + read
                    + " would come back from pieces as they are");
        }
        update(connection, DELETE_TIMES, gpu, from);
        return read;
    }

    private int update(Connection connection, String sql, int gpu, long... times) throws SQLException {
        try (PreparedStatement statement = prepare(connection, sql, gpu, times)) {
            return statement.executeUpdate();
        }
    }

    private PreparedStatement prepare(Connection connection, String sql, int gpu, long... times) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(Identifier.qualifyAll(schema, sql));
        statement.setInt(1, gpu);
        for (int i = 0; i < times.length; i++) {
            statement.setLong(i + 2, times[i]);
        }
        return statement;
    }

    private long writePieces(Connection connection, int gpu, long from) throws SQLException {
        PieceRows pieces = new PieceRows(connection, schema, gpu);
        long read = 0;
        try (PreparedStatement statement = prepare(connection, READ, gpu, from, from + PieceTimes.LENGTH)) {
            statement.setFetchSize(FETCHED);
            try (ResultSet rows = statement.executeQuery()) {
                PieceSamples samples = new PieceSamples(0, 0);
                for (; rows.next(); read++) {
                    if (read == 0 || !samples.isOf(rows.getInt(1), rows.getLong(2))) {
                        writeUnlessFirst(pieces, samples, read);
                        samples = new PieceSamples(rows.getInt(1), rows.getLong(2));
                    }
                    add(samples, rows);
                }
                writeUnlessFirst(pieces, samples, read);
            }
        }
        return read;
    }

    private static void writeUnlessFirst(PieceRows pieces, PieceSamples samples, long read) throws SQLException {
        if (read > 0) {
            pieces.write(samples);
        }
    }

    private static void add(PieceSamples samples, ResultSet row) throws SQLException {
        samples.add(
                row.getLong(3),
                row.getDouble(4),
                new PieceSamples.Attributes(row.getLong(5), row.getString(6), row.getShort(7), row.getShort(8)));
    }
}
