package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.gpufleet.telemetry.Health.Concern;
import io.gpufleet.telemetry.Health.Trouble;
import io.gpufleet.telemetry.LogId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TopicWatchTest {
    private static final LogId NEW_LOG = new LogId("a-cluster", new UUID(8, 8));

    private final FakeCluster cluster = new FakeCluster();
    private final AtomicLong clock = new AtomicLong(1_000);
    private final List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    private final List<Map<String, UUID>> seen = Collections.synchronizedList(new ArrayList<>());
    private final TopicWatch watch =
            new TopicWatch(cluster.topicAdmin(), Set.of(Logs.TOPIC), clock::incrementAndGet, new TopicWatch.Owner() {
                @Override
                public void topicsSeen(Map<String, UUID> ids) {
                    seen.add(ids);
                }

                @Override
                public void failed(Throwable cause) {
                    failures.add(cause);
                }
            });
    private final Thread thread = new Thread(watch);

    @BeforeEach
    void start() {
        cluster.topic(Logs.ID, 1);
        thread.start();
    }

    @AfterEach
    void end() throws InterruptedException {
        watch.close();
        thread.join();
    }

    private int questions() {
        synchronized (cluster.calls) {
            return cluster.calls.size();
        }
    }

    private CompletableFuture<Optional<UUID>> idSince(long nanos) {
        return CompletableFuture.supplyAsync(() -> watch.idSince(Logs.TOPIC, nanos));
    }

    @Test
    void idSince_asksTheCluster() {
        assertThat(watch.idSince(Logs.TOPIC, clock.get())).contains(Logs.ID.topicId());
        assertThat(questions()).isPositive();
    }

    @Test
    void idSince_ofAnEarlierMomentIsKnown() {
        long earlier = clock.get();
        watch.idSince(Logs.TOPIC, clock.get());
        int before = questions();

        assertThat(watch.idSince(Logs.TOPIC, earlier)).contains(Logs.ID.topicId());

        assertThat(questions()).isEqualTo(before);
    }

    @Test
    void idSince_ofALaterMomentAsksAgain() {
        watch.idSince(Logs.TOPIC, clock.get());
        cluster.topic(NEW_LOG, 1);

        assertThat(watch.idSince(Logs.TOPIC, clock.get())).contains(NEW_LOG.topicId());
    }

    @Test
    void idSince_ofATopicThatIsGoneIsAbsent() {
        cluster.dropTopic();

        assertThat(watch.idSince(Logs.TOPIC, clock.get())).isEmpty();
    }

    @Test
    void idSince_ofATopicThatIsRefusedIsAbsent() {
        cluster.fail("describeTopics", new TopicAuthorizationException("not allowed"));

        assertThat(watch.idSince(Logs.TOPIC, clock.get())).isEmpty();
        await().until(() ->
                watch.trouble().map(Trouble::reason).equals(Optional.of("Cannot describe topic t: not allowed")));
    }

    @Test
    void idSince_waitsForAClusterThatDoesNotAnswer() throws ExecutionException, InterruptedException {
        cluster.fail("describeTopics", new DisconnectException("gone"));
        CompletableFuture<Optional<UUID>> id = idSince(clock.get());

        await().until(() -> watch.trouble().isPresent());
        assertThat(watch.trouble().map(Trouble::reason)).contains("Cannot describe topic t: gone");
        assertThat(id).isNotDone();
        cluster.heal();

        assertThat(id.get()).contains(Logs.ID.topicId());
        await().until(() -> watch.trouble().isEmpty());
    }

    /** The broker is restarted during the question. */
    @Test
    void idSince_isSoonKnownAfterAnAnswerThatTookLong() throws Exception {
        cluster.beforeAnswer = () -> clock.addAndGet(TimeUnit.SECONDS.toNanos(20));
        watch.idSince(Logs.TOPIC, clock.get());
        cluster.beforeAnswer = () -> {};

        assertThat(idSince(clock.get()).get(10, TimeUnit.SECONDS)).contains(Logs.ID.topicId());
    }

    @Test
    void run_tellsWhatItSawThoughNobodyWaits() {
        await().until(() -> !seen.isEmpty());

        assertThat(seen).containsOnly(Map.of(Logs.TOPIC, Logs.ID.topicId()));
    }

    @Test
    void close_endsWhoeverWaits() {
        cluster.silence("describeTopics");
        CompletableFuture<Optional<UUID>> id = idSince(clock.get());
        await().until(() -> questions() > 0);

        watch.close();

        assertThatExceptionOfType(ExecutionException.class)
                .isThrownBy(id::get)
                .withCauseInstanceOf(LaneAbortedException.class);
        assertThat(failures).isEmpty();
    }

    @Test
    void run_endsTheConsumerWithAnError() {
        cluster.beforeAnswer = () -> {
            throw new AssertionError("the JVM is in trouble");
        };
        CompletableFuture<Optional<UUID>> id = idSince(clock.get());

        await().until(() -> !failures.isEmpty());

        assertThat(failures).hasSize(1).allMatch(AssertionError.class::isInstance);
        assertThatExceptionOfType(ExecutionException.class).isThrownBy(id::get);
    }

    @Test
    void run_thatIsInterruptedEndsTheConsumer() throws InterruptedException {
        thread.interrupt();
        thread.join();

        assertThat(failures).hasSize(1);
    }

    /** The limit of a question is longer than the silence should stay unreported. */
    @Test
    void trouble_namesASilenceBeforeTheQuestionIsGivenUp() {
        CountDownLatch answered = new CountDownLatch(1);
        cluster.beforeAnswer = () -> awaitUninterruptibly(answered);
        int before = questions();
        CompletableFuture<Optional<UUID>> id = idSince(clock.get());
        await().until(() -> questions() > before);
        try {
            assertThat(watch.trouble()).isEmpty();

            clock.addAndGet(Duration.ofSeconds(4).toNanos());

            assertThat(watch.trouble()).contains(new Trouble(Concern.CLUSTER, "the brokers have not answered for 4 s"));
        } finally {
            answered.countDown();
        }
        await().until(() -> id.isDone() && watch.trouble().isEmpty());
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
