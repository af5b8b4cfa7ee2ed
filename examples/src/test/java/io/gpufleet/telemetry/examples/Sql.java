package io.gpufleet.telemetry.examples;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/** SQL for tests. */
public final class Sql {
    private Sql() {}

    /** Runs statements and returns the number of rows that the first one has changed. */
    public static int execute(DataSource database, String sql) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
            return statement.getUpdateCount();
        }
    }
}
