package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.examples.terminal.Column;
import io.gpufleet.telemetry.examples.terminal.Table;
import io.gpufleet.telemetry.jdbc.query.XidEvent;
import io.gpufleet.telemetry.jdbc.query.XidQuery;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Lists Xid events. Not thread-safe. */
@Command(
        name = "xids",
        description = "Lists Xid events, the newest first: each change of the last Xid of a GPU to another one.")
final class ListXids implements Callable<Integer> {
    @Parameters(
            arity = "0..1",
            paramLabel = "<gpu>",
            description = "Its UUID, or <device>:<hostname> for the GPU that was there last; without it, all GPUs.")
    private Optional<String> gpu = Optional.empty();

    @Mixin
    private final Period period = new Period();

    @Mixin
    private final RowLimit limit = new RowLimit();

    @Mixin
    private final GpuDatabase database = new GpuDatabase();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() {
        List<XidEvent> events = database.queries().xidEvents(query());
        Table table = new Table(
                "Xid events",
                List.of(
                        Column.instant("time"),
                        Column.text("uuid"),
                        Column.number("xid"),
                        Column.text("instance").dispensable(1),
                        Column.text("hostname")));
        events.forEach(event ->
                table.add(List.of(event.time(), event.uuid(), event.xid(), event.instance(), event.hostname())));
        List<String> lines = new ArrayList<>(Output.lines(table));
        if (events.size() == limit.rows()) {
            lines.add("There may be more: --limit and --end-time show them");
        }
        output.print(lines, table.records());
        return ExitCodes.OK;
    }

    private XidQuery query() {
        XidQuery.Builder query = gpu.map(XidQuery::ofGpu).orElseGet(XidQuery::ofAllGpus);
        period.start().ifPresent(query::from);
        period.end().ifPresent(query::to);
        return query.limit(limit.rows()).build();
    }
}
