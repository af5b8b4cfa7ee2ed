package io.gpufleet.telemetry.examples.consumer;

import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.examples.options.Program;
import io.gpufleet.telemetry.heartbeat.HeartbeatValidator;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import io.gpufleet.telemetry.kafka.HeartbeatConsumer;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * How do I run the consumer without writing a service? As this program. On SIGTERM it writes the records in flight and
 * ends with exit code 0 if all of them are written. Not thread-safe.
 */
@Command(
        name = "heartbeat-consumer",
        description = "Consumes heartbeats from Kafka into PostgreSQL, exactly once, until it is stopped.")
public final class HeartbeatConsumerMain implements Callable<Integer> {
    @Mixin
    private ConsumerRun run = new ConsumerRun();

    @Option(
            names = "--topic",
            paramLabel = "<name>",
            defaultValue = "${env:TELEMETRY_TOPIC:-" + HeartbeatConsumer.TOPIC + "}",
            description = "The topic, else from TELEMETRY_TOPIC (default: " + HeartbeatConsumer.TOPIC + ").")
    private String topic = HeartbeatConsumer.TOPIC;

    @Option(
            names = "--group",
            paramLabel = "<name>",
            defaultValue = "${env:TELEMETRY_GROUP:-" + HeartbeatConsumer.GROUP_ID + "}",
            description = {
                "The consumer group, else from TELEMETRY_GROUP (default: " + HeartbeatConsumer.GROUP_ID + ").",
                "Positions are stored under its name: a new name reads everything again."
            })
    private String group = HeartbeatConsumer.GROUP_ID;

    @Option(
            names = "--any-age",
            description = {
                "Accepts heartbeats of any age, for a backfill.",
                "Otherwise those more than 30 days behind the clock are dead-lettered."
            })
    private boolean anyAge;

    /**
     * Runs the program and ends the JVM.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        System.exit(Program.run(Program.commandLine(new HeartbeatConsumerMain()), arguments));
    }

    @Override
    public Integer call() {
        return run.run(
                new ConsumerRun.Source(topic, group),
                UnaryOperator.identity(),
                HeartbeatSink::builder,
                sink -> HeartbeatConsumer.builder(BincodeHeartbeatCodec.fixed(), sink)
                        .validator(validator())
                        .batching(run.batches().policy()));
    }

    private HeartbeatValidator validator() {
        HeartbeatValidator.Builder validator = HeartbeatValidator.builder();
        return anyAge ? validator.anyAge().build() : validator.build();
    }
}
