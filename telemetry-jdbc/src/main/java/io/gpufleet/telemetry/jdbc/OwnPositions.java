package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.TelemetryEvent.DuplicatesDropped;
import java.sql.SQLException;

/**
 * The positions of a source that is no topic, in rows of the host's own. Thread-safe.
 *
 * @param position moves the position of a batch, before its rows are written
 * @param outcome is told what became of them
 */
record OwnPositions<T>(HookStep<T> position, OutcomeHook outcome) {

    void move(WriteContext<T> write) throws SQLException {
        position.run(write);
    }

    void tell(WriteContext<T> written) throws SQLException {
        DuplicatesDropped dropped = new DuplicatesDropped(written.duplicates(), written.conflicts());
        new HookStep<T>((connection, batch) -> outcome.run(connection, dropped)).run(written);
    }
}
