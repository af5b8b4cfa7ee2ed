package io.gpufleet.telemetry.examples.spring;

import org.springframework.boot.ExitCodeGenerator;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Ends the application with exit code 1 when the consumer has failed, so that its supervisor restarts it: without the
 * consumer it would idle.
 *
 * <p>Starts the thread {@code telemetry-exit} to do so. Thread-safe.
 */
final class ExitOnFailure implements ExitCodeGenerator {
    private final ConfigurableApplicationContext context;
    private volatile boolean failed;

    ExitOnFailure(ConfigurableApplicationContext context) {
        this.context = context;
    }

    /** Closes the context and ends the JVM, on another thread than the consumer's calling one, which must end first. */
    void consumerFailed() {
        failed = true;
        // Errors of the beans that are being closed do not matter any more.
        if (!context.isClosed()) {
            new Thread(() -> System.exit(SpringApplication.exit(context)), "telemetry-exit").start();
        }
    }

    @Override
    public int getExitCode() {
        return failed ? 1 : 0;
    }
}
