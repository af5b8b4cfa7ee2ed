package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.AlarmPolicy;
import io.gpufleet.telemetry.Health.Trouble;
import io.gpufleet.telemetry.PartitionLag;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.TelemetryEvent.LagAlarm;
import io.gpufleet.telemetry.TelemetryEvent.LagMeasured;
import io.gpufleet.telemetry.TelemetryEvent.PartitionResumed;
import io.gpufleet.telemetry.TelemetryEvent.PartitionStalled;
import io.gpufleet.telemetry.TelemetryEvent.Severity;
import io.gpufleet.telemetry.TelemetryEvent.Stall;
import io.gpufleet.telemetry.kafka.ConsumerSnapshot.PartitionProgress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.kafka.common.errors.LeaderNotAvailableException;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LagWatchTest {
    private final FakeCluster cluster = new FakeCluster();
    private final List<TelemetryEvent> events = new ArrayList<>();
    private final FakeSubject subject = new FakeSubject();
    private long nanos = 1;
    private final LagWatch watch = watch();

    private static final class FakeSubject implements LagWatch.Subject {
        private Map<SourcePartition, PartitionProgress> progress = Map.of();
        private ActivityAlarm.Work work = new ActivityAlarm.Work(false, 0, 0, 0);

        @Override
        public Map<SourcePartition, PartitionProgress> progress() {
            return progress;
        }

        @Override
        public ActivityAlarm.Work work() {
            return work;
        }

        @Override
        public Duration linger() {
            return Duration.ZERO;
        }
    }

    private LagWatch watch() {
        TestOptions options = new TestOptions(new FakeSink());
        options.alarms = AlarmPolicy.builder().lagWarning(10).build();
        options.nanoTime = () -> nanos;
        return new LagWatch(subject, cluster.topicAdmin(), new Events(List.of(events::add)), options.build());
    }

    @BeforeEach
    void create() {
        cluster.topic(Logs.ID, 1);
    }

    private void reached(long offset, Optional<Instant> writtenUpTo) {
        subject.progress = Map.of(Logs.partition(0), new PartitionProgress(offset, OptionalLong.empty(), writtenUpTo));
    }

    private List<String> reasons() {
        return watch.troubles().stream().map(Trouble::reason).toList();
    }

    private <E extends TelemetryEvent> List<E> heard(Class<E> kind) {
        return events.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    private PartitionLag measured() {
        watch.runOnce();
        List<LagMeasured> all = heard(LagMeasured.class);
        return all.get(all.size() - 1).partitions().get(Logs.partition(0));
    }

    @Test
    void runOnce_measuresMessagesAndTime() {
        cluster.log(0, 0, 100);
        reached(60, Optional.of(Instant.now().minusSeconds(7)));

        PartitionLag lag = measured();

        assertThat(lag.messages()).isEqualTo(40);
        assertThat(lag.behind())
                .hasValueSatisfying(
                        behind -> assertThat(behind).isBetween(Duration.ofSeconds(7), Duration.ofMinutes(1)));
    }

    @Test
    void runOnce_isNotBehindAtTheEnd() {
        cluster.log(0, 0, 100);
        reached(100, Optional.of(Instant.now().minusSeconds(7)));

        assertThat(measured()).isEqualTo(new PartitionLag(100, 100, Optional.of(Duration.ZERO)));
    }

    @Test
    void runOnce_doesNotKnowTheTimeBeforeAnythingIsWritten() {
        cluster.log(0, 0, 100);
        reached(60, Optional.empty());

        assertThat(measured().behind()).isEmpty();
    }

    @Test
    void runOnce_measuresNothingWhileTheClusterDoesNotAnswer() {
        cluster.fail("listOffsets", new TimeoutException("no"));
        reached(60, Optional.empty());

        watch.runOnce();

        assertThat(events).isEmpty();
        assertThat(watch.troubles())
                .extracting(Trouble::reason)
                .containsExactly("lag: Cannot read the offsets of t-0: no");
    }

    @Test
    void runOnce_measuresThePartitionsThatCanBeAsked() {
        cluster.log(0, 0, 100);
        cluster.log(1, 0, 100);
        reached(60, Optional.empty());
        subject.progress = Map.of(
                Logs.partition(0), new PartitionProgress(60, OptionalLong.empty(), Optional.empty()),
                Logs.partition(1), new PartitionProgress(70, OptionalLong.empty(), Optional.empty()));
        watch.runOnce();
        cluster.damage(1, Optional.of(new LeaderNotAvailableException("no leader")));

        watch.runOnce();

        assertThat(heard(LagMeasured.class).get(1).partitions()).containsOnlyKeys(Logs.partition(0));
        assertThat(watch.troubles())
                .extracting(Trouble::reason)
                .contains("lag: Cannot read the offsets of t-1: no leader");
        cluster.heal();
        watch.runOnce();
        assertThat(watch.troubles()).extracting(Trouble::reason).containsExactly("lag: more than 10 messages behind");
    }

    @Test
    void runOnce_judgesWhatCannotBeAskedByWhatWasKnownLast() {
        cluster.log(0, 0, 100);
        cluster.log(1, 0, 100);
        subject.progress = Map.of(
                Logs.partition(0), new PartitionProgress(100, OptionalLong.empty(), Optional.empty()),
                Logs.partition(1), new PartitionProgress(0, OptionalLong.empty(), Optional.empty()));
        watch.runOnce();
        cluster.damage(1, Optional.of(new LeaderNotAvailableException("no leader")));

        watch.runOnce();

        assertThat(heard(LagAlarm.class)).hasSize(1).allMatch(alarm -> alarm.severity() == Severity.WARNING);
    }

    @Test
    void runOnce_showsWhatAnOpenTransactionHoldsBack() {
        cluster.log(0, 0, 100);
        cluster.holdBack(0, 130);
        reached(100, Optional.of(Instant.now().minusSeconds(7)));

        PartitionLag lag = measured();

        assertThat(lag.messages()).isZero();
        assertThat(lag.heldBack()).isEqualTo(30);
        assertThat(lag.behind())
                .as("as old as what is written")
                .hasValueSatisfying(
                        behind -> assertThat(behind).isBetween(Duration.ofSeconds(7), Duration.ofMinutes(1)));
        assertThat(watch.openTransactions())
                .isEqualTo(Map.of(Logs.partition(0), lag.openTransaction().orElseThrow()));
        assertThat(watch.troubles()).extracting(Trouble::reason).isEmpty();
    }

    @Test
    void runOnce_namesATransactionThatIsOpenForTooLong() {
        cluster.log(0, 0, 100);
        cluster.holdBack(0, 130);
        reached(100, Optional.empty());
        watch.runOnce();
        nanos += Duration.ofMinutes(2).toNanos() + 1;

        watch.runOnce();
        watch.runOnce();

        assertThat(watch.troubles())
                .extracting(Trouble::reason)
                .singleElement()
                .asString()
                .startsWith("open transaction: t-0 cannot be read from offset 100 on since ")
                .contains(
                        ", and 30 messages wait there",
                        "kafka-transactions.sh --bootstrap-server localhost:1 describe-producers --topic t --partition 0",
                        "abort --topic t --partition 0 --start-offset 100");
        assertThat(heard(PartitionStalled.class))
                .singleElement()
                .matches(stalled -> stalled.stall() == Stall.OPEN_TRANSACTION && stalled.offset() == 100);

        cluster.log(0, 0, 131);
        watch.runOnce();

        assertThat(watch.troubles())
                .extracting(Trouble::reason)
                .noneMatch(trouble -> trouble.startsWith("open transaction"));
        assertThat(heard(PartitionResumed.class))
                .containsExactly(new PartitionResumed(Logs.partition(0), Stall.OPEN_TRANSACTION));
    }

    @Test
    void runOnce_doesNotTakeManyTransactionsForOne() {
        reached(0, Optional.empty());
        for (int end = 100; end < 110; end++) {
            cluster.log(0, 0, end);
            cluster.holdBack(0, 130);
            nanos += Duration.ofMinutes(1).toNanos();
            watch.runOnce();
        }

        assertThat(heard(PartitionStalled.class)).isEmpty();
    }

    @Test
    void runOnce_forgetsTheLagWhenThePartitionsAreSomebodyElses() {
        cluster.log(0, 0, 100);
        reached(60, Optional.empty());
        watch.runOnce();
        assertThat(watch.troubles()).extracting(Trouble::reason).containsExactly("lag: more than 10 messages behind");

        subject.progress = Map.of();
        watch.runOnce();
        assertThat(watch.troubles())
                .extracting(Trouble::reason)
                .as("perhaps they come back")
                .hasSize(1);
        watch.runOnce();

        assertThat(watch.troubles()).extracting(Trouble::reason).isEmpty();
        assertThat(heard(LagAlarm.class))
                .extracting(LagAlarm::severity)
                .containsExactly(Severity.WARNING, Severity.NONE);
    }

    @Test
    void troubles_haveNoLagThatHasBeenWrittenSinceTheMeasurement() {
        cluster.log(0, 0, 100);
        reached(60, Optional.empty());
        watch.runOnce();
        reached(89, Optional.empty());
        assertThat(reasons()).containsExactly("lag: more than 10 messages behind");

        reached(90, Optional.empty());

        assertThat(reasons()).isEmpty();
        assertThat(heard(LagAlarm.class)).as("told by the next measurement").hasSize(1);
    }

    @Test
    void troubles_keepTheLagIfTheClientHasSeenMoreSinceTheMeasurement() {
        cluster.log(0, 0, 100);
        reached(60, Optional.empty());
        watch.runOnce();

        subject.progress =
                Map.of(Logs.partition(0), new PartitionProgress(100, OptionalLong.of(11), Optional.of(Instant.now())));

        assertThat(reasons()).containsExactly("lag: more than 10 messages behind");
    }

    @Test
    void troubles_raiseNoLagBeforeItIsMeasured() {
        subject.progress =
                Map.of(Logs.partition(0), new PartitionProgress(0, OptionalLong.of(1_000), Optional.empty()));

        assertThat(reasons()).isEmpty();
    }

    @Test
    void troubles_haveNoInactivityOnceAMessageHasArrived() {
        subject.work = new ActivityAlarm.Work(true, 7, 1, 0);
        watch.runOnce();
        nanos += Duration.ofMinutes(6).toNanos();
        watch.runOnce();
        assertThat(reasons()).containsExactly("inactive: no message for more than 360 s");

        subject.work = new ActivityAlarm.Work(true, 8, 1, 1);

        assertThat(reasons()).isEmpty();
    }

    @Test
    void troubles_areNotStuckOnceABatchIsWritten() {
        subject.work = new ActivityAlarm.Work(true, 7, 1, 5);
        watch.runOnce();
        nanos += Duration.ofMinutes(3).toNanos();
        watch.runOnce();
        assertThat(reasons()).containsExactly("stuck: nothing that was consumed has been written for more than 180 s");

        subject.work = new ActivityAlarm.Work(true, 9, 1, 7);
        assertThat(reasons()).as("more messages are no writing").hasSize(1);
        subject.work = new ActivityAlarm.Work(true, 9, 2, 4);

        assertThat(reasons()).isEmpty();
    }
}
