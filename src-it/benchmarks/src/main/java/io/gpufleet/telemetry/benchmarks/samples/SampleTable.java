package io.gpufleet.telemetry.benchmarks.samples;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.benchmarks.report.Rounds;
import io.gpufleet.telemetry.benchmarks.report.Table;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** The program that measures the decoders of GPU samples, and of metric events, and prints one table. */
public final class SampleTable {
    private static final String BYTES = "gc.alloc.rate.norm";
    private static final String[] FLAGS = {"-Xms256m", "-Xmx256m", "-XX:+AlwaysPreTouch", "-XX:+UseG1GC"};
    private static final double MEGA = 1e6;
    private static final double NANOS = 1e9;

    private final Map<String, List<IterationResult>> rounds = new TreeMap<>();
    private final Table goals = new Table("goal", "measured", "");

    private SampleTable() {}

    /**
     * Runs the program.
     *
     * @param arguments the extent, {@code smoke} or any other, and a directory for JMH's output
     */
    public static void main(String[] arguments) throws IOException, RunnerException {
        System.out.println(measure(arguments[0].equals("smoke"), Path.of(arguments[1])));
    }

    /** Measures, and returns the text to print. */
    static String measure(boolean smoke, Path directory) throws IOException, RunnerException {
        Files.createDirectories(directory);
        SampleTable table = new SampleTable();
        OptionsBuilder options = new OptionsBuilder();
        options.include(SampleBenchmark.class.getName())
                .forks(smoke ? 0 : 2)
                .warmupIterations(smoke ? 0 : 3)
                .warmupTime(TimeValue.seconds(1))
                .measurementIterations(smoke ? 1 : 3)
                .measurementTime(smoke ? TimeValue.milliseconds(10) : TimeValue.seconds(1))
                .addProfiler(GCProfiler.class)
                .shouldFailOnError(true)
                .output(directory.resolve("jmh-samples.txt").toString());
        if (!smoke) {
            options.jvmArgs(FLAGS);
        }
        new Runner(options.build()).run().forEach(table::add);
        return table.text();
    }

    private void add(RunResult result) {
        String method = result.getParams().getBenchmark();
        List<IterationResult> all =
                rounds.computeIfAbsent(method.substring(method.lastIndexOf('.') + 1), added -> new ArrayList<>());
        result.getBenchmarkResults().forEach(jvm -> all.addAll(jvm.getIterationResults()));
    }

    private String text() {
        Table table = new Table("benchmark", "ns", "", "B");
        for (String method : rounds.keySet()) {
            table.add(
                    method,
                    Table.number(nanos(method).median(), 0),
                    nanos(method).spreadText(),
                    Table.number(bytes(method), 0));
        }
        addSpeed();
        addFactor("event: at least 2 x faster than Jackson databind", "eventByDatabind", "event");
        addFactor("CSV: at least 2 x faster than Commons CSV", "csvByCommons", "csv");
        return "GPU samples: " + Texts.SAMPLES + " of a host, and a metric event\n\n" + table + "\n" + goals;
    }

    private void addSpeed() {
        double seconds = nanos("exposition").median() / NANOS;
        double megabytes = Texts.exposition().length / MEGA / seconds;
        double samples = Texts.SAMPLES / MEGA / seconds;
        add("exposition text: at least 250 MB/s", Table.number(megabytes, 0) + " MB/s", megabytes >= 250);
        add("exposition text: at least 1.2 M samples/s", Table.number(samples, 2) + " M", samples >= 1.2);
        double more = (bytes("exposition") - bytes("samplesAlone")) / Texts.SAMPLES;
        goals.add("exposition text: bytes beside the samples", Table.number(more, 1) + " B a sample", "");
    }

    private void addFactor(String goal, String peer, String ours) {
        double times = nanos(peer).median() / nanos(ours).median();
        add(goal, Table.number(times, 2) + " x", times >= 2);
    }

    private void add(String goal, String measured, boolean met) {
        goals.add(goal, measured, met ? "met" : "missed");
    }

    private Rounds nanos(String method) {
        return of(method, round -> round.getPrimaryResult().getScore());
    }

    private double bytes(String method) {
        return of(
                        method,
                        round -> requireNonNull(round.getSecondaryResults().get(BYTES), BYTES)
                                .getScore())
                .median();
    }

    private Rounds of(String method, ToDoubleFunction<IterationResult> figure) {
        List<IterationResult> measured = requireNonNull(rounds.get(method), method);
        return Rounds.of(measured.stream().mapToDouble(figure).toArray());
    }
}
