package io.gpufleet.telemetry.examples.quickstart;

import io.gpufleet.telemetry.examples.terminal.Column;
import io.gpufleet.telemetry.examples.terminal.Table;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A question to the tables, and how its answer is printed. Immutable.
 *
 * @param title what the answer is about
 * @param sql the question
 * @param columns one for each column of the answer
 */
record Report(String title, String sql, List<Column> columns) {

    /** Asks the database. */
    Table answer(DataSource database) throws SQLException {
        Table table = new Table(title, columns);
        for (List<@Nullable Object> row : Query.rows(database, sql)) {
            table.add(row);
        }
        return table;
    }
}
