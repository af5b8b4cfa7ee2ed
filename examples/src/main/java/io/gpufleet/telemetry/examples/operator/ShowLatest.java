package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.examples.terminal.Table;
import io.gpufleet.telemetry.jdbc.query.LatestQuery;
import io.gpufleet.telemetry.jdbc.query.StoredSample;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows the newest samples. Not thread-safe. */
@Command(
        name = "latest",
        description = "Shows the newest samples: of all metrics of a GPU, or with --metric of some, also of all GPUs.")
final class ShowLatest implements Callable<Integer> {
    @Parameters(
            arity = "0..1",
            paramLabel = "<gpu>",
            description = "Its UUID, or <device>:<hostname> for the GPU that was there last; without it, all GPUs.")
    private Optional<String> gpu = Optional.empty();

    @Option(
            names = "--metric",
            paramLabel = "<name>",
            description = "Only this metric, as DCGM_FI_DEV_GPU_TEMP; several times for several ones.")
    private List<String> metrics = List.of();

    @Option(
            names = "--max-age",
            paramLabel = "<time>",
            defaultValue = "1h",
            converter = Span.class,
            description = "The oldest samples, as 90s, 30m or 2d (default: ${DEFAULT-VALUE}).")
    private Duration maxAge = Duration.ZERO;

    @Mixin
    private final GpuDatabase database = new GpuDatabase();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() {
        List<StoredSample> samples = database.queries().latest(query());
        Table table = GpuTables.samples("Newest samples", samples);
        output.print(Output.lines(table), GpuTables.records(table, samples));
        return ExitCodes.OK;
    }

    private LatestQuery query() {
        LatestQuery.Builder query = gpu.map(LatestQuery::ofGpu).orElseGet(this::ofAllGpus);
        metrics.stream().skip(gpu.isPresent() ? 0 : 1).forEach(query::metric);
        return query.maxAge(maxAge).build();
    }

    private LatestQuery.Builder ofAllGpus() {
        if (metrics.isEmpty()) {
            throw new IllegalArgumentException("--metric: is needed without a GPU, as --metric DCGM_FI_DEV_GPU_TEMP");
        }
        return LatestQuery.ofAllGpus(metrics.get(0));
    }
}
