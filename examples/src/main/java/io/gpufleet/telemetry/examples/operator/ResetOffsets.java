package io.gpufleet.telemetry.examples.operator;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.TransactionalSink;
import io.gpufleet.telemetry.examples.operator.PositionReset.Outcome;
import io.gpufleet.telemetry.examples.options.DatabaseOptions;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.examples.options.GroupName;
import io.gpufleet.telemetry.examples.options.KafkaOptions;
import io.gpufleet.telemetry.examples.options.TopicName;
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
            "Shows where the stored positions of a group would be set, and sets them with --execute, also while its"
                    + " consumers run: they notice and go on from there.",
            "What a move forward passes over is recorded as a gap. After a move back, what is stored already does not"
                    + " count again."
        })
final class ResetOffsets implements Callable<Integer> {
    @ArgGroup(exclusive = true, multiplicity = "1")
    private @Nullable ResetTarget target;

    @Option(
            names = "--group",
            paramLabel = "<group>",
            converter = GroupName.class,
            required = true,
            description = "The consumer group.")
    private @Nullable String group;

    @Option(
            names = "--topic",
            paramLabel = "<topic>",
            converter = TopicName.class,
            required = true,
            description = "The topic.")
    private @Nullable String topic;

    @Option(
            names = "--partition",
            paramLabel = "<n>",
            description = "Only this partition. Repeatable; all, if none is named.")
    private List<Integer> numbers = new ArrayList<>();

    @ArgGroup(exclusive = true)
    private @Nullable Doing doing;

    /** Whether it is to be done. Not thread-safe. */
    static final class Doing {
        @Option(names = "--execute", required = true, description = "Do it.")
        private boolean execute;

        @Option(names = "--dry-run", required = true, description = "Only print what would be done, as without it.")
        private boolean dryRun;

        boolean isWanted() {
            return execute && !dryRun;
        }
    }

    @Mixin
    private final DatabaseOptions database = new DatabaseOptions();

    @Mixin
    private final KafkaOptions kafka = new KafkaOptions();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() {
        String name = requireNonNull(topic, "topic");
        ResetTarget chosenTarget = requireNonNull(target, "target");
        try (Cluster cluster = Cluster.connect(kafka)) {
            Topic found = cluster.requireTopic(name);
            Collection<SourcePartition> partitions = chosen(found);
            TransactionalSink<?> stored = new Tables(database).positionsOf(requireNonNull(group, "group"));
            PositionReset reset = new PositionReset(
                    stored, wanted -> chosenTarget.in(found, wanted, stored.positions(wanted), cluster));
            List<PositionMove> plan = reset.plan(partitions);
            plan.forEach(ResetOffsets::requireSameCluster);
            return doing != null && doing.isWanted() ? report(reset.run(partitions)) : announce(plan);
        }
    }

    /** Offsets of another cluster mean nothing here: the group has to be moved first, by time. */
    private static void requireSameCluster(PositionMove move) {
        if (move.leavesTheCluster()) {
            String other = move.from().log().clusterId();
            throw new TelemetryException("The stored position of " + move.partition() + " belongs to cluster " + other
                    + ", and the brokers are cluster " + move.to().log().clusterId()
                    + ": ask that cluster, or move the group with offsets move-cluster --from " + other);
        }
    }

    private Collection<SourcePartition> chosen(Topic found) {
        if (numbers.isEmpty()) {
            return found.partitions();
        }
        Collection<SourcePartition> chosen = new TreeSet<>();
        for (int number : numbers) {
            if (number < 0 || number >= found.count()) {
                throw new TelemetryException("--partition " + number + ": topic " + found.name()
                        + " has the partitions 0 to " + (found.count() - 1));
            }
            chosen.add(new SourcePartition(found.name(), number));
        }
        return chosen;
    }

    private int announce(List<PositionMove> moves) {
        ResetTable table =
                new ResetTable("Reset of group " + group + " in topic " + topic + ", not done; --execute does it");
        moves.forEach(table::addPlanned);
        output.print(table.table());
        return ExitCodes.OK;
    }

    private int report(List<Outcome> outcomes) {
        ResetTable table = new ResetTable("Reset of group " + group + " in topic " + topic);
        outcomes.forEach(table::addOutcome);
        output.print(table.table());
        PositionReset.requireDone(outcomes);
        return ExitCodes.OK;
    }
}
