package io.gpufleet.telemetry.benchmarks.codec;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** A run of the benchmarks by JMH, after a round trip in every format. */
final class CodecRun {
    /** The measured sizes, in pods. */
    static final List<Integer> PODS = List.of(1, 8);

    /**
     * The flags of the measuring JVMs, which do not inherit those of this one. The third one keeps the kernel out of
     * the measurement, which otherwise hands out the heap page by page at the first access. Agrona needs the last one.
     */
    static final List<String> FLAGS = List.of(
            "-Xms256m",
            "-Xmx256m",
            "-XX:+AlwaysPreTouch",
            "-XX:+UseG1GC",
            "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED");

    private final Effort effort;
    private final Path directory;

    /**
     * Prepares a run.
     *
     * @param effort the extent of the measurement
     * @param directory the directory for JMH's output, one file per pass
     */
    CodecRun(Effort effort, Path directory) {
        this.effort = effort;
        this.directory = directory;
    }

    Figures run() throws IOException, RunnerException {
        Files.createDirectories(directory);
        check();
        Figures figures = new Figures();
        for (int pass = 1; pass <= effort.passes; pass++) {
            new Runner(options(pass)).run().forEach(figures::add);
        }
        return figures;
    }

    private static void check() {
        for (int pods : PODS) {
            for (WireForm form : WireForm.values()) {
                RoundTrip.check(form.open(), FleetHeartbeats.of(pods));
            }
        }
    }

    private Options options(int pass) {
        return new OptionsBuilder()
                .include(CodecBenchmark.class.getName())
                .include(RecordBenchmark.class.getName())
                .forks(effort.forks)
                .jvmArgs(FLAGS.toArray(String[]::new))
                .warmupIterations(effort.warmups)
                .warmupTime(effort.roundTime())
                .measurementIterations(effort.rounds)
                .measurementTime(effort.roundTime())
                .addProfiler(GCProfiler.class)
                .shouldFailOnError(true)
                .output(directory.resolve("jmh-" + pass + ".txt").toString())
                .build();
    }
}
