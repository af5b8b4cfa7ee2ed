package io.gpufleet.telemetry.jdbc.internal;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Collection;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A writer of the array parameters of a statement, one after the other. Not thread-safe. */
public final class ArrayParameters {
    private final Connection connection;
    private final PreparedStatement statement;
    private int index;

    /**
     * Starts at a parameter.
     *
     * @param first the number of the first array, from 1
     */
    public ArrayParameters(Connection connection, PreparedStatement statement, int first) {
        this.connection = connection;
        this.statement = statement;
        this.index = first;
    }

    /**
     * Sets the next parameter to an array of parts of rows.
     *
     * @param type the type of the elements in PostgreSQL
     */
    public <S> void set(String type, Collection<S> rows, Function<? super S, ? extends @Nullable Object> part)
            throws SQLException {
        @Nullable Object[] values = rows.stream().map(part).toArray();
        statement.setArray(index++, connection.createArrayOf(type, values));
    }
}
