package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.Health;
import io.gpufleet.telemetry.Health.Concern;
import io.gpufleet.telemetry.Health.Trouble;
import io.gpufleet.telemetry.SinkContext;
import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.TransactionalSink;
import io.gpufleet.telemetry.config.ConsumerSettings;
import io.gpufleet.telemetry.internal.HostFault;
import io.gpufleet.telemetry.internal.StopSignal;
import io.gpufleet.telemetry.kafka.internal.Answers;
import io.gpufleet.telemetry.kafka.internal.FailureText;
import io.gpufleet.telemetry.kafka.internal.LogFacts;
import io.gpufleet.telemetry.kafka.internal.TopicAdmin;
import io.gpufleet.telemetry.kafka.internal.TopicFacts;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.apache.kafka.common.errors.AuthenticationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads of one consumer and their end: started once, ended once, by {@link #close} or by the first failure of any
 * of them. Thread-safe.
 */
final class ConsumerRuntime<T> implements RunningConsumer {
    /** A receiver of the consumer's end. */
    interface Ended {
        void accept(@Nullable Throwable cause);
    }

    private static final Logger log = LoggerFactory.getLogger(ConsumerRuntime.class);
    private static final long CLUSTER_LIMIT_MILLIS = 20_000;
    private static final Duration LEAVE_LIMIT = Duration.ofSeconds(5);
    private static final Duration LOOK_INTERVAL = Duration.ofSeconds(1);
    private static final Duration ABORT_LIMIT = Duration.ofSeconds(2);
    private static final Duration FAILURE_LIMIT = Duration.ofSeconds(10);

    /** The extra time of a close beyond its limit, if a database or a broker hangs. */
    private static final Duration BEYOND_THE_LIMIT = Duration.ofSeconds(1);

    /** The lanes' part of that time: first without, then with an interrupt. The rest is for leaving the group. */
    private static final Duration LANES_SHARE = Duration.ofMillis(250);

    private static final Duration GRACE = LEAVE_LIMIT.plus(FAILURE_LIMIT).plus(ABORT_LIMIT);

    private final ConsumerOptions<T> options;
    private final Ended ended;
    private final TopicAdmin admin;
    private final RunLog runLog;
    private final Events events;
    private final PositionResolver resolver;
    private final TopicWatch watch;
    private final ConsumerParts<T> parts;
    private final Polling<T> polling;
    private final LagWatch lagWatch;
    private final ConsumerStatus status;
    private final TransactionalSink<T> sink;
    private final StopSignal stopLooking = new StopSignal();
    private final ConsumerThreads threads;
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final CompletableFuture<Void> termination = new CompletableFuture<>();
    private final CountDownLatch workDone = new CountDownLatch(1);
    private volatile boolean closing;
    private volatile boolean released;
    private volatile long closeDeadlineNanos;
    private volatile long unwritten;

    /**
     * Creates the parts of the consumer.
     *
     * @param options the options of the consumer
     * @param ended the receiver of the cause of the end, which is null after a close
     */
    ConsumerRuntime(ConsumerOptions<T> options, Ended ended) {
        this.options = options;
        this.ended = ended;
        LogFacts brokers =
                new BrokerViews(() -> KafkaClients.brokers(options.clientProperties()), CLUSTER_LIMIT_MILLIS);
        this.admin = new TopicAdmin(
                () -> KafkaClients.admin(options.clientProperties()), Optional.of(brokers), CLUSTER_LIMIT_MILLIS);
        this.sink = options.target().in(admin);
        this.runLog = new RunLog(options.groupId(), options.nanoTime());
        this.events = Events.of(runLog, options.listeners());
        this.resolver = new PositionResolver(options, sink, admin, events);
        Mailbox mailbox = new Mailbox(this::failed);
        this.watch = new TopicWatch(admin, options.topics(), options.nanoTime(), mailbox);
        BufferBudget budget = new BufferBudget(options.bufferBytes(), options.concurrency());
        DeadLetterWindow window = new DeadLetterWindow(options.failurePolicy());
        LaneContext<T> context = new LaneContext<>(
                sink, watch, window, new RepeatedRefusals(System::currentTimeMillis), budget, events, mailbox);
        List<Lane<T>> lanes = IntStream.range(0, options.concurrency())
                .mapToObj(number -> new Lane<>(number, options, context))
                .toList();
        PositionKeeper keeper = new PositionKeeper(resolver, options, mailbox);
        this.parts = new ConsumerParts<>(lanes, keeper, mailbox, budget, events, options.nanoTime());
        try {
            KafkaClients clients = new KafkaClients(options.listeners(), budget::used);
            this.polling = new Polling<>(options, parts, clients, surroundings());
        } catch (Throwable e) {
            admin.close();
            throw e;
        }
        this.lagWatch = new LagWatch(new ObservedWork(options, parts, polling), admin, events, options);
        this.status = new ConsumerStatus(parts, polling, watch, admin, lagWatch);
        this.threads = new ConsumerThreads(options.groupId(), this::run, this::failed);
    }

    private Polling.Surroundings surroundings() {
        return new Polling.Surroundings() {
            @Override
            public void clientsOutdated() {
                admin.renew();
            }

            @Override
            public boolean clusterAnswers() {
                return watch.trouble().isEmpty();
            }

            @Override
            public boolean clusterAnswersSince(long nanos) {
                return clusterAnswers() && watch.hasAnswerSince(nanos);
            }
        };
    }

    /** Checks that cluster and sink are usable, and starts the threads. */
    void start() {
        try {
            new Answers<>(Map.of(), resolver.inspect(describeTopics())).all();
            sink.open(SinkContext.of(options.groupId(), events)
                    .concurrency(options.concurrency())
                    .inUseWhile(() -> !released));
            resolver.refuseOtherClusters();
            runLog.started(options);
            events.on(new TelemetryEvent.ConsumerStarted(options.groupId()));
        } catch (Throwable e) {
            released = true;
            polling.abandon();
            admin.close();
            throw e;
        }
        startThreads();
    }

    private Map<String, TopicFacts> describeTopics() {
        try {
            return admin.describe(options.topics());
        } catch (TopicAdmin.ClusterException e) {
            throw brokers(e.getCause(), e);
        }
    }

    private TelemetryException brokers(@Nullable Throwable cause, RuntimeException failure) {
        ClientProperties clients = options.clientProperties();
        String deed = FailureText.deed(cause == null ? failure : cause);
        String hint = FailureText.hint(deed, clients.consumer());
        return new TelemetryException(
                "Brokers at " + clients.bootstrapServers() + " " + deed + ": " + FailureText.of(failure) + hint,
                failure);
    }

    private void startThreads() {
        for (int i = 0; i < parts.lanes().size(); i++) {
            threads.lane(i, parts.lanes().get(i));
        }
        threads.asker("positions", parts.keeper());
        threads.asker("topics", watch);
        threads.asker("lag", lagWatch);
        threads.asker("log", this::look);
        threads.start();
    }

    /** Starts the log of changes. */
    private void look() {
        while (stopLooking.pause(LOOK_INTERVAL)) {
            runLog.look(health(), parts.budget().records());
        }
    }

    private void run() {
        try {
            polling.subscribe();
            while (!closing && failure.get() == null) {
                polling.runOnce();
            }
        } catch (Throwable e) {
            failed(e);
        }
        try {
            end();
        } catch (Throwable e) {
            failed(e);
        } finally {
            unwritten = parts.budget().records();
            logTheEnd();
            released = true;
            workDone.countDown();
            terminate();
        }
    }

    /** Applies another tuning: to batches at once, the rest when no polled record is unwritten. */
    void take(Tuning tuning) {
        options.tuning().take(tuning);
        parts.lanes().forEach(Lane::flush);
    }

    private void end() throws InterruptedException {
        stopLooking.raise();
        try {
            endLanes();
            polling.end(atMost(LEAVE_LIMIT));
        } finally {
            admin.close();
        }
        threads.joinLanes(atMost(ABORT_LIMIT));
        threads.joinAskers(atMost(ABORT_LIMIT));
    }

    /** Returns the limit of one of the last steps, within the limit of the whole close. */
    private Duration atMost(Duration limit) {
        if (failure.get() != null) {
            return limit;
        }
        Duration left = Duration.ofNanos(closeDeadlineNanos - System.nanoTime()).plus(BEYOND_THE_LIMIT);
        return left.isNegative() ? Duration.ZERO : left.compareTo(limit) < 0 ? left : limit;
    }

    private void endLanes() throws InterruptedException {
        if (failure.get() == null) {
            parts.lanes().forEach(Lane::drain);
            threads.joinLanes(Duration.ofNanos(Math.max(0, closeDeadlineNanos - System.nanoTime())));
        }
        parts.lanes().forEach(Lane::abort);
        watch.close();
        lagWatch.close();
        parts.keeper().close();
        threads.joinLanes(failure.get() == null ? LANES_SHARE : FAILURE_LIMIT);
        threads.interruptLanes();
        threads.joinLanes(failure.get() == null ? LANES_SHARE : ABORT_LIMIT);
    }

    /** Logs the end; a log that fails for lack of memory must not keep it from the listeners. */
    private void logTheEnd() {
        try {
            runLog.ended(failure.get(), events.counts(), unwritten);
        } catch (Throwable e) {
            failed(e);
        }
    }

    /** Completes the termination, even if the host's log or listeners fail. */
    private void terminate() {
        try {
            tellTheEnd(failure.get());
        } catch (Throwable e) {
            failed(e);
        } finally {
            complete(failure.get());
        }
    }

    private void tellTheEnd(@Nullable Throwable cause) {
        events.on(new TelemetryEvent.ConsumerStopped(unwritten, Optional.ofNullable(cause)));
    }

    private void complete(@Nullable Throwable cause) {
        if (cause == null) {
            termination.complete(null);
        } else {
            termination.completeExceptionally(cause);
        }
        ended.accept(cause);
    }

    private void beginToClose(Duration limit) {
        if (!closing) {
            closeDeadlineNanos = System.nanoTime() + limit.toNanos();
            closing = true;
        }
    }

    @Override
    public void closeForShutdown(Duration limit) {
        beginToClose(limit);
        try {
            if (!workDone.await(limit.plus(GRACE).toNanos(), TimeUnit.NANOSECONDS)) {
                sayLate(limit);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void sayLate(Duration limit) {
        log.warn("Consumer of group {} did not end within {}", options.groupId(), limit);
    }

    @Override
    public long close(Duration limit) {
        beginToClose(limit);
        if (!threads.isCurrent()) {
            awaitTermination(limit);
        }
        return termination.isDone() ? unwritten : parts.budget().records();
    }

    private void awaitTermination(Duration limit) {
        try {
            threads.joinPoll(limit.plus(GRACE));
            if (!termination.isDone()) {
                sayLate(limit);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns the service's settings of the Kafka client; absent if there are none. */
    Optional<ConsumerSettings> clientSettings() {
        return polling.settings();
    }

    @Override
    public String groupId() {
        return options.groupId();
    }

    @Override
    public CompletableFuture<Void> termination() {
        return termination.copy();
    }

    @Override
    public ConsumerSnapshot snapshot() {
        return status.snapshot();
    }

    @Override
    public Health health() {
        Throwable cause = failure.get();
        if (cause != null) {
            return Health.of(new Trouble(Concern.ENDED, "stopped: " + words(cause)));
        }
        if (closing) {
            return Health.of(new Trouble(Concern.ENDED, "closed"));
        }
        List<Trouble> dead = threads.dead();
        return dead.isEmpty() ? status.health() : new Health(dead);
    }

    /** Returns the failure as text; the message of a foreign exception may say nothing without its class. */
    private static String words(Throwable cause) {
        return cause instanceof Error ? HostFault.text(cause) : HostFault.words(cause);
    }

    /** Ends the consumer for a cause, unless it has one already. */
    void failed(Throwable cause) {
        failure.compareAndSet(null, readable(cause));
    }

    /** Returns the failure, with the same readable message for a refused client of any kind. */
    private Throwable readable(Throwable cause) {
        Throwable refusal = cause instanceof TopicAdmin.ClusterException ? cause.getCause() : cause;
        return cause instanceof RuntimeException failed && refusal instanceof AuthenticationException
                ? brokers(refusal, failed)
                : cause;
    }
}
