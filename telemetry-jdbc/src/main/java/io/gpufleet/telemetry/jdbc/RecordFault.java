package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.internal.HostFault;
import java.util.function.Supplier;

/** The rule for the host's extractors of rows: their exceptions are the fault of the record. */
final class RecordFault {
    private RecordFault() {}

    /**
     * Runs an extraction of rows from deliveries.
     *
     * @param name the subject of the rows, for errors
     * @param extraction calls the host's extractors
     * @throws SinkException of the kind DATA, as for a value that the table refuses
     */
    static <V> V blame(String name, Supplier<V> extraction) {
        try {
            return extraction.get();
        } catch (SinkException e) {
            throw new SinkException(SinkException.Kind.DATA, name + ": " + e.getMessage(), e);
        } catch (Throwable e) {
            throw new SinkException(SinkException.Kind.DATA, name + ": " + HostFault.describe(e), e);
        }
    }
}
