package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TransactionalSink;
import io.gpufleet.telemetry.examples.operator.PositionReset.Outcome;
import io.gpufleet.telemetry.examples.options.DatabaseOptions;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.examples.options.KafkaOptions;
import io.gpufleet.telemetry.examples.options.TopicName;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The options of a command that moves the positions of a group in a topic: it prints the plan, and moves them only with
 * {@code --execute}. A mixin. Not thread-safe.
 */
final class MoveOptions {
    @Mixin
    private final GroupOption group = new GroupOption();

    @Option(
            names = "--topic",
            paramLabel = "<topic>",
            converter = TopicName.class,
            required = true,
            description = "The topic.")
    private String topic = "";

    @ArgGroup(exclusive = true)
    private @Nullable Doing doing;

    @Mixin
    private final DatabaseOptions database = new DatabaseOptions();

    @Mixin
    private final KafkaOptions kafka = new KafkaOptions();

    @Mixin
    private final Output output = new Output();

    /** The choice between execution and dry run. Not thread-safe. */
    static final class Doing {
        @Option(names = "--execute", required = true, description = "Make the change.")
        private boolean execute;

        @Option(names = "--dry-run", required = true, description = "Only print the plan, as without --execute.")
        private boolean dryRun;

        boolean isWanted() {
            return execute && !dryRun;
        }
    }

    String group() {
        return group.name();
    }

    String topic() {
        return topic;
    }

    Tables tables() {
        return new Tables(database);
    }

    Cluster connect() {
        return Cluster.connect(kafka);
    }

    /** Returns the sink of the group's stored positions. */
    TransactionalSink<?> stored() {
        return tables().positionsOf(group());
    }

    /** Prints the plan, or makes the change and prints its outcome. Returns the exit code. */
    int run(String title, PositionReset reset, Collection<SourcePartition> partitions) {
        return doing != null && doing.isWanted()
                ? report(title, reset.run(partitions))
                : announce(title, reset.plan(partitions));
    }

    private int announce(String title, List<PositionMove> plan) {
        ResetTable table = new ResetTable(title + ", not done; --execute does it");
        plan.forEach(table::addPlanned);
        output.print(table.table());
        return ExitCodes.OK;
    }

    private int report(String title, List<Outcome> outcomes) {
        ResetTable table = new ResetTable(title);
        outcomes.forEach(table::addOutcome);
        output.print(table.table());
        PositionReset.requireDone(outcomes);
        return ExitCodes.OK;
    }
}
