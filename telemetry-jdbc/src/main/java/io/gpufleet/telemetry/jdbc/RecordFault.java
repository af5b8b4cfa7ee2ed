package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.internal.HostFault;
import java.util.function.Supplier;

/** The rule for extractors of rows of single records: what they throw is a record's own fault. */
final class RecordFault {
    private RecordFault() {}

    /**
     * Takes rows out of deliveries.
     *
     * @param name what they are for
     * @param extraction calls the host's extractors
     * @throws SinkException of the kind DATA, as of a value that the table refuses
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
