package io.gpufleet.telemetry.examples.operator;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Moves the positions of a group in a topic from another cluster to the given one. Not thread-safe. */
@Command(
        name = "move-cluster",
        description = {
            "Shows where a group would continue in the Kafka cluster at --bootstrap-server, after a failover to a mirror,"
                    + " and moves it there with --execute.",
            "Each partition continues at its first record that is not older than the newest consumed one, less the margin."
                    + " Heartbeats that are already stored do not count again."
        })
final class MoveCluster implements Callable<Integer> {
    @Option(
            names = "--from",
            paramLabel = "<cluster id>",
            required = true,
            description = "The id of the cluster that the group leaves.")
    private @Nullable String from;

    @Option(
            names = "--margin",
            paramLabel = "<duration>",
            defaultValue = "PT1H",
            converter = Span.class,
            description = "The margin by which the next record may be older (default: ${DEFAULT-VALUE}).")
    private Duration margin = Duration.ofHours(1);

    @Mixin
    private final MoveOptions options = new MoveOptions();

    @Override
    public Integer call() {
        String left = requireNonNull(from, "from");
        try (Cluster cluster = options.connect()) {
            Topic topic = cluster.requireTopic(options.topic());
            MirroredStart start = new MirroredStart(options.tables(), options.group(), topic, margin);
            return options.run(
                    "Move of group " + options.group() + " in topic " + topic.name() + " from cluster " + left,
                    new PositionReset(options.stored(), wanted -> start.in(cluster, left)),
                    topic.partitions());
        }
    }
}
