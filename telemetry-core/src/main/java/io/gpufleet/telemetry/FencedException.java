package io.gpufleet.telemetry;

import java.util.Set;
import java.util.stream.Collectors;

/**
 * The exception of a {@link TransactionalSink} that wrote nothing of a batch because the stored position of some
 * partitions is not where the batch begins: another consumer owns or owned them, or an operator moved them.
 *
 * <p>The consumer drops these partitions from the batch, writes the rest, and reads their positions again. Immutable.
 */
public final class FencedException extends TelemetryException {
    private static final long serialVersionUID = 1L;

    private final transient Set<SourcePartition> partitions;

    /**
     * Creates an exception.
     *
     * @param partitions the partitions whose position did not match, at least one
     */
    public FencedException(Set<SourcePartition> partitions) {
        super("Stored position is not where the batch begins: "
                + partitions.stream().sorted().map(SourcePartition::toString).collect(Collectors.joining(", ")));
        if (partitions.isEmpty()) {
            throw new IllegalArgumentException("partitions: none given; at least one is needed");
        }
        this.partitions = Set.copyOf(partitions);
    }

    /**
     * Returns the partitions whose position did not match.
     *
     * @return at least one partition
     */
    public Set<SourcePartition> partitions() {
        return partitions;
    }
}
