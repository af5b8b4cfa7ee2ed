package io.gpufleet.telemetry.integration.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The results of all faults, kept in a file to which each slice of a long run adds its lines. Immutable but for the
 * file.
 */
final class FaultReport {
    private static final String SEPARATOR = ";";
    private static final String SLICE = "SLICE";

    /** The result of one fault. Immutable. */
    record Outcome(FaultKind kind, long recoveryMillis, long lost, long doubled) {}

    /** The totals of a slice. Immutable. */
    record Slice(
            long seed,
            long records,
            long setAside,
            long lostCommits,
            long lostReplies,
            long standstillMillis,
            long aborted,
            long passedOver) {}

    private final Path file;

    FaultReport(Path file) {
        this.file = file;
    }

    /** Adds a slice that has ended without errors. */
    void add(Slice slice, List<Outcome> outcomes) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add(line(
                SLICE,
                slice.seed(),
                slice.records(),
                slice.setAside(),
                slice.lostCommits(),
                slice.lostReplies(),
                slice.standstillMillis(),
                slice.aborted(),
                slice.passedOver()));
        outcomes.forEach(o -> lines.add(line(o.kind().name(), o.recoveryMillis(), o.lost(), o.doubled())));
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.write(file, lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private static String line(Object... values) {
        List<String> texts = new ArrayList<>();
        for (Object value : values) {
            texts.add(value.toString());
        }
        return String.join(SEPARATOR, texts);
    }

    /** Returns the table of all slices in the file. */
    String table() throws IOException {
        List<Outcome> outcomes = new ArrayList<>();
        List<Slice> slices = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            String[] fields = line.split(SEPARATOR, -1);
            long[] numbers = new long[fields.length - 1];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = Long.parseLong(fields[i + 1]);
            }
            if (fields[0].equals(SLICE)) {
                slices.add(slice(numbers));
            } else {
                outcomes.add(new Outcome(FaultKind.valueOf(fields[0]), numbers[0], numbers[1], numbers[2]));
            }
        }
        return table(slices, outcomes);
    }

    private static Slice slice(long[] numbers) {
        return new Slice(
                numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5], numbers[6], numbers[7]);
    }

    static String table(List<Slice> slices, List<Outcome> outcomes) {
        StringBuilder table = new StringBuilder();
        table.append("%-32s %6s %12s %12s %6s %10s%n"
                .formatted("fault", "times", "recovery p50", "recovery max", "lost", "duplicated"));
        for (FaultKind kind : FaultKind.values()) {
            List<Outcome> own =
                    outcomes.stream().filter(outcome -> outcome.kind() == kind).toList();
            if (!own.isEmpty()) {
                table.append(row(kind.toString(), own));
            }
        }
        table.append(row("all", outcomes));
        table.append(summary(slices));
        return table.toString();
    }

    private static String row(String name, List<Outcome> outcomes) {
        long[] millis =
                outcomes.stream().mapToLong(Outcome::recoveryMillis).sorted().toArray();
        return "%-32s %6d %12s %12s %6d %10d%n"
                .formatted(
                        name,
                        millis.length,
                        seconds(millis[(millis.length - 1) / 2]),
                        seconds(millis[millis.length - 1]),
                        outcomes.stream().mapToLong(Outcome::lost).sum(),
                        outcomes.stream().mapToLong(Outcome::doubled).sum());
    }

    private static String summary(List<Slice> slices) {
        long records = slices.stream().mapToLong(Slice::records).sum();
        long setAside = slices.stream().mapToLong(Slice::setAside).sum();
        return String.format(
                Locale.ROOT,
                "runs: %d; records: %,d, dead-lettered: %.2f %%; lost commits: %d, lost replies to commits: %d;"
                        + " longest standstill of a partition: %s; aborted: %,d; skipped in damaged batches: %,d%n",
                slices.size(),
                records,
                100.0 * setAside / records,
                slices.stream().mapToLong(Slice::lostCommits).sum(),
                slices.stream().mapToLong(Slice::lostReplies).sum(),
                seconds(slices.stream().mapToLong(Slice::standstillMillis).max().orElse(0)),
                slices.stream().mapToLong(Slice::aborted).sum(),
                slices.stream().mapToLong(Slice::passedOver).sum());
    }

    private static String seconds(long millis) {
        return String.format(
                Locale.ROOT, "%.1f s", millis / (double) Duration.ofSeconds(1).toMillis());
    }
}
