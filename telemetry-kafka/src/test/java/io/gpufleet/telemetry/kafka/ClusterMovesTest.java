package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.gpufleet.telemetry.Gap;
import io.gpufleet.telemetry.LogId;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.PositionChange;
import io.gpufleet.telemetry.ResetPolicy;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The topic {@code t} has two partitions in this cluster, each of which holds the offsets 100 to 199. */
class ClusterMovesTest {
    private static final LogId ELSEWHERE = new LogId("another-cluster", new UUID(3, 4));
    private static final Instant NEWEST = Instant.parse("2026-01-31T12:00:00Z");

    private final FakeCluster cluster = new FakeCluster();
    private final FakeSink sink = new FakeSink();
    private final TestOptions options = new TestOptions(sink);

    @BeforeEach
    void makeTopic() {
        cluster.topic(Logs.ID, 2);
        IntStream.range(0, 2).forEach(number -> cluster.log(number, 100, 200));
        IntStream.range(0, 2).forEach(number -> store(number, 5_000 + number));
        options.clusterMove = Optional.of(new ClusterMove(ELSEWHERE.clusterId(), Duration.ofMinutes(10)));
    }

    private void store(int partition, long offset) {
        sink.positions.put(Logs.partition(partition), new Position(ELSEWHERE, offset, 3));
    }

    private PositionResolver resolver() {
        return new PositionResolver(options.build(), sink, cluster.topicAdmin(), new Events(List.of()));
    }

    private Map<SourcePartition, Position> resolve() {
        return resolver()
                .resolve(IntStream.range(0, 2)
                        .mapToObj(ClusterMovesTest::request)
                        .toList())
                .positions();
    }

    private static PositionRequest request(int partition) {
        return new PositionRequest(Logs.partition(partition), 1, OptionalLong.empty(), false);
    }

    private void assertStarts(long first, long second) {
        assertThat(resolve())
                .isEqualTo(Map.of(
                        Logs.partition(0), Logs.position(first),
                        Logs.partition(1), Logs.position(second)));
    }

    @Test
    void positionsOfAnotherCluster_areRefused() {
        options.clusterMove = Optional.empty();

        assertThatExceptionOfType(TelemetryException.class)
                .isThrownBy(() -> resolver().refuseOtherClusters())
                .withMessageContaining("another-cluster")
                .withMessageContaining("a-cluster")
                .withMessageContaining("moveCluster(\"another-cluster\")");
        assertThatExceptionOfType(TelemetryException.class).isThrownBy(this::resolve);
        assertThat(sink.changes).isEmpty();
    }

    @Test
    void positionsOfAClusterThatIsNotNamed_areRefused() {
        options.clusterMove = Optional.of(new ClusterMove("a-third-cluster", Duration.ZERO));

        assertThatExceptionOfType(TelemetryException.class)
                .isThrownBy(this::resolve)
                .withMessageContaining("another-cluster");
    }

    @Test
    void aMove_beginsByTimeLessTheMargin() {
        sink.newest.put(Logs.partition(0), NEWEST);
        sink.newest.put(Logs.partition(1), NEWEST.plusSeconds(60));
        cluster.firstSince(0, NEWEST.minusSeconds(600), 130);
        cluster.firstSince(1, NEWEST.minusSeconds(540), 140);

        assertStarts(130, 140);

        assertThat(sink.changes)
                .extracting(PositionChange::gap)
                .contains(Optional.of(
                        new Gap(Gap.Reason.CLUSTER_MOVED, new Position(ELSEWHERE, 5_000, 3), Logs.position(130))));
    }

    @Test
    void aMove_beginsAtTheEndOfALogThatHoldsOlderRecordsOnly() {
        sink.newest.put(Logs.partition(0), NEWEST);
        sink.newest.put(Logs.partition(1), NEWEST);

        assertStarts(200, 200);
    }

    @Test
    void aMove_beginsAtTheBeginningWhereTheTimeIsNotKnown() {
        sink.newest.put(Logs.partition(1), NEWEST);
        options.reset = ResetPolicy.LATEST;

        assertStarts(100, 200);
    }

    @Test
    void aMove_toMorePartitionsGoesByThePartitionThatIsMostBehind() {
        cluster.topic(Logs.ID, 3);
        cluster.log(2, 100, 200);
        options.reset = ResetPolicy.LATEST;
        sink.newest.put(Logs.partition(0), NEWEST);
        sink.newest.put(Logs.partition(1), NEWEST.minusSeconds(60));
        cluster.firstSince(0, NEWEST.minusSeconds(660), 120);
        cluster.firstSince(1, NEWEST.minusSeconds(660), 140);

        assertStarts(120, 140);
        assertThat(resolver().resolve(List.of(request(2))).positions())
                .isEqualTo(Map.of(Logs.partition(2), Logs.position(100)));
    }

    @Test
    void aMove_toFewerPartitionsBeginsAtTheBeginning() {
        store(2, 7);
        IntStream.range(0, 3).forEach(number -> sink.newest.put(Logs.partition(number), NEWEST));

        assertStarts(100, 100);
    }

    @Test
    void aMove_happensOnce() {
        resolve();
        sink.positions.replaceAll((partition, position) -> Logs.position(170));
        sink.changes.clear();

        assertStarts(170, 170);
        assertThat(sink.changes).isEmpty();
    }
}
