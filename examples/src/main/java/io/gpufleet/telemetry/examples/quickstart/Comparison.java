package io.gpufleet.telemetry.examples.quickstart;

import io.gpufleet.telemetry.examples.terminal.Column;
import io.gpufleet.telemetry.examples.terminal.Table;
import java.io.PrintStream;
import java.sql.SQLException;
import java.util.List;
import javax.sql.DataSource;

/** A table of what was sent and what is stored. Not thread-safe. */
final class Comparison {
    private final DataSource database;
    private final Table table;
    private boolean holds = true;

    Comparison(DataSource database, String title) {
        this.database = database;
        this.table = new Table(
                title, List.of(Column.text(""), Column.count("sent"), Column.count("stored"), Column.text("")));
    }

    /** Adds a line, with the number of a query. */
    void add(String what, long sent, String sql) throws SQLException {
        add(what, sent, Query.number(database, sql));
    }

    void add(String what, long sent, long stored) {
        holds &= sent == stored;
        table.add(List.of(what, sent, stored, sent == stored ? "ok" : "DIFFERS"));
    }

    void print(PrintStream out) {
        table.print(out);
    }

    boolean holds() {
        return holds;
    }
}
