package io.gpufleet.telemetry.testkit;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import kafka.server.KafkaRaftServer;

/** A broker in a JVM of its own. */
final class ForkedBroker implements BrokerRun {
    private static final String STARTED = "broker started";
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(30);

    private final ForkedJvm jvm;

    private ForkedBroker(ForkedJvm jvm) {
        this.jvm = jvm;
    }

    /** Begins to start a broker whose classes are on this class path, or on that of this JVM. */
    static ForkedBroker start(Path serverProperties, List<String> jvmArguments, Optional<String> classPath) {
        ForkedJvm.Builder builder = ForkedJvm.builder(ForkedBroker.class)
                // It is silent, whatever logging the class path brings.
                .jvmArguments("-Dslf4j.provider=org.slf4j.helpers.NOP_FallbackServiceProvider")
                .jvmArguments(jvmArguments.toArray(String[]::new))
                .arguments(serverProperties.toString());
        classPath.ifPresent(builder::classPath);
        return new ForkedBroker(builder.start());
    }

    /** The JVM of the broker. */
    public static void main(String[] arguments) {
        KafkaRaftServer server = BrokerNode.start(Path.of(arguments[0]));
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown, "telemetry-broker-exit"));
        System.out.println(STARTED);
        server.awaitShutdown();
    }

    @Override
    public void awaitStarted() {
        try {
            jvm.awaitLine(STARTED, START_LIMIT);
        } catch (AssertionError e) {
            jvm.close();
            throw new IllegalStateException("the broker does not start", e);
        }
    }

    @Override
    public boolean isRunning() {
        return jvm.isAlive();
    }

    @Override
    public void stop() {
        if (jvm.isAlive()) {
            jvm.resume();
            jvm.terminate();
            jvm.endsWithin(STOP_LIMIT);
        }
        jvm.close();
    }

    @Override
    public void kill() {
        jvm.close();
    }

    @Override
    public void suspend() {
        jvm.suspend();
    }

    @Override
    public void resume() {
        jvm.resume();
    }
}
