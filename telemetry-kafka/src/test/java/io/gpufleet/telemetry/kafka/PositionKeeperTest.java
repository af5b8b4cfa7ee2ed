package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.gpufleet.telemetry.Health.Trouble;
import io.gpufleet.telemetry.ResetPolicy;
import io.gpufleet.telemetry.RetryPolicy;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.SinkException.Kind;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.TelemetryListener;
import io.gpufleet.telemetry.kafka.FakeSink.Fault;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PositionKeeperTest {
    private final FakeCluster cluster = new FakeCluster();
    private final FakeSink sink = new FakeSink();
    private final TestOptions options = new TestOptions(sink);
    private final FakeKeeperOwner owner = new FakeKeeperOwner();
    private final AtomicInteger reads = new AtomicInteger();
    private PositionKeeper keeper;
    private Thread thread;

    @BeforeEach
    void makeTopic() {
        cluster.topic(Logs.ID, 3);
    }

    @AfterEach
    void end() throws InterruptedException {
        keeper.close();
        thread.join();
    }

    private void make() {
        ConsumerOptions<String> built = options.build();
        keeper = new PositionKeeper(
                new PositionResolver(built, sink, cluster.topicAdmin(), new Events(List.of(TelemetryListener.none()))),
                built,
                owner);
        thread = new Thread(keeper);
    }

    private void start() {
        make();
        thread.start();
    }

    /** Fails the next reads of the store. */
    private void failReads(int count, RuntimeException failure) {
        sink.readFaults = () -> reads.incrementAndGet() <= count ? Fault.before(failure) : Fault.NONE;
    }

    private void ask(int partition, long ticket) {
        keeper.request(List.of(new PositionRequest(Logs.partition(partition), ticket, OptionalLong.empty(), false)));
    }

    private void awaitAnswers(int count) {
        await().until(() -> owner.answers.size() >= count);
    }

    @Test
    void run_answers() {
        start();

        ask(0, 1);
        awaitAnswers(1);
        ask(2, 2);
        awaitAnswers(2);

        assertThat(owner.answers).containsExactly("t-0 #1 @0", "t-2 #2 @0");
        assertThat(keeper.trouble().map(Trouble::reason)).isEmpty();
    }

    @Test
    void run_asksTheStoreAgainUntilItAnswers() {
        failReads(7, FakeSink.failure(Kind.TRANSIENT));
        start();

        ask(0, 1);
        awaitAnswers(1);

        assertThat(reads).hasValue(8);
        assertThat(owner.failures).isEmpty();
        await().until(() -> keeper.trouble().isEmpty());
    }

    @Test
    void run_asksTheClusterAgainUntilItAnswers() {
        cluster.fail("listOffsets", new DisconnectException("gone"));
        start();
        ask(0, 1);

        await().until(() -> keeper.trouble().isPresent());
        assertThat(keeper.trouble().map(Trouble::reason))
                .hasValueSatisfying(text ->
                        assertThat(text).startsWith("positions are unknown: Cannot read the offsets of t-0: gone"));
        cluster.heal();
        awaitAnswers(1);

        await().until(() -> keeper.trouble().isEmpty());
        assertThat(owner.failures).isEmpty();
    }

    @Test
    void run_answersTheOthersWhileAPartitionHasNoLeader() {
        cluster.leaderless.add(1);
        start();
        keeper.request(List.of(
                new PositionRequest(Logs.partition(0), 1, OptionalLong.empty(), false),
                new PositionRequest(Logs.partition(1), 2, OptionalLong.empty(), false)));

        awaitAnswers(1);
        assertThat(owner.answers).containsExactly("t-0 #1 @0");
        await().until(() -> keeper.trouble()
                .map(Trouble::reason)
                .equals(Optional.of("positions are unknown: Cannot read the offsets of t-1: it has no leader: the"
                        + " brokers that hold it are down")));

        cluster.heal();
        awaitAnswers(2);
        await().until(() -> keeper.trouble().isEmpty());
        assertThat(owner.failures).isEmpty();
    }

    @Test
    void compare_isDoneWhileAPartitionHasNoLeader() {
        cluster.leaderless.add(1);
        sink.begin(0, 70);
        start();
        ask(1, 1);
        await().until(() -> keeper.trouble().isPresent());

        keeper.compare(resting(0, 100));

        awaitAnswers(1);
        assertThat(owner.answers).containsExactly("t-0 moved");
    }

    @Test
    void request_doesNotWaitForTheRestOfOthers() {
        options.retry = RetryPolicy.builder()
                .initialBackoff(Duration.ofHours(1))
                .maxBackoff(Duration.ofHours(1))
                .build();
        cluster.leaderless.add(1);
        start();
        ask(1, 1);
        await().until(() -> keeper.trouble().isPresent());

        ask(0, 2);

        awaitAnswers(1);
        assertThat(owner.answers).containsExactly("t-0 #2 @0");
    }

    @Test
    void run_waitsForATopicThatDoesNotExist() {
        cluster.dropTopic();
        start();
        ask(0, 1);

        await().until(() -> keeper.trouble().isPresent());
        assertThat(keeper.trouble().map(Trouble::reason))
                .contains("positions are unknown: a topic does not exist or is changing");
        cluster.topic(Logs.ID, 1);
        awaitAnswers(1);

        assertThat(owner.answers).containsExactly("t-0 #1 @0");
    }

    @Test
    void run_givesUpOnWhatIsFatal() {
        failReads(Integer.MAX_VALUE, FakeSink.failure(Kind.FATAL));
        start();

        ask(0, 1);
        await().until(() -> !owner.failures.isEmpty());

        assertThat(owner.failures).hasSize(1).allMatch(SinkException.class::isInstance);
        assertThat(reads).hasValue(3);
        assertThat(owner.answers).isEmpty();
    }

    @Test
    void run_forgivesFatalFailuresThatGoAway() {
        failReads(2, FakeSink.failure(Kind.FATAL));
        start();

        ask(0, 1);
        awaitAnswers(1);

        assertThat(owner.failures).isEmpty();
    }

    @Test
    void run_givesUpOnAClusterThatRefuses() {
        cluster.fail("describeTopics", new TopicAuthorizationException("not allowed"));
        start();

        ask(0, 1);
        await().until(() -> !owner.failures.isEmpty());

        assertThat(owner.failures.get(0)).hasMessage("Cannot describe topic t: not allowed");
    }

    @Test
    void run_endsTheConsumerWhenThereIsNoPosition() {
        options.reset = ResetPolicy.NONE;
        start();

        ask(0, 1);
        await().until(() -> !owner.failures.isEmpty());

        assertThat(owner.failures).hasSize(1).allMatch(TelemetryException.class::isInstance);
        assertThat(sink.calls).containsExactly("positions");
    }

    @Test
    void run_endsTheConsumerWithAnError() {
        sink.readFaults = () -> {
            throw new AssertionError("the JVM is in trouble");
        };
        start();

        ask(0, 1);
        await().until(() -> !owner.failures.isEmpty());

        assertThat(owner.failures).hasSize(1).allMatch(AssertionError.class::isInstance);
    }

    @Test
    void request_replacesAnOlderOne() {
        make();
        ask(0, 1);
        ask(1, 2);
        ask(0, 3);
        thread.start();

        awaitAnswers(2);

        assertThat(owner.answers).containsExactlyInAnyOrder("t-0 #3 @0", "t-1 #2 @0");
    }

    @Test
    void request_whileAnOlderOneIsAnsweredIsAnsweredToo() {
        make();
        sink.readFaults = () -> {
            if (reads.incrementAndGet() == 1) {
                ask(0, 2);
            }
            return Fault.NONE;
        };
        ask(0, 1);
        thread.start();

        awaitAnswers(2);

        assertThat(owner.answers).containsExactly("t-0 #1 @0", "t-0 #2 @0");
    }

    @Test
    void forget_dropsWhatIsNotAnswered() {
        cluster.fail("listOffsets", new DisconnectException("gone"));
        failReads(0, FakeSink.failure(Kind.TRANSIENT));
        start();
        ask(0, 1);
        ask(1, 2);
        await().until(() -> keeper.trouble().isPresent());

        keeper.forget(Set.of(Logs.partition(0)));
        int before = reads.get();
        await().until(() -> reads.get() >= before + 2);
        cluster.heal();
        awaitAnswers(1);

        assertThat(owner.answers).containsExactly("t-1 #2 @0");
    }

    @Test
    void forget_endsTheTroubleOfWhatIsForgotten() {
        cluster.fail("listOffsets", new DisconnectException("gone"));
        start();
        ask(0, 1);
        await().until(() -> keeper.trouble().isPresent());

        keeper.forget(Set.of(Logs.partition(0)));

        await().until(() -> keeper.trouble().isEmpty());
    }

    private static List<RestingPosition> resting(int partition, long offset) {
        return List.of(new RestingPosition(Logs.generation(partition), offset));
    }

    @Test
    void compare_tellsWhatSomebodyElseHasMoved() {
        sink.begin(0, 100);
        sink.begin(1, 70);
        start();

        keeper.compare(resting(0, 100));
        keeper.compare(resting(1, 100));
        awaitAnswers(1);

        assertThat(owner.answers).containsExactly("t-1 moved");
    }

    @Test
    void compare_ofAStoreThatDoesNotAnswerIsTroubleAndNoFailure() {
        sink.begin(0, 100);
        failReads(2, FakeSink.failure(Kind.FATAL));
        start();

        keeper.compare(resting(0, 100));
        await().until(() -> keeper.trouble().isPresent());
        assertThat(keeper.trouble().map(Trouble::reason)).contains("stored positions cannot be read: failed: FATAL");
        keeper.compare(resting(0, 100));
        await().until(() -> reads.get() == 2);
        keeper.compare(resting(0, 100));

        await().until(() -> keeper.trouble().isEmpty());
        assertThat(owner.failures).isEmpty();
    }

    @Test
    void compare_ofNothingEndsTheTrouble() {
        failReads(Integer.MAX_VALUE, FakeSink.failure(Kind.TRANSIENT));
        start();
        keeper.compare(resting(0, 100));
        await().until(() -> keeper.trouble().isPresent());

        keeper.compare(List.of());

        assertThat(keeper.trouble().map(Trouble::reason)).isEmpty();
    }

    @Test
    void run_thatIsInterruptedEndsTheConsumer() throws InterruptedException {
        start();

        thread.interrupt();
        thread.join();

        assertThat(owner.failures).hasSize(1);
    }

    @Test
    void close_endsARest() throws InterruptedException {
        options.retry = RetryPolicy.builder()
                .initialBackoff(Duration.ofHours(1))
                .maxBackoff(Duration.ofHours(1))
                .build();
        failReads(Integer.MAX_VALUE, FakeSink.failure(Kind.TRANSIENT));
        start();
        ask(0, 1);
        await().until(() -> keeper.trouble().isPresent());

        keeper.close();
        thread.join();

        assertThat(owner.failures).isEmpty();
    }
}
