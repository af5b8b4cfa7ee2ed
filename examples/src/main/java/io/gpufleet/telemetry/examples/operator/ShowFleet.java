package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.examples.terminal.Table;
import io.gpufleet.telemetry.examples.terminal.Text;
import io.gpufleet.telemetry.jdbc.query.FleetSummary;
import java.sql.SQLException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows the state of all GPUs. Not thread-safe. */
@Command(
        name = "fleet",
        description = {
            "Shows the state of all GPUs: how many report, their newest readings, and those that are quiet.",
            "Exit code 1 if none reports."
        },
        footer = "A GPU reports if it has a sample in the last two intervals. A reading is over the GPUs that have it;"
                + " a sum of temperatures, shares or clocks says nothing, and is not shown. In JSON, readings have the"
                + " unit of their column in gpu_metrics.%n")
final class ShowFleet implements Callable<Integer> {
    @Option(
            names = "--interval",
            paramLabel = "<time>",
            defaultValue = "30s",
            converter = Span.class,
            description = "The time between two samples of a GPU, as 30s or 1m (default: ${DEFAULT-VALUE}).")
    private Duration interval = Duration.ZERO;

    @Mixin
    private final GpuDatabase database = new GpuDatabase();

    @Mixin
    private final Output output = new Output();

    @Mixin
    private final Watch watch = new Watch();

    @Override
    public Integer call() throws SQLException, InterruptedException {
        return watch.run(output, this::show);
    }

    private int show() {
        FleetSummary fleet = database.queries().fleet(interval);
        Table quiet = GpuTables.gpus("Quiet GPUs, the longest silent first", fleet.quiet());
        output.print(lines(fleet, quiet), json(fleet, quiet));
        if (fleet.gpus() == 0) {
            throw new TelemetryException("No sample of a GPU is stored: gpu-consumer stores them");
        }
        return fleet.reporting() == 0 ? ExitCodes.NOT_SO : ExitCodes.OK;
    }

    private static List<String> lines(FleetSummary fleet, Table quiet) {
        List<String> lines = new ArrayList<>();
        lines.add("Fleet at " + fleet.time().truncatedTo(ChronoUnit.SECONDS) + ": "
                + Text.count(fleet.gpus(), "GPU", "GPUs") + " on " + Text.count(fleet.hosts(), "host", "hosts") + ", "
                + Text.count(fleet.reporting()) + " reporting");
        lines.add("");
        lines.addAll(Output.lines(FleetReadings.table(fleet.readings())));
        lines.add("");
        lines.addAll(Output.lines(quiet));
        long silent = fleet.gpus() - fleet.reporting();
        if (quiet.size() < silent) {
            lines.add(Text.count(quiet.size()) + " of " + Text.count(silent, "quiet GPU", "quiet GPUs"));
        }
        return lines;
    }

    private static Map<String, @Nullable Object> json(FleetSummary fleet, Table quiet) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("time", fleet.time());
        json.put("gpus", fleet.gpus());
        json.put("hosts", fleet.hosts());
        json.put("reporting", fleet.reporting());
        json.put("energy_joules", Reports.value(fleet.energyJoules()));
        json.put("readings", FleetReadings.records(fleet.readings()));
        json.put("quiet", quiet.records());
        return json;
    }
}
