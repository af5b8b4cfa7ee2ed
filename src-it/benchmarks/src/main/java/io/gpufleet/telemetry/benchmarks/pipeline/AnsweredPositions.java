package io.gpufleet.telemetry.benchmarks.pipeline;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * The substitute for the two statements by which a sink locks and moves its positions: it answers as if every position
 * had moved, without the server. Belongs to one thread.
 */
final class AnsweredPositions {
    private final Connection connection;
    private String[] topics = {};
    private Integer[] partitions = {};
    private int row = -1;

    private AnsweredPositions(Connection connection) {
        this.connection = connection;
    }

    /** Prepares a statement, or a substitute for one of the two. */
    static PreparedStatement prepare(Connection connection, String sql) throws SQLException {
        boolean locks = sql.contains("consumer_offsets") && sql.endsWith("FOR UPDATE OF o");
        boolean moves = sql.startsWith("UPDATE consumer_offsets") && sql.contains(" RETURNING ");
        return locks || moves ? new AnsweredPositions(connection).statement() : connection.prepareStatement(sql);
    }

    private PreparedStatement statement() {
        return PreparedBy.proxy(
                PreparedStatement.class, (self, method, arguments) -> answer(method.getName(), arguments));
    }

    private @Nullable Object answer(String method, Object[] arguments) throws SQLException {
        return switch (method) {
            case "getConnection" -> connection;
            case "setArray" -> take((Integer) arguments[0], (Array) arguments[1]);
            case "setString", "close" -> null;
            case "execute" -> true;
            case "executeQuery" -> PreparedBy.proxy(ResultSet.class, (self, of, of2) -> column(of.getName()));
            default -> throw new UnsupportedOperationException(method);
        };
    }

    private @Nullable Object take(int index, Array array) throws SQLException {
        if (index == 1) {
            topics = (String[]) array.getArray();
        } else if (index == 2) {
            partitions = (Integer[]) array.getArray();
        }
        return null;
    }

    private @Nullable Object column(String method) {
        return switch (method) {
            case "next" -> ++row < topics.length;
            case "getString" -> topics[row];
            case "getInt" -> partitions[row];
            case "close" -> null;
            default -> throw new UnsupportedOperationException(method);
        };
    }
}
