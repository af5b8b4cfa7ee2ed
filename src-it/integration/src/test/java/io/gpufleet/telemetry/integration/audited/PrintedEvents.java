package io.gpufleet.telemetry.integration.audited;

import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.TelemetryListener;
import java.util.concurrent.atomic.AtomicInteger;

/** Prints a line with its time for each event that a test waits for or counts. Thread-safe. */
final class PrintedEvents implements TelemetryListener {
    private final AtomicInteger batches = new AtomicInteger();
    private final Holds holds;

    PrintedEvents(Holds holds) {
        this.holds = holds;
    }

    @Override
    public void on(TelemetryEvent event) {
        if (event instanceof TelemetryEvent.PartitionsAssigned assignment) {
            print("assigned");
            if (!assignment.partitions().isEmpty()) {
                print(AuditedConsumer.GIVEN);
            }
        } else if (event instanceof TelemetryEvent.BatchWritten) {
            print("batch " + batches.incrementAndGet());
        } else if (event instanceof TelemetryEvent.PartitionsFenced) {
            print("fenced");
        } else if (event instanceof TelemetryEvent.WriteRetried) {
            print("retried");
        } else if (event instanceof TelemetryEvent.RecordsPolled) {
            holds.pass(Holds.POLL);
        }
    }

    private static void print(String what) {
        System.out.println(what + " at " + System.currentTimeMillis());
    }
}
