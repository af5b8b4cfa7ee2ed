package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.examples.terminal.Table;
import io.gpufleet.telemetry.examples.terminal.Text;
import io.gpufleet.telemetry.jdbc.query.Cursor;
import io.gpufleet.telemetry.jdbc.query.Page;
import io.gpufleet.telemetry.jdbc.query.QueryTexts;
import io.gpufleet.telemetry.jdbc.query.SampleQuery;
import io.gpufleet.telemetry.jdbc.query.StoredSample;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists the samples of a GPU, page by page. Not thread-safe. */
@Command(
        name = "samples",
        description = {
            "Lists the samples of a GPU, page by page, the newest first.",
            "Under a page, the cursor of the next one is shown; it belongs to the same GPU, metrics, times, instance and"
                    + " order."
        })
final class ListSamples implements Callable<Integer> {
    @Parameters(
            paramLabel = "<gpu>",
            description = "Its UUID, or <device>:<hostname> for the GPU that was there last, as nvidia3:node-17.")
    private String gpu = "";

    @Option(
            names = "--metric",
            paramLabel = "<name>",
            description = "Only this metric, as DCGM_FI_DEV_GPU_TEMP; several times for several ones.")
    private List<String> metrics = List.of();

    @Mixin
    private final Period period = new Period();

    @Option(
            names = "--instance",
            paramLabel = "<part>",
            description = "Only this part of the GPU: gi:7 for a MIG instance, nvlink:3 for a link, and --instance= for"
                    + " the whole GPU.")
    private Optional<String> instance = Optional.empty();

    @Option(
            names = "--order",
            paramLabel = "<order>",
            defaultValue = "newest",
            description = "What comes first: newest or oldest (default: ${DEFAULT-VALUE}).")
    private String order = "";

    @Mixin
    private final RowLimit limit = new RowLimit();

    @Option(names = "--cursor", paramLabel = "<cursor>", description = "Goes on where another page ended.")
    private Optional<String> cursor = Optional.empty();

    @Option(names = "--total", description = "Counts the samples of all pages, too, which reads all of them.")
    private boolean total;

    @Mixin
    private final GpuDatabase database = new GpuDatabase();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() {
        Page<StoredSample> page = database.queries().samples(query());
        Table table = GpuTables.samples("Samples", page.rows());
        List<String> lines = new ArrayList<>(Output.lines(table));
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        page.total().ifPresent(count -> {
            lines.add(Text.count(page.rows().size()) + " of " + Text.count(count, "sample", "samples"));
            json.put("total", count);
        });
        page.next().ifPresent(next -> lines.add("The next page: the same command with --cursor=" + next));
        json.put("next", page.next().map(Cursor::toString).orElse(null));
        json.put("samples", GpuTables.records(table, page.rows()));
        output.print(lines, json);
        return ExitCodes.OK;
    }

    private SampleQuery query() {
        SampleQuery.Builder query =
                SampleQuery.builder(gpu).order(QueryTexts.order(order)).limit(limit.rows());
        metrics.forEach(query::metric);
        period.start().ifPresent(query::from);
        period.end().ifPresent(query::to);
        instance.ifPresent(query::instance);
        cursor.map(Cursor::of).ifPresent(query::cursor);
        if (total) {
            query.withTotal();
        }
        return query.build();
    }
}
