package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryException;
import java.util.Map;

/**
 * The offsets in the logs of partitions whose leaders have answered. Immutable.
 *
 * @param ranges the known offsets
 * @param failures the reasons why the others are unknown
 */
record Logs(Map<SourcePartition, LogRange> ranges, Map<SourcePartition, String> failures) {

    /**
     * Returns a complete answer.
     *
     * @throws TelemetryException if a partition is missing
     */
    <R> R requireAll(R answer) {
        if (!failures.isEmpty()) {
            throw new TelemetryException(
                    String.join("; ", failures.values()) + ". Choose the available partitions with --partition");
        }
        return answer;
    }
}
