package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryException;
import java.util.Map;

/**
 * The offsets in the logs of partitions, as far as their leaders have answered. Immutable.
 *
 * @param ranges those of which it is known
 * @param failures why it is not known of the others
 */
record Logs(Map<SourcePartition, LogRange> ranges, Map<SourcePartition, String> failures) {

    /**
     * Returns an answer that is of use only if no partition is missing.
     *
     * @throws TelemetryException if one is
     */
    <R> R requireAll(R answer) {
        if (!failures.isEmpty()) {
            throw new TelemetryException(String.join("; ", failures.values())
                    + ". Choose the partitions that can be asked with --partition");
        }
        return answer;
    }
}
