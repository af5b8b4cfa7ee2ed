package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.examples.terminal.Column;
import io.gpufleet.telemetry.examples.terminal.Table;
import io.gpufleet.telemetry.examples.terminal.Text;
import io.gpufleet.telemetry.jdbc.gpu.GpuSampleInvariant;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatInvariant;
import java.util.ArrayList;
import java.util.List;

/**
 * The result of one check.
 *
 * @param of the checked tables
 * @param differences the number of values that differ
 * @param first the first of them
 */
record InvariantCheck(Capability of, long differences, Table first) {

    static InvariantCheck of(HeartbeatInvariant.Result result) {
        Table first =
                table(result.differences(), result.first().size(), List.of(Column.text("client"), Column.text("day")));
        result.first()
                .forEach(difference -> first.add(List.of(
                        difference.clientId().toString(),
                        difference.date().toString(),
                        difference.column(),
                        difference.stored(),
                        difference.expected())));
        return new InvariantCheck(Capability.HEARTBEATS, result.differences(), first);
    }

    static InvariantCheck of(GpuSampleInvariant.Result result) {
        Table first = table(result.differences(), result.first().size(), List.of(Column.text("gpu")));
        result.first()
                .forEach(difference -> first.add(List.of(
                        difference.subject(), difference.column(), difference.stored(), difference.expected())));
        return new InvariantCheck(Capability.GPU_SAMPLES, result.differences(), first);
    }

    private static Table table(long differences, int named, List<Column> subject) {
        String title = "Invariant does not hold: " + Text.count(differences, "value differs", "values differ");
        List<Column> columns = new ArrayList<>(subject);
        columns.addAll(List.of(Column.text("column"), Column.text("stored"), Column.text("expected")));
        return new Table(named < differences ? title + ", of which these are the first" : title, columns);
    }

    boolean holds() {
        return differences == 0;
    }
}
