package io.gpufleet.telemetry.jdbc.gpu;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gpufleet.telemetry.jdbc.gpu.FlatTable.Field;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows of an old table as JSON of {@code SampleJsonDecoder}: numbers as texts, nothing of what is null. Made here
 * and not in the database, which takes three times as long. Belongs to one thread.
 */
final class RowJson {
    private static final int NO_TIME = 3;
    /** Behind the id and the time. */
    private static final int FIRST = 4;

    private final List<Field> fields;
    private final StringBuilder json = new StringBuilder(512);
    private long micros = Long.MIN_VALUE;
    private String time = "";

    RowJson(List<Field> fields) {
        this.fields = fields;
    }

    /** Returns the current row. */
    byte[] of(ResultSet row) throws SQLException {
        json.setLength(0);
        json.append('{');
        LabelJson.member(json, FlatColumns.TIME, time(row));
        for (int i = 0; i < fields.size(); i++) {
            add(fields.get(i), row.getString(FIRST + i));
        }
        return json.append('}').toString().getBytes(UTF_8);
    }

    /** Returns the time as text; that of the row before is often the same. */
    private String time(ResultSet row) throws SQLException {
        long next = row.getLong(2);
        if (row.wasNull()) {
            return String.valueOf(row.getString(NO_TIME));
        }
        if (next != micros) {
            micros = next;
            time = Instant.EPOCH.plus(next, ChronoUnit.MICROS).toString();
        }
        return time;
    }

    private void add(Field field, @Nullable String value) {
        if (value == null && !field.isNeeded()) {
            return;
        }
        String there = value == null ? "" : value;
        json.append(',');
        if (field.isText()) {
            LabelJson.member(json, field.name(), there);
        } else {
            LabelJson.text(json, field.name());
            json.append(':').append(there);
        }
    }
}
