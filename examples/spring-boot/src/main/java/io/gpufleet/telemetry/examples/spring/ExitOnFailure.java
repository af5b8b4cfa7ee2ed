package io.gpufleet.telemetry.examples.spring;

import org.springframework.boot.ExitCodeGenerator;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Ends the application with exit code 1 when the consumer has failed, so that its supervisor starts it again: without
 * the consumer it would idle.
 *
 * <p>It starts the thread {@code telemetry-exit} for it. Thread-safe.
 */
final class ExitOnFailure implements ExitCodeGenerator {
    private final ConfigurableApplicationContext context;
    private volatile boolean failed;

    ExitOnFailure(ConfigurableApplicationContext context) {
        this.context = context;
    }

    /** Closes the context and ends the JVM, not in the thread of the consumer that calls this: it has to end first. */
    void consumerFailed() {
        failed = true;
        // What is being closed ends anyway.
        if (!context.isClosed()) {
            new Thread(() -> System.exit(SpringApplication.exit(context)), "telemetry-exit").start();
        }
    }

    @Override
    public int getExitCode() {
        return failed ? 1 : 0;
    }
}
