package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The target of a reset: one of six options, named as in kafka-consumer-groups.sh. Not thread-safe. */
final class ResetTarget {
    @Option(names = "--to-earliest", required = true, description = "To the log's beginning.")
    private boolean earliest;

    @Option(names = "--to-latest", required = true, description = "To the log's end.")
    private boolean latest;

    @Option(
            names = {"--to-datetime", "--to-time"},
            paramLabel = "<time>",
            required = true,
            converter = PastTime.class,
            description = {
                "To the first record of this time or later, else to the end: 2026-01-31T12:00:00Z, 2026-01-31 (in UTC)",
                "or -1h."
            })
    private Optional<Instant> time = Optional.empty();

    @Option(
            names = "--by-duration",
            paramLabel = "<span>",
            required = true,
            converter = Span.class,
            description =
                    "To the first record of this long ago or later, else to the end: 90s, 30m, 1h, 2d or PT1H30M.")
    private Optional<Duration> ago = Optional.empty();

    @Option(
            names = "--to-offset",
            paramLabel = "<n>",
            required = true,
            description = "To this offset, which the log must hold.")
    private Optional<Long> offset = Optional.empty();

    @Option(
            names = "--shift-by",
            paramLabel = "<n>",
            required = true,
            description =
                    "By a number of offsets, negative to move back; not past the beginning or the end of the log.")
    private Optional<Long> shift = Optional.empty();

    /**
     * Returns the target offsets in the current logs.
     *
     * @param topic the topic
     * @param partitions the partitions to reset
     * @param stored the stored positions of the group
     * @param cluster the cluster of the logs
     * @throws TelemetryException if a log does not hold the target
     */
    Map<SourcePartition, Position> in(
            Topic topic,
            Collection<SourcePartition> partitions,
            Map<SourcePartition, Position> stored,
            Cluster cluster) {
        Logs asked = cluster.logs(partitions);
        Map<SourcePartition, LogRange> logs = asked.requireAll(asked.ranges());
        Map<SourcePartition, Long> atTime = time().map(
                        instant -> cluster.offsets(partitions, OffsetSpec.forTimestamp(instant.toEpochMilli())))
                .orElse(Map.of());
        Map<SourcePartition, Position> targets = new TreeMap<>();
        logs.forEach((partition, log) -> {
            long target = shift.isPresent()
                    ? shifted(topic, partition, stored.get(partition), log)
                    : in(partition, log, atTime.getOrDefault(partition, -1L));
            targets.put(partition, new Position(topic.log(), target, -1));
        });
        return targets;
    }

    private Optional<Instant> time() {
        try {
            return time.or(() -> ago.map(span -> Instant.now().minus(span)));
        } catch (DateTimeException | ArithmeticException e) {
            return Optional.of(Instant.EPOCH);
        }
    }

    private long shifted(Topic topic, SourcePartition partition, @Nullable Position stored, LogRange log) {
        if (stored == null) {
            return log.beginning();
        }
        if (!stored.log().equals(topic.log())) {
            throw new TelemetryException("--shift-by: stored position of " + partition
                    + " is in another log than the topic's current one; use another option");
        }
        long shifted = saturatedSum(stored.nextOffset(), shift.orElse(0L));
        return Math.max(log.beginning(), Math.min(log.end(), shifted));
    }

    private static long saturatedSum(long offset, long shift) {
        return shift > Long.MAX_VALUE - offset ? Long.MAX_VALUE : offset + shift;
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
