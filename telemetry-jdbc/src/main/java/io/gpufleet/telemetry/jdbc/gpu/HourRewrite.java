package io.gpufleet.telemetry.jdbc.gpu;

import java.sql.Connection;
import java.sql.SQLException;

/** The rewrite of the rows of one GPU and hour of a table as pieces. Thread-safe. */
interface HourRewrite {
    /**
     * Rewrites the rows of a GPU in an hour, and deletes those that the pieces give back.
     *
     * @param connection a connection in a transaction, which holds the lock of the hour
     * @param gpu the GPU's number
     * @param from the beginning of the hour in microseconds since 1970
     * @return the number of rows that became parts of pieces
     * @throws io.gpufleet.telemetry.TelemetryException if a row does not come back as it was; the transaction must be
     *     rolled back then
     */
    long rewrite(Connection connection, int gpu, long from) throws SQLException;
}
