package io.gpufleet.telemetry.examples.operator;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.TransactionalSink;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Sets the positions of a group in a topic. Not thread-safe. */
@Command(
        name = "reset",
        description = {
            "Shows where the stored positions of a group would be set, and sets them with --execute, even while its"
                    + " consumers run: they notice and continue from there.",
            "Records skipped by a move forward are recorded as a gap. After a move back, stored records do not"
                    + " count again."
        })
final class ResetOffsets implements Callable<Integer> {
    @ArgGroup(exclusive = true, multiplicity = "1")
    private @Nullable ResetTarget target;

    @Option(
            names = "--partition",
            paramLabel = "<n>",
            description = "Only this partition. Repeatable (default: all partitions).")
    private List<Integer> numbers = new ArrayList<>();

    @Mixin
    private final MoveOptions options = new MoveOptions();

    @Override
    public Integer call() {
        ResetTarget chosenTarget = requireNonNull(target, "target");
        try (Cluster cluster = options.connect()) {
            Topic topic = cluster.requireTopic(options.topic());
            Collection<SourcePartition> partitions = chosen(topic);
            TransactionalSink<?> stored = options.stored();
            PositionReset reset = new PositionReset(
                    stored, wanted -> chosenTarget.in(topic, wanted, stored.positions(wanted), cluster));
            reset.plan(partitions).forEach(ResetOffsets::requireSameCluster);
            return options.run("Reset of group " + options.group() + " in topic " + topic.name(), reset, partitions);
        }
    }

    /**
     * Throws if a position belongs to another cluster, whose offsets mean nothing here: the group must first be moved,
     * by time.
     */
    private static void requireSameCluster(PositionMove move) {
        if (move.leavesTheCluster()) {
            String other = move.from().log().clusterId();
            throw new TelemetryException("Stored position of " + move.partition() + " belongs to cluster " + other
                    + ", but the brokers are those of cluster "
                    + move.to().log().clusterId()
                    + ": connect to that cluster, or move the group with offsets move-cluster --from " + other);
        }
    }

    private Collection<SourcePartition> chosen(Topic topic) {
        if (numbers.isEmpty()) {
            return topic.partitions();
        }
        Collection<SourcePartition> chosen = new TreeSet<>();
        for (int number : numbers) {
            if (number < 0 || number >= topic.count()) {
                throw new TelemetryException("--partition " + number + ": topic " + topic.name()
                        + " has the partitions 0 to " + (topic.count() - 1));
            }
            chosen.add(new SourcePartition(topic.name(), number));
        }
        return chosen;
    }
}
