package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.examples.options.GroupName;
import io.gpufleet.telemetry.examples.options.TopicName;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The group and topic of a command; all groups and topics without them. A mixin. Not thread-safe. */
final class Filter {
    @Option(
            names = "--group",
            paramLabel = "<group>",
            converter = GroupName.class,
            description = "Only of this consumer group.")
    private Optional<String> group = Optional.empty();

    @Option(names = "--topic", paramLabel = "<topic>", converter = TopicName.class, description = "Only of this topic.")
    private Optional<String> topic = Optional.empty();

    Optional<String> group() {
        return group;
    }

    Optional<String> topic() {
        return topic;
    }

    /** Returns the subject of the search, as the end of a sentence. */
    @Override
    public String toString() {
        return group.map(name -> " of group " + name).orElse("")
                + topic.map(name -> " of topic " + name).orElse("");
    }
}
