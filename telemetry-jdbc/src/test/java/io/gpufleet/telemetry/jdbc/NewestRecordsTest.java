package io.gpufleet.telemetry.jdbc;

import static io.gpufleet.telemetry.jdbc.Feed.P0;
import static io.gpufleet.telemetry.jdbc.Feed.P1;
import static io.gpufleet.telemetry.jdbc.Feed.TOPIC_ID;
import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.LogId;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.PositionChange;
import io.gpufleet.telemetry.SinkContext;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.TelemetryListener;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The newest time of the records before a position. */
final class NewestRecordsTest {
    private static final Instant NOON = Instant.parse("2026-01-31T12:00:00Z");
    private static final LogId OTHER_CLUSTER = new LogId("another-cluster", new UUID(7, 7));

    private PostgresSink<Object> sink;

    @BeforeEach
    void open() {
        sink = PostgresSink.builder(PostgresVersion.POSTGRES_18.database().dataSource())
                .build();
        sink.open(SinkContext.of("g", TelemetryListener.none()));
        List.of(P0, P1).forEach(partition -> change(partition, Optional.empty(), new Position(TOPIC_ID, 0, -1)));
    }

    private void change(SourcePartition partition, Optional<Position> expected, Position replacement) {
        sink.change(List.of(new PositionChange(partition, expected, replacement, Optional.empty())));
    }

    /** Writes records with these times, starting at an offset. */
    private void write(SourcePartition partition, long from, long... millis) {
        Batch.Builder<Object> batch = Batch.builder().open(partition, TOPIC_ID, from);
        for (int i = 0; i < millis.length; i++) {
            SourceRecord record = SourceRecord.builder(partition, from + i)
                    .timestampMillis(millis[i])
                    .build();
            batch.add(new DeadLetter(record, DeadLetter.Stage.DECODE, List.of("any")));
        }
        sink.write(batch.build());
    }

    private Map<SourcePartition, Instant> newest() {
        return sink.newestRecords(List.of(P0, P1));
    }

    @Test
    void newestRecords_areTheLargestTimes() {
        write(P0, 0, NOON.toEpochMilli(), NOON.toEpochMilli() + 5, NOON.toEpochMilli() + 1);
        assertThat(newest()).isEqualTo(Map.of(P0, NOON.plusMillis(5)));

        write(P0, 3, NOON.toEpochMilli() - 1_000);
        assertThat(newest()).isEqualTo(Map.of(P0, NOON.plusMillis(5)));
    }

    @Test
    void newestRecords_areNotKnownWithoutATime() {
        write(P0, 0, SourceRecord.NO_TIMESTAMP, -5_000);
        sink.write(Batch.builder().open(P1, TOPIC_ID, 0).advance(P1, 7, 1).build());

        assertThat(newest()).isEmpty();
    }

    /** A single clock that is ahead must not make a group skip the records of others. */
    @Test
    void newestRecords_areAtMostNow() {
        write(P0, 0, NOON.toEpochMilli());
        write(P0, 1, Long.MAX_VALUE);

        assertThat(newest().get(P0)).isAfter(NOON).isBefore(Instant.now().plusSeconds(60));
    }

    /** Records before the new position may be older than all consumed ones. */
    @Test
    void newestRecords_areNotKnownBehindAMoveBack() {
        write(P0, 0, NOON.toEpochMilli(), NOON.toEpochMilli());

        change(P0, Optional.of(new Position(TOPIC_ID, 2, -1)), new Position(TOPIC_ID, 1, -1));

        assertThat(newest()).isEmpty();
    }

    @Test
    void newestRecords_areThoseOfOneLog() {
        write(P0, 0, NOON.toEpochMilli());
        change(P0, Optional.of(new Position(TOPIC_ID, 1, -1)), new Position(TOPIC_ID, 5, -1));
        assertThat(newest()).containsKey(P0);

        change(P0, Optional.of(new Position(TOPIC_ID, 5, -1)), new Position(OTHER_CLUSTER, 9, -1));
        assertThat(newest()).isEmpty();
        assertThat(sink.positions(List.of(P0))).containsEntry(P0, new Position(OTHER_CLUSTER, 9, -1));
    }
}
