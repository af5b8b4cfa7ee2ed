package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.examples.terminal.Table;
import io.gpufleet.telemetry.examples.terminal.Text;
import io.gpufleet.telemetry.jdbc.query.GpuFilter;
import io.gpufleet.telemetry.jdbc.query.Page;
import io.gpufleet.telemetry.jdbc.query.QueryTexts;
import io.gpufleet.telemetry.jdbc.query.StoredGpu;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists GPUs. Not thread-safe. */
@Command(
        name = "gpus",
        description = "Lists the GPUs that samples are stored of, by host, each where its newest sample saw it.")
final class ListGpus implements Callable<Integer> {
    @Option(names = "--host", paramLabel = "<name>", description = "Only of this host.")
    private Optional<String> host = Optional.empty();

    @Option(
            names = "--namespace",
            paramLabel = "<name>",
            description = "Only those whose newest workload is in this namespace.")
    private Optional<String> namespace = Optional.empty();

    @Option(names = "--model", paramLabel = "<name>", description = "Only of this model, as it is stored.")
    private Optional<String> model = Optional.empty();

    @Option(
            names = "--seen-since",
            paramLabel = "<time>",
            description = "Only those with a sample at this time or later, as 2026-01-31T12:00:00Z.")
    private Optional<Instant> seenSince = Optional.empty();

    @Mixin
    private final RowLimit limit = new RowLimit();

    @Option(
            names = "--offset",
            paramLabel = "<n>",
            defaultValue = "0",
            description = "The number of GPUs to leave out (default: ${DEFAULT-VALUE}).")
    private String offset = "";

    @Mixin
    private final GpuDatabase database = new GpuDatabase();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() {
        long left = QueryTexts.offset(offset);
        Page<StoredGpu> page = database.queries().gpus(filter(left));
        long total = page.total().orElseThrow();
        Table table = GpuTables.gpus("GPUs", page.rows());
        List<String> lines = new ArrayList<>(Output.lines(table));
        long shown = left + page.rows().size();
        if (page.rows().size() < total) {
            lines.add(Text.count(page.rows().size()) + " of " + Text.count(total, "GPU", "GPUs")
                    + (shown < total ? "; the next ones: --offset=" + shown : ""));
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("total", total);
        json.put("gpus", table.records());
        output.print(lines, json);
        return ExitCodes.OK;
    }

    private GpuFilter filter(long left) {
        GpuFilter.Builder filter = GpuFilter.builder().limit(limit.rows()).offset(left);
        host.ifPresent(filter::host);
        namespace.ifPresent(filter::namespace);
        model.ifPresent(filter::model);
        seenSince.ifPresent(filter::seenSince);
        return filter.build();
    }
}
