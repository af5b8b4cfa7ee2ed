package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.kafka.internal.TopicAdmin.ClusterException;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * The known offsets at which partitions continue. Immutable.
 *
 * @param positions the known positions
 * @param reasons the reasons why others are unknown, in the cluster's words; none if topics or positions are changing
 */
record Resolution(Map<SourcePartition, Position> positions, List<String> reasons) {
    Resolution {
        positions = Map.copyOf(positions);
        reasons = List.copyOf(reasons);
    }

    static Resolution of(Map<SourcePartition, Position> positions, Collection<ClusterException> failures) {
        return new Resolution(
                positions,
                failures.stream()
                        .map(ClusterException::getMessage)
                        .distinct()
                        .sorted()
                        .toList());
    }
}
