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

/** Runs the benchmarks by JMH, after every format has shown that it gives back what it was given. */
final class CodecRun {
    /** The sizes that are measured, in pods. */
    static final List<Integer> PODS = List.of(1, 8);

    /**
     * The flags of the JVMs that measure; those of this one are not inherited. Without the third, it is the kernel that
     * is measured, which hands out the heap page by page as it is touched for the first time. Agrona needs the last.
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
     * @param effort how long is measured
     * @param directory takes what JMH says, a file a pass
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
