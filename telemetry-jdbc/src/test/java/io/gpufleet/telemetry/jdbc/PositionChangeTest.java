package io.gpufleet.telemetry.jdbc;

import static io.gpufleet.telemetry.jdbc.Feed.P0;
import static io.gpufleet.telemetry.jdbc.Feed.P1;
import static io.gpufleet.telemetry.jdbc.Feed.TOPIC_ID;
import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.Gap;
import io.gpufleet.telemetry.LogId;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.PositionChange;
import io.gpufleet.telemetry.SinkContext;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryListener;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class PositionChangeTest {
    private static final LogId NEW_LOG = new LogId("a-cluster", new UUID(1, 2));
    private static final Position ZERO = new Position(TOPIC_ID, 0, -1);
    private static final Position TEN = new Position(TOPIC_ID, 10, 3);
    private static final Position NEW_ZERO = new Position(NEW_LOG, 0, -1);

    private Database database;
    private PostgresSink<Heartbeat> sink;

    @BeforeEach
    void open() {
        database = PostgresVersion.POSTGRES_18.database();
        sink = sink();
    }

    @Test
    void change_insertsAPositionWhereNoneIs() {
        assertThat(sink.change(List.of(start(P0, TEN), start(P1, ZERO)))).isEqualTo(Map.of(P0, TEN, P1, ZERO));
        assertThat(sink.positions(List.of(P0, P1))).isEqualTo(Map.of(P0, TEN, P1, ZERO));
    }

    @Test
    void change_returnsWhatSomebodyElseHasStored() {
        sink.change(List.of(start(P0, TEN)));
        assertThat(sink().change(List.of(start(P0, ZERO)))).isEqualTo(Map.of(P0, TEN));
    }

    @Test
    void change_replacesWhatWasExpected() {
        sink.change(List.of(start(P0, TEN)));
        assertThat(sink.change(List.of(replace(P0, TEN, NEW_ZERO)))).isEqualTo(Map.of(P0, NEW_ZERO));
    }

    @Test
    void change_leavesWhatWasNotExpected() {
        sink.change(List.of(start(P0, TEN)));
        assertThat(sink.change(List.of(replace(P0, ZERO, NEW_ZERO)))).isEqualTo(Map.of(P0, TEN));
        assertThat(sink.change(List.of(replace(P0, new Position(NEW_LOG, 10, 3), NEW_ZERO))))
                .isEqualTo(Map.of(P0, TEN));
        assertThat(sink.change(List.of(replace(P1, ZERO, NEW_ZERO)))).isEmpty();
        assertThat(database.count("consumption_gaps")).isZero();
    }

    @Test
    void change_doesNotCompareLeaderEpochs() {
        sink.change(List.of(start(P0, TEN)));
        assertThat(sink.change(List.of(replace(P0, new Position(TOPIC_ID, 10, 8), ZERO))))
                .isEqualTo(Map.of(P0, ZERO));
    }

    @Test
    void change_recordsAGapOnceEvenIfTheMoveIsRepeated() {
        for (int round = 0; round < 2; round++) {
            sink.change(List.of(start(P0, TEN), replace(P0, ZERO, TEN)).subList(round, round + 1));
            sink.change(List.of(replace(P0, TEN, NEW_ZERO)));
            sink.change(List.of(replace(P0, NEW_ZERO, ZERO)));
        }
        assertThat(database.rows("SELECT group_id, topic, partition, reason, from_topic_id, from_offset, to_topic_id,"
                        + " to_offset FROM consumption_gaps WHERE reason = 'topic_replaced' AND from_offset = 10"))
                .containsExactly("g|client-heartbeats|0|topic_replaced|01234567-89ab-cdef-fedc-ba9876543210|10"
                        + "|00000000-0000-0001-0000-000000000002|0");
    }

    @Test
    void change_ofManyAppliesEachByItself() {
        sink.change(List.of(start(P0, TEN), start(P1, TEN)));
        assertThat(sink.change(List.of(replace(P0, TEN, NEW_ZERO), replace(P1, ZERO, NEW_ZERO))))
                .isEqualTo(Map.of(P0, NEW_ZERO, P1, TEN));
    }

    @Test
    void change_byManyAtOnceLetsOneChoose() throws Exception {
        List<SourcePartition> partitions =
                List.of(Feed.partition(0), Feed.partition(1), Feed.partition(2), Feed.partition(3));
        List<Callable<Map<SourcePartition, Position>>> starters = new ArrayList<>();
        for (int starter = 0; starter < 8; starter++) {
            Position own = new Position(TOPIC_ID, starter, -1);
            List<PositionChange> changes = new ArrayList<>(
                    partitions.stream().map(partition -> start(partition, own)).toList());
            Collections.rotate(changes, starter);
            starters.add(() -> sink().change(changes));
        }
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            for (Future<Map<SourcePartition, Position>> seen : threads.invokeAll(starters)) {
                assertThat(seen.get()).isEqualTo(sink.positions(partitions));
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(database.count("consumer_offsets")).isEqualTo(4);
    }

    private PostgresSink<Heartbeat> sink() {
        PostgresSink<Heartbeat> opened = HeartbeatSink.create(database.dataSource());
        opened.open(SinkContext.of("g", TelemetryListener.none()));
        return opened;
    }

    private static PositionChange start(SourcePartition partition, Position position) {
        return new PositionChange(partition, Optional.empty(), position, Optional.empty());
    }

    private static PositionChange replace(SourcePartition partition, Position expected, Position replacement) {
        Gap gap = new Gap(Gap.Reason.TOPIC_REPLACED, expected, replacement);
        return new PositionChange(partition, Optional.of(expected), replacement, Optional.of(gap));
    }
}
