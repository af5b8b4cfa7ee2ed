package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.AlarmPolicy;
import io.gpufleet.telemetry.PartitionLag;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.TelemetryEvent.LagAlarm;
import io.gpufleet.telemetry.TelemetryEvent.LagMeasured;
import io.gpufleet.telemetry.TelemetryEvent.Severity;
import io.gpufleet.telemetry.kafka.ConsumerSnapshot.PartitionProgress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LagWatchTest {
    private final FakeCluster cluster = new FakeCluster();
    private final List<TelemetryEvent> events = new ArrayList<>();
    private final FakeSubject subject = new FakeSubject();
    private final LagWatch watch = watch();

    private static final class FakeSubject implements LagWatch.Subject {
        private Map<SourcePartition, PartitionProgress> progress = Map.of();

        @Override
        public Map<SourcePartition, PartitionProgress> progress() {
            return progress;
        }

        @Override
        public ActivityAlarm.Work work() {
            return new ActivityAlarm.Work(false, 0, 0, 0);
        }

        @Override
        public Duration linger() {
            return Duration.ZERO;
        }
    }

    private LagWatch watch() {
        TestOptions options = new TestOptions(new FakeSink());
        options.alarms = AlarmPolicy.builder().lagWarning(10).build();
        return new LagWatch(subject, cluster.topicAdmin(), new Events(List.of(events::add)), options.build());
    }

    @BeforeEach
    void create() {
        cluster.topic(Logs.ID, 1);
    }

    private void reached(long offset, Optional<Instant> writtenUpTo) {
        subject.progress = Map.of(Logs.partition(0), new PartitionProgress(offset, OptionalLong.empty(), writtenUpTo));
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
    }

    @Test
    void runOnce_forgetsTheLagWhenThePartitionsAreSomebodyElses() {
        cluster.log(0, 0, 100);
        reached(60, Optional.empty());
        watch.runOnce();
        assertThat(watch.troubles()).containsExactly("lag: more than 10 messages behind");

        subject.progress = Map.of();
        watch.runOnce();
        assertThat(watch.troubles()).as("perhaps they come back").hasSize(1);
        watch.runOnce();

        assertThat(watch.troubles()).isEmpty();
        assertThat(heard(LagAlarm.class))
                .extracting(LagAlarm::severity)
                .containsExactly(Severity.WARNING, Severity.NONE);
    }
}
