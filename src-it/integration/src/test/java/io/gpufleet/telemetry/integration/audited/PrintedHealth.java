package io.gpufleet.telemetry.integration.audited;

import io.gpufleet.telemetry.Health;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import io.gpufleet.telemetry.testkit.Await;
import java.time.Duration;

/** Prints a consumer's health at every change. */
final class PrintedHealth {
    private PrintedHealth() {}

    static void of(BatchingConsumer consumer) {
        Thread thread = new Thread(
                () -> {
                    Health told = consumer.health();
                    while (true) {
                        Health before = told;
                        told = Await.until(
                                "another health", Duration.ofDays(1), consumer::health, now -> !now.equals(before));
                        System.out.println(
                                "health " + told.status() + " " + told.reasons() + " at " + System.currentTimeMillis());
                    }
                },
                "printed-health");
        thread.setDaemon(true);
        thread.start();
    }
}
