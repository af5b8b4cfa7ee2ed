package io.gpufleet.telemetry.benchmarks.pipeline;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The recorder of every statement that a sink executes, which puts its rows into staging tables of another database.
 * Belongs to one thread, which sets the session and batch of the sink.
 */
final class StagingTape {
    private final Connection staging;
    private final Map<String, StagedStatement> statements = new LinkedHashMap<>();
    private int session;
    private int batch;

    StagingTape(Connection staging) {
        this.staging = staging;
    }

    void at(int thatSession, int thatBatch) {
        this.session = thatSession;
        this.batch = thatBatch;
    }

    /** Returns a prepared statement that is noted when it is executed. */
    PreparedStatement prepare(Connection connection, String sql) throws SQLException {
        PreparedStatement real = connection.prepareStatement(sql);
        List<Array> arrays = new ArrayList<>();
        return PreparedBy.proxy(PreparedStatement.class, (self, method, arguments) -> {
            Object result = PreparedBy.call(real, method, arguments);
            note(method.getName(), arguments, arrays, sql);
            return result;
        });
    }

    private void note(String method, Object @Nullable [] arguments, List<Array> arrays, String sql)
            throws SQLException {
        if (arguments != null && arguments[arguments.length - 1] instanceof Array array) {
            arrays.add(array);
        } else if (method.startsWith("execute") && batch > 0) {
            stage(statement(sql), arrays);
        }
    }

    private StagedStatement statement(String sql) throws SQLException {
        StagedStatement known = statements.get(sql);
        if (known == null) {
            known = StagedStatement.of(statements.size(), sql);
            statements.put(sql, known);
            execute(known.createTable());
        }
        return known;
    }

    private void stage(StagedStatement statement, List<Array> arrays) throws SQLException {
        try (PreparedStatement insert = staging.prepareStatement(statement.stage())) {
            insert.setInt(1, session);
            insert.setInt(2, batch);
            for (int column = 0; column < statement.columns(); column++) {
                insert.setArray(column + 3, arrays.get(column));
            }
            insert.executeUpdate();
        }
    }

    /**
     * Creates the procedure that writes all batches of a session, a transaction each, as the sink did for the group.
     */
    void finish(String group) throws SQLException {
        String replays = statements.values().stream()
                .map(statement -> statement.replay(group))
                .collect(Collectors.joining("\n"));
        execute("""
                CREATE PROCEDURE run_session(this_session integer, batches integer) LANGUAGE plpgsql AS $$
                DECLARE ignored_row record;
                BEGIN
                    FOR this_batch IN 1..batches LOOP
                %s
                        COMMIT;
                    END LOOP;
                END $$""".formatted(replays.indent(8)));
        for (StagedStatement statement : statements.values()) {
            execute("ANALYZE " + statement.table());
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = staging.createStatement()) {
            statement.execute(sql);
        }
    }
}
