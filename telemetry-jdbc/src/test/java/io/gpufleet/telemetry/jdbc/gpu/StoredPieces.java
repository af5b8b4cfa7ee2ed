package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.jdbc.Database;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Pieces of one GPU in a database, written as the encoder says. */
final class StoredPieces {
    /** The times in microseconds since 1970, and the bits of the values, as text. */
    private static final String ROWS = "SELECT (extract(epoch FROM ts) * 1000000)::bigint || ' ' ||"
            + " encode(float8send(metric_value), 'hex') FROM gpu_sample_unpacked WHERE metric_no = %d ORDER BY ts";

    private static final PieceSamples.Attributes ATTRIBUTES = new PieceSamples.Attributes(7, "", (short) 0, (short) 0);

    private final Database database;
    private String zone = "UTC";

    StoredPieces(Database database, LocalDate... days) {
        this.database = database;
        for (LocalDate day : days) {
            for (String table : List.of("gpu_sample", "gpu_sample_hour", "gpu_sample_times", "gpu_sample_piece")) {
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
        PieceSamples samples = new PieceSamples(metric, 0);
        for (int i = 0; i < micros.length; i++) {
            samples.add(micros[i], values[i], ATTRIBUTES);
        }
        try (Connection connection = connect()) {
            PieceRows rows = new PieceRows(
                    connection, Optional.empty(), 1, samples.times().hour());
            rows.add(samples);
            rows.write();
        } catch (SQLException e) {
            throw new IllegalStateException(samples.values().toString(), e);
        }
        return samples.values();
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
