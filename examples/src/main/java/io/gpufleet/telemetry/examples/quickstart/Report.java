package io.gpufleet.telemetry.examples.quickstart;

import io.gpufleet.telemetry.examples.terminal.Column;
import io.gpufleet.telemetry.examples.terminal.Table;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A query for the tables, with the form of its answer. Immutable.
 *
 * @param title the title of the answer
 * @param sql the query
 * @param columns the columns of the answer
 */
record Report(String title, String sql, List<Column> columns) {

    /** Runs the query. */
    Table answer(DataSource database) throws SQLException {
        Table table = new Table(title, columns);
        for (List<@Nullable Object> row : Query.rows(database, sql)) {
            table.add(row);
        }
        return table;
    }
}
