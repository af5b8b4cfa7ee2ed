package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.jdbc.Database;
import java.lang.reflect.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/** Pieces of one GPU in a database, written as the encoder says. */
final class StoredPieces {
    /** The times in microseconds since 1970, and the bits of the values, as text. */
    private static final String ROWS = "SELECT (extract(epoch FROM ts) * 1000000)::bigint || ' ' ||"
            + " encode(float8send(metric_value), 'hex') FROM gpu_sample_unpacked WHERE metric_no = %d ORDER BY ts";

    private static final String TIMES = "INSERT INTO gpu_sample_times (from_ts, gpu_no, samples, unit, times_no, %s)"
            + " VALUES (timestamptz 'epoch' + ? * interval '1 microsecond', 1, ?, ?, ?, ?)";
    private static final String PIECE = "INSERT INTO gpu_sample_piece (from_ts, series_key, gpu_no, metric_no, samples,"
            + " divisor, base, times_no, labels_id, scope, quality, instance, %s)"
            + " VALUES (timestamptz 'epoch' + ? * interval '1 microsecond', 0, 1, ?, ?, ?, ?, ?, 7, 0, 0, '', ?)";
    private static final Map<PieceValues.Form, String> TYPES = Map.of(
            PieceValues.Form.SMALL, "int2",
            PieceValues.Form.WHOLE, "int4",
            PieceValues.Form.SINGLE, "float4",
            PieceValues.Form.EXACT, "float8");

    private final Database database;
    private final Map<PieceTimes, Integer> times = new HashMap<>();
    private String zone = "UTC";

    StoredPieces(Database database, LocalDate... days) {
        this.database = database;
        for (LocalDate day : days) {
            for (String table : List.of("gpu_sample", "gpu_sample_times", "gpu_sample_piece")) {
                database.execute("CREATE TABLE %1$s_%2$s PARTITION OF %1$s FOR VALUES FROM ('%3$s+00') TO ('%4$s+00')"
                        .formatted(table, day.toString().replace("-", ""), day, day.plusDays(1)));
            }
        }
    }

    /** Sets the zone of the connections. */
    StoredPieces in(String otherZone) {
        this.zone = otherZone;
        return this;
    }

    private Connection connect() throws SQLException {
        Connection connection = database.dataSource().getConnection();
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET timezone = '" + zone + "'");
        }
        return connection;
    }

    /** Writes a piece of a metric, and returns the form of its values. */
    PieceValues put(int metric, long[] micros, double... values) {
        PieceTimes when = PieceTimes.of(micros);
        PieceValues numbers = PieceValues.of(values);
        try (Connection connection = connect()) {
            if (!times.containsKey(when)) {
                times.put(when, times.size());
                insert(connection, when);
            }
            insert(connection, metric, when, numbers);
        } catch (SQLException e) {
            throw new IllegalStateException(numbers.toString(), e);
        }
        return numbers;
    }

    private void insert(Connection connection, PieceTimes when) throws SQLException {
        String column = when.isWide() ? "wide_gaps" : "gaps";
        try (PreparedStatement insert = connection.prepareStatement(TIMES.formatted(column))) {
            insert.setLong(1, when.from());
            insert.setInt(2, when.samples());
            insert.setInt(3, when.unit());
            insert.setInt(4, times.get(when));
            insert.setArray(5, connection.createArrayOf(when.isWide() ? "int8" : "int4", boxed(when.gaps())));
            insert.executeUpdate();
        }
    }

    private void insert(Connection connection, int metric, PieceTimes when, PieceValues values) throws SQLException {
        String column = values.form().name().toLowerCase(Locale.ROOT);
        try (PreparedStatement insert = connection.prepareStatement(PIECE.formatted(column))) {
            insert.setLong(1, when.from());
            insert.setInt(2, metric);
            insert.setInt(3, when.samples());
            insert.setObject(4, values.divisor().isPresent() ? values.divisor().getAsInt() : null, Types.INTEGER);
            insert.setObject(5, values.base().isPresent() ? values.base().getAsLong() : null, Types.BIGINT);
            insert.setInt(6, times.get(when));
            if (values.form() == PieceValues.Form.VALUE) {
                insert.setDouble(7, (Double) values.numbers());
            } else {
                insert.setArray(7, connection.createArrayOf(TYPES.get(values.form()), boxed(values.numbers())));
            }
            insert.executeUpdate();
        }
    }

    private static Object[] boxed(Object array) {
        return IntStream.range(0, Array.getLength(array))
                .mapToObj(i -> Array.get(array, i))
                .toArray();
    }

    /** Returns the rows of a metric as the view gives them. */
    List<String> rows(int metric) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(ROWS.formatted(metric))) {
            List<String> rows = new ArrayList<>();
            while (result.next()) {
                rows.add(result.getString(1));
            }
            return rows;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns the rows that must come back. */
    static List<String> rows(long[] micros, double... values) {
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < values.length; i++) {
            rows.add(micros[i] + " " + String.format(Locale.ROOT, "%016x", Double.doubleToRawLongBits(values[i])));
        }
        return rows;
    }

    /** Returns times in a regular cadence. */
    static long[] every(long start, long step, int count) {
        long[] micros = new long[count];
        Arrays.setAll(micros, i -> start + i * step);
        return micros;
    }
}
