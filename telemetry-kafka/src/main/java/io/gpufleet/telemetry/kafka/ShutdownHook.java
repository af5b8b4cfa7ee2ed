package io.gpufleet.telemetry.kafka;

import java.time.Duration;

/** The shutdown hook that closes a consumer. */
final class ShutdownHook {
    private ShutdownHook() {}

    /**
     * Adds a hook that is removed when the consumer ends; in a JVM that is ending already, closes the consumer at once.
     */
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
            // The JVM is ending, perhaps in this hook.
        }
    }
}
