package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The rewrite of the samples of one GPU and hour as pieces, in the transaction of a connection. Immutable, thread-safe.
 *
 * <p>Samples beside a piece, which have come late, are merged with it: its samples become rows again first. A row is
 * deleted only if the view {@code gpu_sample_unpacked} gives it back, bit by bit; if one does not come back, the
 * rewrite fails and the transaction must be rolled back.
 */
final class PieceRewrite implements HourRewrite {
    /** The rows of the hour by the key: its second column must be bound, too, or the whole day would be read. */
    private static final String PLACE = " s.gpu_no = ? AND s.ts >= ? AND s.ts < ? AND s.metric_no = ANY (?)";

    /**
     * Tables without statistics, and pieces whose arrays the planner cannot look into, must not lead to a plan that
     * reads the day, or the rows once for each sample.
     */
    private static final String PLANS =
            "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_nestloop = off";

    /** One step in the index for each metric. */
    private static final String METRICS = """
            WITH RECURSIVE m AS (
                (SELECT s.metric_no FROM {gpu_sample} AS s WHERE s.gpu_no = ? AND s.ts >= ? AND s.ts < ?
                    ORDER BY s.metric_no LIMIT 1)
                UNION ALL
                SELECT (SELECT s.metric_no FROM {gpu_sample} AS s WHERE s.gpu_no = ? AND s.ts >= ? AND s.ts < ?
                    AND s.metric_no > m.metric_no ORDER BY s.metric_no LIMIT 1)
                FROM m WHERE m.metric_no IS NOT NULL
            )
            SELECT metric_no FROM m WHERE metric_no IS NOT NULL""";

    private static final String HAS_PIECES =
            "SELECT EXISTS (SELECT 1 FROM {gpu_sample_piece} AS p WHERE p.gpu_no = ? AND p.hour = ?)";

    /** The pieces with rows beside them. */
    private static final String LATE = "WITH late AS MATERIALIZED (SELECT DISTINCT s.metric_no, s.series_key"
            + " FROM {gpu_sample} AS s WHERE" + PLACE + ") ";

    private static final String IS_LATE = " p.gpu_no = ? AND p.hour = ? AND p.metric_no = ANY (?)"
            + " AND (p.metric_no, p.series_key) IN (SELECT l.metric_no, l.series_key FROM late AS l)";

    /**
     * The first of two samples of one key stays: that of the piece. One statement, so that the pieces that are deleted
     * are those that were unpacked, whatever rows come meanwhile.
     */
    private static final String UNPACK = LATE + ", gone AS (DELETE FROM {gpu_sample_piece} AS p WHERE" + IS_LATE
            + ") INSERT INTO {gpu_sample} (ts, series_key, metric_value, labels_id,"
            + " gpu_no, metric_no, instance, scope, quality) SELECT p.ts, p.series_key, p.metric_value, p.labels_id,"
            + " p.gpu_no, p.metric_no, p.instance, p.scope, p.quality FROM {gpu_sample_unpacked} AS p WHERE" + IS_LATE
            + " ON CONFLICT (gpu_no, metric_no, ts, series_key) DO UPDATE SET metric_value = excluded.metric_value,"
            + " labels_id = excluded.labels_id, instance = excluded.instance, scope = excluded.scope,"
            + " quality = excluded.quality";

    private static final String READ = "SELECT s.metric_no, s.series_key,"
            + " round(date_part('epoch', s.ts - ?::timestamptz) * 1000000)::bigint, s.metric_value, s.labels_id,"
            + " s.instance, s.scope, s.quality FROM {gpu_sample} AS s WHERE" + PLACE
            + " ORDER BY s.metric_no, s.series_key, s.ts";

    /** The key alone is hashed: a comparison that is no equality costs less for columns that hardly ever differ. */
    private static final String DELETE_ROWS = "WITH u AS MATERIALIZED (SELECT * FROM {gpu_sample_unpacked} AS p WHERE"
            + " p.gpu_no = ? AND p.hour = ? AND p.metric_no = ANY (?)) DELETE FROM {gpu_sample} AS s USING u WHERE"
            + PLACE + " AND u.metric_no = s.metric_no AND u.series_key = s.series_key AND u.ts = s.ts"
            + " AND float8send(u.metric_value) IS NOT DISTINCT FROM float8send(s.metric_value)"
            + " AND u.labels_id IS NOT DISTINCT FROM s.labels_id AND u.instance IS NOT DISTINCT FROM s.instance"
            + " AND u.scope IS NOT DISTINCT FROM s.scope AND u.quality IS NOT DISTINCT FROM s.quality";

    private static final String DELETE_TIMES = "DELETE FROM {gpu_sample_times} AS t WHERE t.gpu_no = ? AND t.hour = ?"
            + " AND NOT EXISTS (SELECT 1 FROM {gpu_sample_piece} AS p WHERE p.gpu_no = t.gpu_no AND p.hour = t.hour"
            + " AND p.times_no = t.times_no AND p.samples = t.samples)";

    private static final int FETCHED = 10_000;

    private final Optional<String> schema;

    PieceRewrite(Optional<String> schema) {
        this.schema = schema;
    }

    @Override
    public long rewrite(Connection connection, int gpu, long from) throws SQLException {
        Hour hour = new Hour(connection, gpu, from);
        try (Statement statement = connection.createStatement()) {
            statement.execute(PLANS);
        }
        Integer[] metrics = hour.metrics();
        boolean merges = hour.hasPieces();
        if (merges) {
            hour.unpackLate(metrics);
        }
        long moved = hour.move(metrics);
        if (merges) {
            hour.deleteTimes();
        }
        return moved;
    }

    /** The rows and pieces of a GPU and hour, in a transaction. */
    private final class Hour {
        private final Connection connection;
        private final int gpu;
        private final long from;
        private final OffsetDateTime start;
        private final OffsetDateTime end;

        Hour(Connection connection, int gpu, long from) {
            this.connection = connection;
            this.gpu = gpu;
            this.from = from;
            this.start = Instant.EPOCH.plus(from, ChronoUnit.MICROS).atOffset(ZoneOffset.UTC);
            this.end = start.plus(PieceTimes.LENGTH, ChronoUnit.MICROS);
        }

        /** Returns the metrics that the GPU has rows of on this day. */
        Integer[] metrics() throws SQLException {
            OffsetDateTime day = start.truncatedTo(ChronoUnit.DAYS);
            List<Integer> metrics = new ArrayList<>();
            try (PreparedStatement statement = prepare(METRICS, gpu, day, day.plusDays(1), gpu, day, day.plusDays(1));
                    ResultSet found = statement.executeQuery()) {
                while (found.next()) {
                    metrics.add(found.getInt(1));
                }
            }
            return metrics.toArray(Integer[]::new);
        }

        boolean hasPieces() throws SQLException {
            try (PreparedStatement statement = prepare(HAS_PIECES, gpu, start);
                    ResultSet row = statement.executeQuery()) {
                row.next();
                return row.getBoolean(1);
            }
        }

        void unpackLate(Integer[] metrics) throws SQLException {
            update(UNPACK, gpu, start, end, metrics, gpu, start, metrics, gpu, start, metrics);
        }

        long move(Integer[] metrics) throws SQLException {
            SortedSet<Integer> moved = new TreeSet<>();
            long read = write(metrics, moved);
            Integer[] some = moved.toArray(Integer[]::new);
            long deleted = update(DELETE_ROWS, gpu, start, some, gpu, start, end, some);
            if (deleted != read) {
                throw new TelemetryException("Samples of GPU number " + gpu + " from " + start.toInstant()
                        + " stay rows: " + deleted + " of " + read + " would come back from pieces as they are");
            }
            return read;
        }

        void deleteTimes() throws SQLException {
            update(DELETE_TIMES, gpu, start);
        }

        private long write(Integer[] metrics, SortedSet<Integer> moved) throws SQLException {
            PieceRows pieces = new PieceRows(connection, schema, gpu, from);
            long read = 0;
            try (PreparedStatement statement = prepare(READ, start, gpu, start, end, metrics)) {
                statement.setFetchSize(FETCHED);
                try (ResultSet rows = statement.executeQuery()) {
                    PieceSamples samples = new PieceSamples(0, 0);
                    for (; rows.next(); read++) {
                        if (read == 0 || !samples.isOf(rows.getInt(1), rows.getLong(2))) {
                            addUnlessFirst(pieces, samples, read);
                            samples = new PieceSamples(rows.getInt(1), rows.getLong(2));
                            moved.add(samples.metric());
                        }
                        add(samples, rows);
                    }
                    addUnlessFirst(pieces, samples, read);
                }
            }
            pieces.write();
            return read;
        }

        private void addUnlessFirst(PieceRows pieces, PieceSamples samples, long read) {
            if (read > 0) {
                pieces.add(samples);
            }
        }

        private void add(PieceSamples samples, ResultSet row) throws SQLException {
            samples.add(
                    from + row.getLong(3),
                    row.getDouble(4),
                    new PieceSamples.Attributes(row.getLong(5), row.getString(6), row.getShort(7), row.getShort(8)));
        }

        private int update(String sql, Object... values) throws SQLException {
            try (PreparedStatement statement = prepare(sql, values)) {
                return statement.executeUpdate();
            }
        }

        private PreparedStatement prepare(String sql, Object... values) throws SQLException {
            PreparedStatement statement = connection.prepareStatement(Identifier.qualifyAll(schema, sql));
            for (int i = 0; i < values.length; i++) {
                Object value = values[i];
                statement.setObject(
                        i + 1, value instanceof Integer[] some ? connection.createArrayOf("int4", some) : value);
            }
            return statement;
        }
    }
}
