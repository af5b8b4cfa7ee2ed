package io.gpufleet.telemetry.jdbc;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A writer of a statement's parameters, one after the other. Not thread-safe. */
final class Parameters {
    private final PreparedStatement statement;
    private int last;

    Parameters(PreparedStatement statement) {
        this.statement = statement;
    }

    void array(WireColumn<?> column) throws SQLException {
        statement.setArray(++last, column.all(statement.getConnection()));
    }

    void text(String value) throws SQLException {
        statement.setString(++last, value);
    }

    void uuid(UUID value) throws SQLException {
        statement.setObject(++last, value);
    }

    void integer(int value) throws SQLException {
        statement.setInt(++last, value);
    }

    void bigint(@Nullable Long value) throws SQLException {
        statement.setObject(++last, value, Types.BIGINT);
    }

    void bytes(byte @Nullable [] value) throws SQLException {
        statement.setBytes(++last, value);
    }
}
