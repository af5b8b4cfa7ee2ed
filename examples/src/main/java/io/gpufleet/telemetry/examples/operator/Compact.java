package io.gpufleet.telemetry.examples.operator;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.examples.options.AtSignal;
import io.gpufleet.telemetry.examples.options.DatabaseOptions;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.examples.terminal.Column;
import io.gpufleet.telemetry.examples.terminal.Table;
import io.gpufleet.telemetry.examples.terminal.Text;
import io.gpufleet.telemetry.jdbc.gpu.CompactionJob;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Compacts old days of GPU samples. Not thread-safe. */
@Command(
        name = "compact",
        description = {
            "Compacts the old days of GPU samples and wide rows: the same values in a fraction of the space.",
            "It may run while consumers write. Exit code 1 if rows of an hour had to stay, or if another process"
                    + " compacts. SIGTERM or Ctrl-C ends it after the current hour of a GPU, with exit code 143 or 130;"
                    + " the next run goes on."
        })
final class Compact implements Callable<Integer> {
    private static final Duration PROGRESS = Duration.ofSeconds(2);
    private static final Duration LONGEST_END = Duration.ofSeconds(5);

    @Option(
            names = "--days",
            defaultValue = "2",
            description = "Days before today, in UTC, that stay rows (default: ${DEFAULT-VALUE}).")
    private int days;

    @Option(
            names = "--share",
            defaultValue = "1",
            description = "Share of time in which it works, more than 0 and at most 1; in the rest, consumers have the"
                    + " server for themselves (default: ${DEFAULT-VALUE}).")
    private double share;

    @Option(names = "--dry-run", description = "Only print the days that would be compacted.")
    private boolean dryRun;

    @Mixin
    private final DatabaseOptions database = new DatabaseOptions();

    @Mixin
    private final Output output = new Output();

    @Spec
    private @Nullable CommandSpec command;

    private long lastProgress = System.nanoTime();

    @Override
    public Integer call() {
        CompactionJob.Builder builder = CompactionJob.builder(database.dataSource())
                .afterDays(days)
                .share(share)
                .progress(this::show);
        database.schema().ifPresent(builder::schema);
        try (CompactionJob job = builder.build()) {
            AtSignal signal = AtSignal.install(hook -> end(job, hook));
            try (signal) {
                return run(job);
            }
        }
    }

    private int run(CompactionJob job) {
        CompactionJob.Result result = dryRun ? job.dryRun() : job.runOnce();
        result.heldBy().ifPresent(other -> {
            throw new TelemetryException("Another process compacts: " + other);
        });
        print(result);
        return result.failures().isEmpty() ? ExitCodes.OK : ExitCodes.NOT_SO;
    }

    /** The lease must be free once the process is gone. */
    private void end(CompactionJob job, AtSignal signal) {
        tell("Ending after the current hour of a GPU");
        job.close();
        tell(
                signal.awaitClose(LONGEST_END)
                        ? "Ended by a signal; the next run goes on"
                        : "Ended by a signal in the middle of an hour, whose rows stay; the next run goes on");
    }

    private void tell(String line) {
        PrintWriter errors = requireNonNull(command, "command").commandLine().getErr();
        errors.println(line);
        errors.flush();
    }

    private void show(CompactionJob.Progress progress) {
        if (progress.done() == progress.hours() || System.nanoTime() - lastProgress >= PROGRESS.toNanos()) {
            lastProgress = System.nanoTime();
            tell(progress.day() + " of " + progress.table() + ": " + progress.done() + " of "
                    + Text.count(progress.hours(), "hour", "hours") + " of GPUs, "
                    + Text.count(progress.samples(), "row", "rows"));
        }
    }

    private void print(CompactionJob.Result result) {
        Table compacted = compacted(result);
        Table failures = failures(result);
        List<String> lines = new ArrayList<>();
        lines.addAll(result.days().isEmpty() ? List.of("Nothing to compact") : Output.lines(compacted));
        if (failures.size() > 0) {
            lines.addAll(Output.lines(failures));
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("days", compacted.records());
        fields.put("failures", failures.records());
        output.print(lines, fields);
    }

    private Table compacted(CompactionJob.Result result) {
        Table table = new Table(
                dryRun ? "Days that would be compacted (dry run)" : "Compacted days",
                List.of(
                        Column.text("day"),
                        Column.text("table"),
                        Column.count("rows"),
                        Column.bytes("before"),
                        Column.bytes("now"),
                        Column.count("failures"),
                        Column.prose("space is not given back yet")));
        result.days().forEach(day -> {
            List<@Nullable Object> cells = new ArrayList<>(List.of(day.day().toString(), day.table(), day.samples()));
            cells.add(day.bytesBefore() == 0 ? null : day.bytesBefore());
            cells.addAll(List.of(day.bytesAfter(), day.failures().size()));
            cells.add(day.waiting().orElse(null));
            table.add(cells);
        });
        return table;
    }

    private static Table failures(CompactionJob.Result result) {
        Table table = new Table(
                "Hours whose rows stay",
                List.of(Column.number("gpu number"), Column.instant("hour"), Column.prose("reason")));
        result.failures().forEach(failure -> table.add(List.of(failure.gpu(), failure.hour(), failure.reason())));
        return table;
    }
}
