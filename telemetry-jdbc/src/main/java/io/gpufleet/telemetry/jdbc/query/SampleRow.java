package io.gpufleet.telemetry.jdbc.query;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;

/**
 * A sample by numbers, as it is stored. Immutable.
 *
 * @param gpu the GPU's number
 * @param position its place in the order of the GPU's samples
 * @param value its value
 * @param labels the number of its labels
 * @param instance the part of the GPU
 * @param scope the number of its scope
 * @param quality the sum of its doubts
 */
record SampleRow(int gpu, SamplePosition position, double value, long labels, String instance, int scope, int quality) {
    /** The columns of a table or view named s. */
    static final String COLUMNS =
            "s.ts, s.series_key, s.metric_value, s.labels_id, s.gpu_no, s.metric_no, s.instance, s.scope, s.quality";

    static SampleRow of(ResultSet row) throws SQLException {
        return new SampleRow(
                row.getInt("gpu_no"),
                new SamplePosition(
                        row.getObject("ts", OffsetDateTime.class).toInstant(),
                        row.getInt("metric_no"),
                        row.getLong("series_key")),
                row.getDouble("metric_value"),
                row.getLong("labels_id"),
                row.getString("instance"),
                row.getInt("scope"),
                row.getInt("quality"));
    }
}
