package io.gpufleet.telemetry.examples.spring;

import io.gpufleet.telemetry.Health;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.kafka.BatchingConsumer;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/**
 * The lifecycle of the consumer within the application context: it starts after all beans exist, and ends in bounded
 * time before any of them, such as the pool, is closed.
 *
 * <p>It has the default phase, which starts last and stops first, so the web server answers probes throughout the
 * consumer's life. Thread-safe.
 */
final class ConsumerLifecycle implements SmartLifecycle {
    private final BatchingConsumer.Builder<Heartbeat> builder;
    private final Duration closeLimit;
    private final Runnable onFailure;
    private volatile @Nullable BatchingConsumer consumer;

    /**
     * Creates the lifecycle; nothing is started yet.
     *
     * @param builder starts the consumer
     * @param closeLimit the longest time for writing the buffered records at the end
     * @param onFailure called when the consumer has failed, by a thread of the consumer
     */
    ConsumerLifecycle(BatchingConsumer.Builder<Heartbeat> builder, Duration closeLimit, Runnable onFailure) {
        this.builder = builder;
        this.closeLimit = closeLimit;
        this.onFailure = onFailure;
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // Spring calls the callback when the consumer has stopped.
    public void start() {
        BatchingConsumer started = builder.start();
        consumer = started;
        started.termination().whenComplete((nothing, failure) -> {
            if (failure != null) {
                onFailure.run();
            }
        });
    }

    @Override
    public void stop() {
        running().ifPresent(running -> running.close(closeLimit));
    }

    @Override
    public boolean isRunning() {
        return running().isPresent();
    }

    Health health() {
        return consumer()
                .map(BatchingConsumer::health)
                .orElseGet(() -> Health.of(new Health.Trouble(Health.Concern.START, "not started")));
    }

    private Optional<BatchingConsumer> running() {
        return consumer().filter(current -> !current.termination().isDone());
    }

    private Optional<BatchingConsumer> consumer() {
        return Optional.ofNullable(consumer);
    }
}
