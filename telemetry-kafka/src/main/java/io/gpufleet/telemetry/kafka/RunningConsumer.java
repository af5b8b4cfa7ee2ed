package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.Health;
import io.gpufleet.telemetry.config.ConsumerSettings;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** What {@link BatchingConsumer} shows of what runs behind it. Thread-safe. */
interface RunningConsumer {
    CompletableFuture<Void> termination();

    Health health();

    ConsumerSnapshot snapshot();

    /** Ends the consumer and returns the records that were not written. */
    long close(Duration limit);

    /** Ends the consumer, and waits until it has done all its work; not for what the host does then. */
    void closeForShutdown(Duration limit);

    String groupId();

    /** The settings that it was given, absent if it takes none or does not know them yet. */
    default Optional<ConsumerSettings> settings() {
        return Optional.empty();
    }
}
