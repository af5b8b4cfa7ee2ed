package io.gpufleet.telemetry.benchmarks.pipeline;

import io.gpufleet.telemetry.benchmarks.report.Table;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** PostgreSQL's time by statement, as counted by its extension {@code pg_stat_statements}. */
final class StatementCosts {
    /** The library that the server must preload. It costs every statement a little. */
    static final String LIBRARY = "pg_stat_statements";

    private static final int TEXT = 100;

    private static final String QUERY = """
            SELECT regexp_replace(query, '\\s+', ' ', 'g'), calls, total_plan_time + total_exec_time, rows,
                   shared_blks_dirtied, wal_bytes / 1048576
            FROM pg_stat_statements WHERE query NOT LIKE '%pg_stat_statements%'
            ORDER BY total_plan_time + total_exec_time DESC LIMIT 12""";

    private final Servers servers;

    /** Begins counting. */
    StatementCosts(Servers servers) throws SQLException {
        this.servers = servers;
        servers.execute("CREATE EXTENSION " + LIBRARY);
    }

    /** Returns a table of the counts since the last call. */
    Table next() throws SQLException {
        Table table = new Table("statement", "calls", "ms", "rows", "pages dirtied", "WAL MiB");
        try (Connection connection = servers.postgres().dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(QUERY)) {
            while (row.next()) {
                String text = row.getString(1);
                table.add(
                        text.substring(0, Math.min(TEXT, text.length())),
                        Table.number(row.getDouble(2), 0),
                        Table.number(row.getDouble(3), 0),
                        Table.number(row.getDouble(4), 0),
                        Table.number(row.getDouble(5), 0),
                        Table.number(row.getDouble(6), 1));
            }
        }
        servers.execute("SELECT pg_stat_statements_reset()");
        return table;
    }
}
