package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.Health;
import io.gpufleet.telemetry.Health.Concern;
import io.gpufleet.telemetry.Health.Trouble;
import io.gpufleet.telemetry.RetryPolicy;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.config.ConsumerSetting;
import io.gpufleet.telemetry.config.ConsumerSettings;
import io.gpufleet.telemetry.config.InvalidSettingsException;
import io.gpufleet.telemetry.config.SettingChange;
import io.gpufleet.telemetry.config.SettingEffect;
import io.gpufleet.telemetry.internal.OwnThread;
import io.gpufleet.telemetry.internal.StopSignal;
import io.gpufleet.telemetry.kafka.internal.FailureText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A consumer with settings from a source: starts when they are known, and takes changed ones. With unusable settings it
 * keeps the present ones. Runs a thread of its own. Thread-safe.
 */
final class TunedRuntime<T> implements RunningConsumer {

    /** The creation of the consumer. */
    interface Starting<T> {
        ConsumerOptions<T> options(ConsumerSettings settings);

        Tuning tuning(ConsumerSettings settings);
    }

    private static final Logger log = LoggerFactory.getLogger(TunedRuntime.class);
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final Duration THREAD_LIMIT = Duration.ofSeconds(2);
    private static final ConsumerSnapshot NOTHING =
            new ConsumerSnapshot(Map.of(), 0, 0, new ConsumerSnapshot.Counts(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));

    private final SettingsReader reader;
    private final Starting<T> starting;
    private final RetryPolicy retry;
    private final Events events;
    private final CompletableFuture<Void> termination = new CompletableFuture<>();
    private final Thread thread;
    private final StopSignal stop = new StopSignal();
    private int failures;
    private volatile @Nullable String startTrouble;
    private volatile @Nullable ConsumerRuntime<T> runtime;
    private volatile @Nullable ConsumerSettings taken;
    private @Nullable ConsumerSettings seen;

    TunedRuntime(SettingsReader reader, Starting<T> starting, RetryPolicy retry, Events events) {
        this.reader = reader;
        this.starting = starting;
        this.retry = retry;
        this.events = events;
        this.thread = new OwnThread(this::run, "telemetry-settings-" + reader.service());
    }

    /**
     * Starts with the settings, or with the defaults if the source does not answer and the host has named the group;
     * otherwise waits for them. A default group would apply everything again if the source names another one.
     */
    void start() {
        Optional<ConsumerSettings> known = reader.first();
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
        if (stop.isRaised()) {
            begun.close(Duration.ZERO);
        }
    }

    private void end(@Nullable Throwable failure) {
        if (failure == null) {
            termination.complete(null);
        } else {
            termination.completeExceptionally(failure);
        }
        stop.raise();
    }

    private void run() {
        try {
            Duration pause = INTERVAL;
            while (stop.pause(pause)) {
                pause = runOnce();
            }
            if (!stop.isRaised()) {
                throw new InterruptedException();
            }
        } catch (Throwable e) {
            if (stop.isRaised()) {
                // Closed during the start, which is given up.
                end(null);
                return;
            }
            log.error("Service {}: consumer cannot start or take its settings", reader.service(), e);
            ConsumerRuntime<T> running = runtime;
            if (running == null) {
                end(e);
            } else {
                running.failed(e);
            }
        }
    }

    /** Reads and takes the settings; returns the pause before the next reading. */
    private Duration runOnce() {
        try {
            Optional<ConsumerSettings> settings = runtime == null ? reader.first() : reader.read();
            settings.ifPresent(this::take);
            failures = settings.isPresent() ? 0 : failures + 1;
        } catch (InvalidSettingsException e) {
            // Logged by the reader; the consumer keeps its settings.
            failures++;
        } catch (TelemetryException e) {
            if (!passes(e)) {
                throw e;
            }
            waitsToStart(e);
            failures++;
        }
        return failures == 0 ? INTERVAL : retry.backoff(failures, RandomGenerator.getDefault());
    }

    /** Returns whether a start failed because the database or the brokers do not answer; then it waits for them. */
    private static boolean passes(TelemetryException failure) {
        return failure instanceof SinkException sink ? sink.kind().isTransient() : FailureText.isAbsence(failure);
    }

    /** Logs the trouble of a start, unless it was logged before. */
    private void waitsToStart(TelemetryException failure) {
        String trouble = "consumer cannot start yet: " + failure.getMessage();
        if (!trouble.equals(startTrouble)) {
            log.warn("Service {}: {}", reader.service(), trouble);
        }
        startTrouble = trouble;
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
                    case NEXT_START -> "at the next start of the service";
                    case IGNORED -> "which this consumer ignores";
                });
        events.on(new TelemetryEvent.SettingChanged(
                reader.service(),
                change.setting().column(),
                change.oldValue().map(Object::toString),
                change.newValue().map(Object::toString),
                isTaken));
    }

    @Override
    public long close(Duration limit) {
        stop.raise();
        joinThread();
        ConsumerRuntime<T> running = runtime;
        if (running == null) {
            termination.complete(null);
            return 0;
        }
        return running.close(limit);
    }

    @Override
    public void closeForShutdown(Duration limit) {
        stop.raise();
        joinThread();
        ConsumerRuntime<T> running = runtime;
        if (running != null) {
            running.closeForShutdown(limit);
        }
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
            Concern concern = termination.isDone() ? Concern.ENDED : Concern.START;
            String reason = trouble.or(() -> Optional.ofNullable(startTrouble)).orElse("waits for its settings");
            return Health.of(new Trouble(concern, reason));
        }
        Health health = running.health();
        return trouble.map(reason -> and(health, new Trouble(Concern.SETTINGS, reason)))
                .orElse(health);
    }

    private static Health and(Health health, Trouble trouble) {
        List<Trouble> troubles = new ArrayList<>(health.troubles());
        troubles.add(trouble);
        return new Health(troubles);
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
        ConsumerRuntime<T> running = runtime;
        return running == null
                ? Optional.ofNullable(taken)
                : Optional.ofNullable(taken).map(settings -> withClientOf(settings, running.clientSettings()));
    }

    /** Returns the settings with the client's part, which may still be, or be again, the earlier one. */
    private static ConsumerSettings withClientOf(ConsumerSettings settings, Optional<ConsumerSettings> client) {
        ConsumerSettings.Builder builder = settings.toBuilder();
        for (ConsumerSetting setting : ConsumerSetting.values()) {
            if (setting.effect() == SettingEffect.NEW_CLIENT) {
                client.ifPresent(
                        has -> has.value(setting).ifPresent(value -> builder.set(setting, value, has.origin(setting))));
            }
        }
        return builder.build();
    }
}
