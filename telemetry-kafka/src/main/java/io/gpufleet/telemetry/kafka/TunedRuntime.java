package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.Health;
import io.gpufleet.telemetry.RetryPolicy;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.config.ConsumerSettings;
import io.gpufleet.telemetry.config.InvalidSettingsException;
import io.gpufleet.telemetry.config.SettingChange;
import io.gpufleet.telemetry.config.SettingEffect;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A consumer whose settings come from a source: starts when they are known, and takes those that change. Settings that
 * cannot be used leave it with those that it has. Runs a thread of its own. Thread-safe.
 */
final class TunedRuntime<T> implements RunningConsumer {

    /** Makes the consumer. */
    interface Starting<T> {
        ConsumerOptions<T> options(ConsumerSettings settings);

        Tuning tuning(ConsumerSettings settings);
    }

    private static final Logger log = LoggerFactory.getLogger(BatchingConsumer.class);
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final Duration THREAD_LIMIT = Duration.ofSeconds(2);
    private static final ConsumerSnapshot NOTHING =
            new ConsumerSnapshot(Map.of(), 0, 0, new ConsumerSnapshot.Counts(0, 0, 0, 0, 0, 0, 0, 0));

    private final SettingsReader reader;
    private final Starting<T> starting;
    private final RetryPolicy retry;
    private final Events events;
    private final CompletableFuture<Void> termination = new CompletableFuture<>();
    private final Thread thread;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean closed;
    private int failures;
    private volatile @Nullable ConsumerRuntime<T> runtime;
    private volatile @Nullable ConsumerSettings taken;
    private @Nullable ConsumerSettings seen;

    TunedRuntime(SettingsReader reader, Starting<T> starting, RetryPolicy retry, Events events) {
        this.reader = reader;
        this.starting = starting;
        this.retry = retry;
        this.events = events;
        this.thread = new Thread(this::run, "telemetry-settings-" + reader.service());
    }

    /**
     * Starts with the settings, or with the defaults if the source does not answer and the host has named the group;
     * otherwise waits for them. A default group would apply everything again if the source names another one.
     */
    void start() {
        Optional<ConsumerSettings> known = reader.read();
        if (known.isEmpty() && reader.knowsGroup()) {
            ConsumerSettings own = reader.withoutSource();
            log.warn("Service {}: starts with the defaults in group {}", reader.service(), own.groupId());
            known = Optional.of(own);
        }
        known.ifPresent(this::begin);
        thread.start();
    }

    private void begin(ConsumerSettings settings) {
        ConsumerRuntime<T> begun = new ConsumerRuntime<>(starting.options(settings), this::end);
        begun.start();
        seen = settings;
        taken = settings;
        runtime = begun;
        if (isClosed()) {
            begun.close(Duration.ZERO);
        }
    }

    private void end(@Nullable Throwable failure) {
        if (failure == null) {
            termination.complete(null);
        } else {
            termination.completeExceptionally(failure);
        }
        stop();
    }

    private void run() {
        try {
            Duration pause = INTERVAL;
            while (rest(pause)) {
                pause = runOnce();
            }
        } catch (Throwable e) {
            log.error("Service {}: the consumer cannot start, or take its settings", reader.service(), e);
            end(e);
        }
    }

    /** Reads the settings and takes them; returns how long to rest. */
    private Duration runOnce() {
        try {
            Optional<ConsumerSettings> settings = reader.read();
            settings.ifPresent(this::take);
            failures = settings.isPresent() ? 0 : failures + 1;
        } catch (InvalidSettingsException e) {
            // The reader has said so, and the consumer stays as it is.
            failures++;
        } catch (SinkException e) {
            if (!e.kind().isTransient()) {
                throw e;
            }
            log.warn("Service {}: the consumer could not start yet: {}", reader.service(), e.getMessage());
            failures++;
        }
        return failures == 0 ? INTERVAL : retry.backoff(failures, RandomGenerator.getDefault());
    }

    private void take(ConsumerSettings settings) {
        ConsumerRuntime<T> running = runtime;
        ConsumerSettings before = seen;
        ConsumerSettings now = taken;
        if (running == null || before == null || now == null) {
            begin(settings);
        } else if (!settings.equals(before)) {
            seen = settings;
            before.changesTo(settings).forEach(this::tell);
            ConsumerSettings next = settings.takenBy(now);
            taken = next;
            running.take(starting.tuning(next));
        }
    }

    private void tell(SettingChange change) {
        boolean isTaken = change.effect() == SettingEffect.NEXT_BATCH || change.effect() == SettingEffect.NEW_CLIENT;
        log.info(
                "Service {}: {}, {}",
                reader.service(),
                change,
                switch (change.effect()) {
                    case NEXT_BATCH -> "from the next batch on";
                    case NEW_CLIENT -> "with a new Kafka client";
                    case NEXT_START -> "when the service starts again";
                    case IGNORED -> "which this consumer ignores";
                });
        events.on(new TelemetryEvent.SettingChanged(
                reader.service(),
                change.setting().column(),
                change.oldValue().map(Object::toString),
                change.newValue().map(Object::toString),
                isTaken));
    }

    private boolean rest(Duration pause) throws InterruptedException {
        lock.lock();
        try {
            long remaining = pause.toNanos();
            while (remaining > 0 && !closed) {
                remaining = changed.awaitNanos(remaining);
            }
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    private void stop() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long close(Duration limit) {
        stop();
        joinThread();
        ConsumerRuntime<T> running = runtime;
        if (running == null) {
            termination.complete(null);
            return 0;
        }
        return running.close(limit);
    }

    private void joinThread() {
        if (Thread.currentThread() == thread) {
            return;
        }
        try {
            thread.join(THREAD_LIMIT.toMillis());
            thread.interrupt();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public CompletableFuture<Void> termination() {
        return termination.copy();
    }

    @Override
    public Health health() {
        ConsumerRuntime<T> running = runtime;
        Optional<String> trouble = reader.trouble();
        if (running == null) {
            Health.Status status = termination.isDone() ? Health.Status.DOWN : Health.Status.DEGRADED;
            return new Health(status, List.of(trouble.orElse("waits for its settings")));
        }
        Health health = running.health();
        if (trouble.isEmpty()) {
            return health;
        }
        List<String> reasons = new ArrayList<>(health.reasons());
        reasons.add(trouble.get());
        return new Health(health.status() == Health.Status.UP ? Health.Status.DEGRADED : health.status(), reasons);
    }

    @Override
    public ConsumerSnapshot snapshot() {
        ConsumerRuntime<T> running = runtime;
        return running == null ? NOTHING : running.snapshot();
    }

    @Override
    public String groupId() {
        ConsumerRuntime<T> running = runtime;
        return running == null ? "service " + reader.service() : running.groupId();
    }

    @Override
    public Optional<ConsumerSettings> settings() {
        return Optional.ofNullable(taken);
    }
}
