package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.gpufleet.telemetry.Gap;
import io.gpufleet.telemetry.LogId;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.PositionChange;
import io.gpufleet.telemetry.ResetPolicy;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.kafka.internal.TopicAdmin;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownServerException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The topic {@code t} has three partitions, each of which holds the offsets 100 to 199. */
class PositionResolverTest {
    private static final LogId OLD_LOG = new LogId("a-cluster", new UUID(9, 9));

    private final FakeCluster cluster = new FakeCluster();
    private final FakeSink sink = new FakeSink();
    private final TestOptions options = new TestOptions(sink);
    private final List<TelemetryEvent> events = new ArrayList<>();

    @BeforeEach
    void makeTopic() {
        cluster.topic(Logs.ID, 3);
        IntStream.range(0, 4).forEach(number -> cluster.log(number, 100, 200));
    }

    private PositionResolver resolver() {
        return new PositionResolver(options.build(), sink, cluster.topicAdmin(), new Events(List.of(events::add)));
    }

    private Map<SourcePartition, Position> resolve(int... partitions) {
        return resolution(partitions).positions();
    }

    private Resolution resolution(int... partitions) {
        return resolver()
                .resolve(IntStream.of(partitions)
                        .mapToObj(number -> request(number, OptionalLong.empty()))
                        .toList());
    }

    private static PositionRequest request(int partition, OptionalLong truncatedTo) {
        return new PositionRequest(Logs.partition(partition), 1, truncatedTo, truncatedTo.isPresent());
    }

    private static Map<SourcePartition, Position> at(long... offsets) {
        Map<SourcePartition, Position> positions = new HashMap<>();
        for (int number = 0; number < offsets.length; number++) {
            positions.put(Logs.partition(number), Logs.position(offsets[number]));
        }
        return positions;
    }

    private void assertGap(int partition, Gap.Reason reason, Position from, long to) {
        assertThat(events)
                .containsExactly(new TelemetryEvent.GapRecorded(
                        Logs.partition(partition), new Gap(reason, from, Logs.position(to))));
    }

    @Test
    void resolve_beginsAllPartitionsOfATopicAtOnce() {
        assertThat(resolve(1)).isEqualTo(Map.of(Logs.partition(1), Logs.position(100)));

        assertThat(sink.positions).isEqualTo(at(100, 100, 100));
        assertThat(sink.calls).containsExactly("positions", "change");
        assertThat(events).isEmpty();
    }

    @Test
    void resolve_returnsWhatIsStored() {
        sink.positions.putAll(at(150, 160, 170));

        assertThat(resolve(0, 2))
                .isEqualTo(Map.of(Logs.partition(0), Logs.position(150), Logs.partition(2), Logs.position(170)));
        assertThat(sink.changes).isEmpty();
    }

    @Test
    void resolve_recordsWhatTheFirstStartSkips() {
        options.reset = ResetPolicy.LATEST;

        assertThat(resolve(0)).isEqualTo(at(200));

        assertThat(sink.positions).isEqualTo(at(200, 200, 200));
        assertThat(events)
                .hasSize(3)
                .contains(new TelemetryEvent.GapRecorded(
                        Logs.partition(0), new Gap(Gap.Reason.START, Logs.position(100), Logs.position(200))));
    }

    @Test
    void resolve_beginsAPartitionThatWasAddedAtItsBeginning() {
        options.reset = ResetPolicy.LATEST;
        resolve(0, 1, 2);
        events.clear();
        cluster.topic(Logs.ID, 4);

        assertThat(resolve(3)).isEqualTo(Map.of(Logs.partition(3), Logs.position(100)));
        assertThat(events)
                .containsExactly(new TelemetryEvent.GapRecorded(
                        Logs.partition(3), new Gap(Gap.Reason.EXPIRED, Logs.position(0), Logs.position(100))));
    }

    @Test
    void resolve_doesNotBeginPartitionsOfOthersInAKnownTopic() {
        sink.positions.putAll(at(150));

        resolve(1);

        assertThat(sink.positions).isEqualTo(at(150, 100));
    }

    @Test
    void resolve_asksForTheGroupsOffsetsOnlyIfTheyCount() {
        cluster.commit(0, 150);

        assertThat(resolve(0)).isEqualTo(at(100));

        assertThat(cluster.distinctCalls()).doesNotContain("listConsumerGroupOffsets");
    }

    @Test
    void resolve_adoptsTheGroupsOffsetsOnce() {
        options.adoptGroupOffsets = true;
        cluster.commit(0, 150);
        cluster.commit(1, 99);

        assertThat(resolve(0, 1, 2)).isEqualTo(at(150, 100, 100));
        assertGap(0, Gap.Reason.ADOPTED, Logs.position(100), 150);

        cluster.commit(0, 180);
        assertThat(resolve(0)).isEqualTo(at(150));
    }

    @Test
    void resolve_recordsAnAdoptionThatSkipsNothing() {
        options.adoptGroupOffsets = true;
        cluster.commit(0, 100);

        assertThat(resolve(0)).isEqualTo(at(100));
        assertGap(0, Gap.Reason.ADOPTED, Logs.position(100), 100);
    }

    /** A partition that begins later counts as added, and would be read from its beginning. */
    @Test
    void resolve_adoptsATopicWholeOrNotYet() {
        options.adoptGroupOffsets = true;
        cluster.commit(0, 150);
        cluster.commit(1, 160);
        cluster.leaderless.add(1);

        assertThatExceptionOfType(TopicAdmin.ClusterException.class)
                .isThrownBy(() -> resolve(0))
                .matches(TopicAdmin::isRetriable, "retriable")
                .withMessageContaining("t-1");
        assertThat(sink.positions).isEmpty();

        cluster.heal();
        assertThat(resolve(0, 1, 2)).isEqualTo(at(150, 160, 100));
    }

    /** The state after a failover to a copy of the database that has neither the rows nor the positions. */
    @Test
    void resolve_doesNotAdoptWhatItHasCommittedItself() {
        options.adoptGroupOffsets = true;
        cluster.commit(0, 150, Logs.ID);
        cluster.commit(1, 150, new LogId("another-cluster", new UUID(3, 4)));

        assertThat(resolve(0, 1, 2)).isEqualTo(at(100, 100, 100));
        assertThat(events).isEmpty();
    }

    @Test
    void resolve_doesNotAdoptForAPartitionThatWasAdded() {
        options.adoptGroupOffsets = true;
        sink.positions.putAll(at(150, 150));
        cluster.commit(2, 180);

        assertThat(resolve(2)).isEqualTo(Map.of(Logs.partition(2), Logs.position(100)));
    }

    @Test
    void resolve_doesNotAdoptForARecreatedTopic() {
        options.adoptGroupOffsets = true;
        sink.positions.put(Logs.partition(0), new Position(OLD_LOG, 150, -1));
        cluster.commit(1, 180);

        assertThat(resolve(1)).isEqualTo(Map.of(Logs.partition(1), Logs.position(100)));
    }

    @Test
    void resolve_movesWhatHasExpired() {
        sink.positions.putAll(at(40, 150, 150));

        assertThat(resolve(0, 1)).isEqualTo(at(100, 150));

        assertGap(0, Gap.Reason.EXPIRED, Logs.position(40), 100);
        assertThat(sink.changes).extracting(PositionChange::gap).allMatch(gap -> gap.isPresent());
    }

    @Test
    void resolve_movesWhatWasTruncated() {
        sink.positions.putAll(at(150, 150, 150));

        assertThat(resolver()
                        .resolve(List.of(request(0, OptionalLong.of(120)), request(1, OptionalLong.empty())))
                        .positions())
                .isEqualTo(at(120, 150));

        assertGap(0, Gap.Reason.TRUNCATED, Logs.position(150), 120);
    }

    @Test
    void resolve_movesToALogThatWasMadeAnew() {
        sink.positions.putAll(at(150, 150, 150));
        sink.positions.replaceAll((partition, position) -> new Position(OLD_LOG, 150, -1));

        assertThat(resolve(0)).isEqualTo(at(100));

        assertGap(0, Gap.Reason.TOPIC_REPLACED, new Position(OLD_LOG, 150, -1), 100);
    }

    @Test
    void resolve_leavesOutWhatDoesNotExist() {
        assertThat(resolve(0, 7)).isEqualTo(at(100));

        cluster.dropTopic();
        assertThat(resolve(0)).isEmpty();
    }

    @Test
    void resolve_takesThePositionOfWhoeverWasFirst() {
        options.reset = ResetPolicy.LATEST;
        PositionResolver resolver = resolver();
        cluster.beforeAnswer = () -> {
            if (sink.calls.contains("positions")) {
                sink.positions.putIfAbsent(Logs.partition(0), Logs.position(130));
            }
        };

        assertThat(resolver.resolve(List.of(request(0, OptionalLong.empty()))).positions())
                .isEqualTo(at(130));

        assertThat(events)
                .extracting(event -> ((TelemetryEvent.GapRecorded) event).partition())
                .containsExactlyInAnyOrder(Logs.partition(1), Logs.partition(2));
    }

    @Test
    void resolve_leavesPositionsThatNeverRestForLater() {
        sink.positions.putAll(at(40, 40, 40));
        FakeSink restless = sink;
        cluster.beforeAnswer = () ->
                restless.positions.replaceAll((partition, position) -> Logs.position((position.nextOffset() + 7) % 90));

        assertThat(resolve(0)).isEmpty();
    }

    @Test
    void resolve_doesNotRewindALogThatIsNewerThanWhatItKnows() {
        Position newer = new Position(new LogId("a-cluster", new UUID(9, 9)), 150, -1);
        sink.positions.put(Logs.partition(0), newer);
        cluster.topic(Logs.ID, 1);
        cluster.beforeAnswer = () -> {
            if (Collections.frequency(cluster.calls, "describeTopics") > 1) {
                cluster.topic(newer.log(), 1);
            }
        };

        assertThat(resolve(0)).isEmpty();
        assertThat(sink.calls).containsExactly("positions");
        assertThat(resolve(0)).isEqualTo(Map.of(Logs.partition(0), newer));
        assertThat(events).isEmpty();
    }

    @Test
    void resolve_ofAPartitionWithoutALeaderHoldsUpNoOther() {
        cluster.leaderless.add(1);

        Resolution resolution = resolution(0, 1, 2);

        assertThat(resolution.positions())
                .isEqualTo(Map.of(Logs.partition(0), Logs.position(100), Logs.partition(2), Logs.position(100)));
        assertThat(resolution.reasons())
                .containsExactly("Cannot read the offsets of t-1: it has no leader: the brokers that hold it are down");

        cluster.heal();
        assertThat(resolve(1)).isEqualTo(Map.of(Logs.partition(1), Logs.position(100)));
    }

    @Test
    void resolve_ofAPartitionThatIsRefusedHoldsUpNoOther() {
        sink.positions.putAll(at(150, 150, 150));
        cluster.damage(1, Optional.of(new UnknownServerException("disk")));

        Resolution resolution = resolution(0, 1);

        assertThat(resolution.positions()).isEqualTo(at(150));
        assertThat(resolution.reasons()).containsExactly("Cannot read the offsets of t-1: disk");
    }

    @Test
    void resolve_ofAPartitionThatDoesNotAnswerHoldsUpNoOther() {
        cluster.damage(0, Optional.empty());

        Resolution resolution = resolution(0, 1);

        assertThat(resolution.positions()).isEqualTo(Map.of(Logs.partition(1), Logs.position(100)));
        assertThat(resolution.reasons()).containsExactly("Cannot read the offsets of t-0: no answer within 50 ms");
    }

    @Test
    void resolve_doesNotNameWhatNobodyAskedFor() {
        cluster.leaderless.add(2);

        assertThat(resolution(0).reasons()).isEmpty();
    }

    @Test
    void resolve_ofATopicThatIsRefusedLaterWaitsForIt() {
        PositionResolver resolver = resolver();
        List<PositionRequest> requests = List.of(request(0, OptionalLong.empty()));
        resolver.resolve(requests);
        cluster.fail("describeTopics", new TopicAuthorizationException("not allowed"));

        assertThat(resolver.resolve(requests).reasons()).containsExactly("Cannot describe topic t: not allowed");
        assertThatExceptionOfType(TopicAdmin.ClusterException.class).isThrownBy(() -> resolve(0));
    }

    @Test
    void resolve_ofAClusterThatRefusesTheLoginFails() {
        PositionResolver resolver = resolver();
        List<PositionRequest> requests = List.of(request(0, OptionalLong.empty()));
        resolver.resolve(requests);
        cluster.fail("listOffsets", new SaslAuthenticationException("wrong"));

        assertThatExceptionOfType(TopicAdmin.ClusterException.class).isThrownBy(() -> resolver.resolve(requests));
    }

    private static RestingPosition resting(int partition, long offset) {
        return new RestingPosition(Logs.generation(partition), offset);
    }

    @Test
    void moved_isWhatIsStoredElsewhereOrNotAtAll() {
        sink.positions.put(Logs.partition(0), new Position(Logs.ID, 150, 7));
        sink.positions.put(Logs.partition(1), Logs.position(149));
        sink.positions.put(Logs.partition(2), new Position(new LogId("a-cluster", new UUID(9, 9)), 150, -1));

        assertThat(resolver().moved(List.of(resting(0, 150), resting(1, 150), resting(2, 150), resting(3, 150))))
                .extracting(RestingPosition::partition)
                .containsExactly(Logs.partition(1), Logs.partition(2), Logs.partition(3));
    }

    @Test
    void moved_isLoggedByOffset_andByTopicIfThatIsAnother() {
        sink.positions.put(Logs.partition(1), Logs.position(149));
        sink.positions.put(Logs.partition(2), new Position(new LogId("a-cluster", new UUID(0, 9)), 7, -1));
        try (CapturedLog log = CapturedLog.ofAll(PositionResolver.class)) {
            resolver().moved(List.of(resting(1, 150), resting(2, 150), resting(3, 150)));

            assertThat(log.lines())
                    .containsExactly(
                            "INFO t-1: stored position moved by another client from offset 150 to offset 149",
                            "INFO t-2: stored position moved by another client from offset 150 to offset 7 of topic "
                                    + new LogId("a-cluster", new UUID(0, 9)),
                            "INFO t-3: stored position moved by another client from offset 150 to none");
        }
    }

    @Test
    void moved_ofNothingTroublesNobody() {
        assertThat(resolver().moved(List.of())).isEmpty();

        assertThat(sink.calls).isEmpty();
    }

    @Test
    void moved_ofAPlainSinkIsNothing() {
        Target<String> target = Target.plain(batch -> {}, letters -> {});
        TopicAdmin admin = cluster.topicAdmin();
        PositionResolver resolver = new PositionResolver(
                new TestOptions(target).build(), target.in(admin), admin, new Events(List.of(events::add)));

        assertThat(resolver.moved(List.of(resting(0, 150)))).isEmpty();
    }

    @Test
    void resolve_stopsWithoutAPolicy() {
        options.reset = ResetPolicy.NONE;

        assertThatExceptionOfType(TelemetryException.class)
                .isThrownBy(() -> resolve(0))
                .withMessageContaining("has no stored position, and the reset policy is NONE");
        assertThat(sink.positions).isEmpty();
    }

    @Test
    void inspect_refusesTimestampsOfTheBroker() {
        cluster.withLogAppendTime.add(Logs.TOPIC);

        assertThatExceptionOfType(TelemetryException.class)
                .isThrownBy(() -> resolve(0))
                .withMessage("Topic t has message.timestamp.type=LogAppendTime, which replaces the producers'"
                        + " timestamps: set it to CreateTime, or give the consumer an eventTime(…) that reads the"
                        + " time from the value");
    }

    @Test
    void inspect_allowsThemIfTheTimeIsReadElsewhere() {
        options.eventTime = (value, source) -> source.timestamp();
        cluster.withLogAppendTime.add(Logs.TOPIC);

        assertThat(resolve(0)).isEqualTo(at(100));
    }

    @Test
    void inspect_looksAgainWhenTheClusterDidNotAnswer() {
        cluster.withLogAppendTime.add(Logs.TOPIC);
        PositionResolver resolver = resolver();
        List<PositionRequest> requests = List.of(request(0, OptionalLong.empty()));
        cluster.fail("describeConfigs", new TimeoutException("busy"));
        Resolution unknown = resolver.resolve(requests);
        assertThat(unknown.positions()).isEmpty();
        assertThat(unknown.reasons()).containsExactly("Cannot read the settings of topic t: busy");
        cluster.heal();

        assertThatExceptionOfType(TelemetryException.class)
                .isThrownBy(() -> resolver.resolve(requests))
                .withMessageContaining("LogAppendTime");
    }
}
