package io.gpufleet.telemetry.examples.operator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gpufleet.telemetry.examples.options.Program;
import java.io.PrintWriter;
import java.io.StringWriter;

/** A run of the operator's tool in this JVM: its exit code and its output. */
record OperatorRun(int code, String out, String errors) {
    private static final ObjectMapper MAPPER =
            new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);

    static OperatorRun of(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter errors = new StringWriter();
        int code = Program.run(
                Operator.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(errors)), arguments);
        return new OperatorRun(code, out.toString(), errors.toString());
    }

    /** Returns the output of a successful run. */
    String answer() {
        assertThat(errors).isEmpty();
        assertThat(code).isZero();
        return out;
    }

    JsonNode json() {
        try {
            return MAPPER.readTree(out);
        } catch (JsonProcessingException e) {
            throw new AssertionError("no JSON: " + out, e);
        }
    }

    void assertFailed(int exitCode, String words) {
        assertThat(errors.lines())
                .singleElement()
                .asString()
                .startsWith("operator")
                .contains(words)
                .doesNotContain("hunter2");
        assertThat(code).isEqualTo(exitCode);
    }

    /** Asserts that the command failed before any change. */
    void assertRefused(int exitCode, String words) {
        assertFailed(exitCode, words);
        assertThat(out).isEmpty();
    }
}
