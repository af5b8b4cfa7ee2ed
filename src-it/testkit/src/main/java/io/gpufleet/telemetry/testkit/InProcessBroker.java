package io.gpufleet.telemetry.testkit;

import java.nio.file.Path;
import kafka.server.KafkaRaftServer;

/** A broker in this JVM, which therefore can only be stopped in order. */
final class InProcessBroker implements BrokerRun {
    private final KafkaRaftServer server;
    private volatile boolean running = true;

    private InProcessBroker(KafkaRaftServer server) {
        this.server = server;
    }

    static InProcessBroker start(Path serverProperties) {
        return new InProcessBroker(BrokerNode.start(serverProperties));
    }

    @Override
    public void awaitStarted() {
        // The start has waited.
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public void stop() {
        running = false;
        server.shutdown();
        server.awaitShutdown();
    }

    @Override
    public void kill() {
        throw refused("kill");
    }

    @Override
    public void suspend() {
        throw refused("suspend");
    }

    @Override
    public void resume() {
        throw refused("resume");
    }

    private static IllegalStateException refused(String action) {
        return new IllegalStateException(action + " needs a broker of its own JVM: builder().forked()");
    }
}
