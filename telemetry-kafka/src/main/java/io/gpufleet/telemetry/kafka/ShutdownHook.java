package io.gpufleet.telemetry.kafka;

import java.time.Duration;

/** The close of a consumer when the JVM shuts down. */
final class ShutdownHook {
    private ShutdownHook() {}

    /** Adds a hook that goes away with the consumer; in a JVM that ends already, closes it at once. */
    static void add(RunningConsumer consumer, Duration limit) {
        Thread hook = new Thread(() -> consumer.closeForShutdown(limit), "telemetry-shutdown-" + consumer.groupId());
        try {
            Runtime.getRuntime().addShutdownHook(hook);
        } catch (IllegalStateException e) {
            consumer.close(limit);
            return;
        }
        var unused = consumer.termination().whenComplete((nothing, failure) -> remove(hook));
    }

    private static void remove(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The JVM ends, perhaps by this hook.
        }
    }
}
