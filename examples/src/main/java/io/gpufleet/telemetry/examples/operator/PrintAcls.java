package io.gpufleet.telemetry.examples.operator;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.examples.options.GroupName;
import io.gpufleet.telemetry.examples.options.TopicName;
import io.gpufleet.telemetry.kafka.HeartbeatConsumer;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints the commands that grant a program its rights at the brokers. Not thread-safe. */
@Command(
        name = "acls",
        description = {
            "Prints the kafka-acls.sh lines of a role, with the rights that it needs and no more.",
            "Connects to no broker and changes nothing; an administrator of the cluster runs the lines."
        })
final class PrintAcls implements Callable<Integer> {
    @Option(names = "--role", required = true, paramLabel = "<role>", description = "One of ${COMPLETION-CANDIDATES}.")
    private AclRole role = AclRole.CONSUMER;

    @Option(
            names = "--principal",
            required = true,
            paramLabel = "<principal>",
            description = "The principal that gets the rights, such as fleet or User:fleet.")
    private String principal = "";

    @Option(
            names = "--topic",
            paramLabel = "<topic>",
            defaultValue = HeartbeatConsumer.TOPIC,
            converter = TopicName.class,
            description = "The topic (default: ${DEFAULT-VALUE}).")
    private String topic = "";

    @Option(
            names = "--group",
            paramLabel = "<group>",
            defaultValue = HeartbeatConsumer.GROUP_ID,
            converter = GroupName.class,
            description = "The consumer group (default: ${DEFAULT-VALUE}).")
    private String group = "";

    @Option(
            names = "--dead-letter-topic",
            paramLabel = "<topic>",
            converter = TopicName.class,
            description = "The topic of dead letters, if the consumer writes to one.")
    private Optional<String> letters = Optional.empty();

    @Option(
            names = "--bootstrap-server",
            paramLabel = "<host:port>",
            defaultValue = "localhost:9092",
            description = "The brokers in the lines (default: ${DEFAULT-VALUE}).")
    private String servers = "";

    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = requireNonNull(spec, "spec").commandLine().getOut();
        role.acls(topic, group, letters).forEach(acl -> out.println(line(acl)));
        out.flush();
        return ExitCodes.OK;
    }

    private String line(AclRole.Acl acl) {
        return "kafka-acls.sh --bootstrap-server " + servers + " --add --allow-principal "
                + quoted(principal.contains(":") ? principal : "User:" + principal) + " "
                + acl.operations().stream()
                        .map(operation -> "--operation " + operation)
                        .collect(Collectors.joining(" "))
                + " " + acl.resource() + " " + quoted(acl.name());
    }

    /** Returns a text as one word of a shell. */
    private static String quoted(String word) {
        return word.matches("[A-Za-z0-9._:=@/-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
