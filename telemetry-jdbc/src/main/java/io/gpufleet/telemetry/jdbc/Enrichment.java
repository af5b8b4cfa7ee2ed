package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.Enricher;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.internal.HostFault;
import io.gpufleet.telemetry.internal.OwnThread;

/**
 * The host's enricher, with the rule for its exceptions. Thread-safe.
 *
 * @param <T> the type of the values
 */
final class Enrichment<T> {
    private final Enricher<T> enricher;

    Enrichment(Enricher<T> enricher) {
        this.enricher = enricher;
    }

    /** Completes the values of a batch. */
    Batch<T> of(Batch<T> batch) {
        boolean interrupted = Thread.currentThread().isInterrupted();
        try {
            return batch.enrich(enricher);
        } catch (TelemetryException e) {
            throw e;
        } catch (Throwable e) {
            throw new SinkException(SinkException.Kind.FATAL_PERHAPS_DATA, "the enricher: " + HostFault.describe(e), e);
        } finally {
            OwnThread.forgetInterrupt(interrupted);
        }
    }
}
