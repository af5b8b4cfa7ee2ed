package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.Health;
import io.gpufleet.telemetry.config.ConsumerSettings;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The running consumer behind a {@link BatchingConsumer}. Thread-safe. */
interface RunningConsumer {
    CompletableFuture<Void> termination();

    Health health();

    ConsumerSnapshot snapshot();

    /** Ends the consumer and returns the number of records not written. */
    long close(Duration limit);

    /** Ends the consumer and waits for all of its work, but not for the host's reactions. */
    void closeForShutdown(Duration limit);

    String groupId();

    /** Returns its settings; absent if it takes none or does not know them yet. */
    default Optional<ConsumerSettings> settings() {
        return Optional.empty();
    }
}
