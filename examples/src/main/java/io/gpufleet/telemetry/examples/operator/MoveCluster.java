package io.gpufleet.telemetry.examples.operator;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.examples.options.DatabaseOptions;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.examples.options.GroupName;
import io.gpufleet.telemetry.examples.options.KafkaOptions;
import io.gpufleet.telemetry.examples.options.TopicName;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Moves the positions of a group in a topic from another cluster to the one that is asked. Not thread-safe. */
@Command(
        name = "move-cluster",
        description = {
            "Moves a group from another Kafka cluster to the one at --bootstrap-server, after a failover to a mirror.",
            "Each partition goes on at its first record that is not older than the newest consumed one, less the margin."
                    + " Heartbeats that are stored already do not count again."
        })
final class MoveCluster implements Callable<Integer> {
    @Option(
            names = "--from",
            paramLabel = "<cluster id>",
            required = true,
            description = "The id of the cluster that the group leaves.")
    private @Nullable String from;

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
            names = "--margin",
            paramLabel = "<duration>",
            defaultValue = "PT1H",
            converter = Span.class,
            description = "How much older a record may be that is consumed next (default: ${DEFAULT-VALUE}).")
    private Duration margin = Duration.ofHours(1);

    @Option(names = "--dry-run", description = "Only print what would be done.")
    private boolean dryRun;

    @Mixin
    private final DatabaseOptions database = new DatabaseOptions();

    @Mixin
    private final KafkaOptions kafka = new KafkaOptions();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() {
        String title = "Move of group " + group + " in topic " + topic + " from cluster " + from;
        try (Cluster cluster = Cluster.connect(kafka)) {
            Topic found = cluster.requireTopic(requireNonNull(topic, "topic"));
            MirroredStart start =
                    new MirroredStart(new Tables(database), requireNonNull(group, "group"), found, margin);
            PositionReset reset = new PositionReset(
                    new Tables(database).positionsOf(requireNonNull(group, "group")),
                    wanted -> start.in(cluster, requireNonNull(from, "from")));
            ResetTable table = new ResetTable(dryRun ? title + ", not done (dry run)" : title);
            List<PositionReset.Outcome> outcomes = List.of();
            if (dryRun) {
                reset.plan(found.partitions()).forEach(table::addPlanned);
            } else {
                outcomes = reset.run(found.partitions());
                outcomes.forEach(table::addOutcome);
            }
            output.print(table.table());
            PositionReset.requireDone(outcomes);
        }
        return ExitCodes.OK;
    }
}
