package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryException;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.OffsetSpec;
import picocli.CommandLine.Option;

/** Where positions are to be set: one of four options. Not thread-safe. */
final class ResetTarget {
    @Option(names = "--to-earliest", required = true, description = "To the log's beginning.")
    private boolean earliest;

    @Option(names = "--to-latest", required = true, description = "To the log's end.")
    private boolean latest;

    @Option(
            names = "--to-time",
            paramLabel = "<instant>",
            required = true,
            description = "To the first record of this time or later, as 2026-01-31T12:00:00Z; else to the end.")
    private Optional<Instant> time = Optional.empty();

    @Option(
            names = "--to-offset",
            paramLabel = "<n>",
            required = true,
            description = "To this offset, which the log must hold.")
    private Optional<Long> offset = Optional.empty();

    /**
     * Looks the target up in the logs as they are now.
     *
     * @throws TelemetryException if a log does not hold it
     */
    Map<SourcePartition, Position> in(Topic topic, Collection<SourcePartition> partitions, Cluster cluster) {
        Logs asked = cluster.logs(partitions);
        Map<SourcePartition, LogRange> logs = asked.requireAll(asked.ranges());
        Map<SourcePartition, Long> atTime = time.map(
                        instant -> cluster.offsets(partitions, OffsetSpec.forTimestamp(instant.toEpochMilli())))
                .orElse(Map.of());
        Map<SourcePartition, Position> targets = new TreeMap<>();
        logs.forEach((partition, log) -> targets.put(
                partition, new Position(topic.log(), in(partition, log, atTime.getOrDefault(partition, -1L)), -1)));
        return targets;
    }

    private long in(SourcePartition partition, LogRange log, long atTime) {
        if (earliest || latest) {
            return earliest ? log.beginning() : log.end();
        }
        long wanted = offset.orElse(atTime < 0 ? log.end() : atTime);
        if (!log.holds(wanted)) {
            throw new TelemetryException(
                    "Offset " + wanted + " is not in the log of " + partition + ", which holds " + log);
        }
        return wanted;
    }
}
