package io.gpufleet.telemetry.integration.faults;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.Gap;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.PositionChange;
import io.gpufleet.telemetry.SinkContext;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryListener;
import io.gpufleet.telemetry.TransactionalSink;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/** The same move as {@code operator offsets reset --to-offset}. Immutable. */
final class PositionMove {
    private final TransactionalSink<Object> positions;

    private PositionMove(TransactionalSink<Object> positions) {
        this.positions = positions;
    }

    static PositionMove of(DataSource database, String group) {
        PostgresSink<Object> sink = PostgresSink.builder(database).build();
        sink.open(SinkContext.of(group, TelemetryListener.none()));
        return new PositionMove(sink);
    }

    /** Moves the position of a partition forward, and records the gap. */
    void move(SourcePartition partition, long from, long to) {
        Position stored = requireNonNull(positions.positions(List.of(partition)).get(partition), "position");
        assertThat(stored.nextOffset()).as("position of %s", partition).isEqualTo(from);
        Position wanted = new Position(stored.log(), to, -1);
        Optional<Gap> gap = Optional.of(new Gap(Gap.Reason.RESET, stored, wanted));
        assertThat(positions.change(List.of(new PositionChange(partition, Optional.of(stored), wanted, gap))))
                .containsEntry(partition, wanted);
    }
}
