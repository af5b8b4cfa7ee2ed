package io.gpufleet.telemetry.examples.rest;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.examples.options.AtSignal;
import io.gpufleet.telemetry.examples.options.DatabaseOptions;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.examples.options.KafkaOptions;
import io.gpufleet.telemetry.examples.options.Program;
import io.gpufleet.telemetry.examples.options.TopicName;
import io.gpufleet.telemetry.kafka.GpuSampleConsumer;
import java.io.PrintWriter;
import java.net.BindException;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationContextException;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.NestedExceptionUtils;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * How do I ask about the fleet without writing a service? Over HTTP, with this program: it answers questions about GPUs
 * and heartbeats from the tables, streams samples as they come, and takes samples for Kafka. On SIGTERM it answers the
 * requests in flight and ends with exit code 0. Not thread-safe.
 */
@Command(
        name = "telemetry-api",
        description = {
            "Answers questions about the fleet over HTTP, until it is stopped.",
            "The keys of the callers come from " + ApiKeys.VARIABLE + ", as name=key,name2=key2."
        })
public final class TelemetryApi implements Callable<Integer> {
    private final Map<String, String> environment;

    @Mixin
    private DatabaseOptions database = new DatabaseOptions();

    @Mixin
    private KafkaOptions kafka = new KafkaOptions();

    @Mixin
    private HttpOptions http = new HttpOptions();

    @Option(
            names = "--topic",
            paramLabel = "<name>",
            defaultValue = "${env:TELEMETRY_TOPIC:-" + GpuSampleConsumer.TOPIC + "}",
            converter = TopicName.class,
            description =
                    "The topic of GPU samples, else from TELEMETRY_TOPIC (default: " + GpuSampleConsumer.TOPIC + ").")
    private String topic = GpuSampleConsumer.TOPIC;

    @Spec
    private @Nullable CommandSpec command;

    /** Creates a program with the environment of this process. */
    public TelemetryApi() {
        this(System.getenv());
    }

    TelemetryApi(Map<String, String> environment) {
        this.environment = environment;
    }

    /**
     * Runs the service and ends the JVM.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        System.exit(Program.run(Program.commandLine(new TelemetryApi()), arguments));
    }

    @Override
    public Integer call() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        AtSignal signal = AtSignal.install(hook -> end(ended, hook));
        try (ConfigurableApplicationContext service = start()) {
            PrintWriter out = requireNonNull(command, "command").commandLine().getOut();
            out.println("Answering on " + Service.address(service) + " from " + database);
            out.flush();
            ended.await();
        } finally {
            signal.close();
        }
        return ExitCodes.OK;
    }

    private static void end(CountDownLatch ended, AtSignal hook) {
        ended.countDown();
        hook.awaitClose(Service.LONGEST_END);
        Runtime.getRuntime().halt(ExitCodes.OK);
    }

    /** Starts the service of the options. */
    ConfigurableApplicationContext start() throws BindException {
        ApiKeys keys = ApiKeys.parse(environment.getOrDefault(ApiKeys.VARIABLE, ""));
        http.check(keys);
        kafka.clientProperties(); // refused before anything is started
        try {
            return Service.start(new ApiSettings(database, kafka, topic, http, keys));
        } catch (ApplicationContextException e) {
            if (NestedExceptionUtils.getMostSpecificCause(e) instanceof BindException cause) {
                throw new BindException("--port: " + http.port() + " cannot be had on "
                        + http.bind().getHostAddress() + ": " + cause.getMessage());
            }
            throw e;
        }
    }
}
