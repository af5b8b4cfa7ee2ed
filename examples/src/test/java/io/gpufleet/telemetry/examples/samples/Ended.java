package io.gpufleet.telemetry.examples.samples;

import io.gpufleet.telemetry.examples.options.Program;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;

/**
 * A run of the program, in this process.
 *
 * @param code its exit code
 * @param out its lines
 * @param errors its lines on standard error
 */
record Ended(int code, List<String> out, List<String> errors) {

    static Ended of(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter errors = new StringWriter();
        int code = Program.run(
                GpuSamplesMain.commandLine().setOut(new PrintWriter(out, true)).setErr(new PrintWriter(errors, true)),
                arguments);
        return new Ended(
                code, out.toString().lines().toList(), errors.toString().lines().toList());
    }
}
