package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.Health.Concern;
import io.gpufleet.telemetry.Health.Trouble;
import io.gpufleet.telemetry.PartitionLag;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryEvent;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The alarm about partitions that stand still although records wait in their logs: the others may move, and hide them
 * in the consumer's totals. Time is passed in. Belongs to one thread.
 */
final class StandstillAlarm {
    private record Standing(PartitionLag lag, long sinceNanos) {
        Standing now(PartitionLag measured, long nowNanos) {
            boolean still = measured.messages() > 0 && measured.durableOffset() == lag.durableOffset();
            return new Standing(measured, still ? sinceNanos : nowNanos);
        }

        Duration duration(long nowNanos) {
            return Duration.ofNanos(nowNanos - sinceNanos);
        }
    }

    private final Duration limit;
    private Map<SourcePartition, Standing> standing = Map.of();

    /**
     * Creates the alarm without partitions.
     *
     * @param limit the longest time for which a partition may stand still
     */
    StandstillAlarm(Duration limit) {
        this.limit = limit;
    }

    /** Evaluates a measurement, and returns the troubles of the partitions that stand still, in their order. */
    List<Trouble> measured(long nowNanos, TelemetryEvent.LagMeasured measurement) {
        Map<SourcePartition, Standing> now = new HashMap<>();
        measurement.partitions().forEach((partition, lag) -> {
            Standing before = standing.getOrDefault(partition, new Standing(lag, nowNanos));
            now.put(partition, before.now(lag, nowNanos));
        });
        standing = now;
        return now.entrySet().stream()
                .filter(entry -> entry.getValue().duration(nowNanos).compareTo(limit) > 0)
                .sorted(Map.Entry.comparingByKey())
                .map(entry -> trouble(entry.getKey(), entry.getValue(), nowNanos))
                .toList();
    }

    private static Trouble trouble(SourcePartition partition, Standing standing, long nowNanos) {
        String reason = "standstill: " + partition + " has been at offset "
                + standing.lag().durableOffset() + " for "
                + standing.duration(nowNanos).toSeconds() + " s, and is "
                + standing.lag().messages() + " messages behind";
        return new Trouble(Concern.PARTITION, partition.toString(), reason);
    }
}
