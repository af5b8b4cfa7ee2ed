package io.gpufleet.telemetry.examples.operator;

import static java.util.stream.Collectors.joining;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.examples.options.DatabaseOptions;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Recomputes the statistics of heartbeats and the GPUs of samples, and compares. Not thread-safe. */
@Command(
        name = "invariant",
        description = {
            "Recomputes the daily statistics of machines from the stored heartbeats, and the times and places of GPUs"
                    + " from the stored samples, and lists the differences. Wide rows are not compared.",
            "It may run while consumers write. Exit code 1 if the invariant does not hold."
        })
final class CheckInvariant implements Callable<Integer> {
    private static final String WIDE_ONLY =
            "GPU samples are not checked: only wide rows are stored (gpu_metrics), and no samples to compare with";

    @Mixin
    private final DatabaseOptions database = new DatabaseOptions();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() throws SQLException {
        Tables tables = new Tables(database);
        Set<Capability> installed = tables.installed();
        boolean samples = installed.contains(Capability.GPU_SAMPLES);
        boolean wideOnly = samples && tables.hasWideRowsOnly();
        List<InvariantCheck> checks = new ArrayList<>();
        if (installed.contains(Capability.HEARTBEATS) || !samples) {
            checks.add(InvariantCheck.of(tables.checkInvariant()));
        }
        if (samples && !wideOnly) {
            checks.add(InvariantCheck.of(tables.checkGpuInvariant()));
        }
        if (checks.isEmpty()) {
            throw new TelemetryException(WIDE_ONLY);
        }
        print(checks, wideOnly ? List.of(WIDE_ONLY) : List.of());
        return holds(checks) ? ExitCodes.OK : ExitCodes.NOT_SO;
    }

    private static boolean holds(List<InvariantCheck> checks) {
        return checks.stream().allMatch(InvariantCheck::holds);
    }

    private void print(List<InvariantCheck> checks, List<String> notes) {
        List<String> lines = new ArrayList<>();
        checks.stream().filter(check -> !check.holds()).forEach(check -> lines.addAll(Output.lines(check.first())));
        if (holds(checks)) {
            lines.add("Invariant holds: "
                    + checks.stream().map(check -> check.of().toString()).collect(joining(", ")));
        }
        lines.addAll(notes);
        output.print(lines, fields(checks));
    }

    private static Map<String, Object> fields(List<InvariantCheck> checks) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("holds", holds(checks));
        fields.put(
                "differences",
                checks.stream().mapToLong(InvariantCheck::differences).sum());
        fields.put(
                "first",
                checks.stream()
                        .flatMap(check -> check.first().records().stream())
                        .toList());
        fields.put("checked", checks.stream().map(check -> check.of().field()).toList());
        return fields;
    }
}
