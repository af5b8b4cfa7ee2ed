package io.gpufleet.telemetry.examples.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.examples.options.Program;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** The command line of the service: what it refuses, in one line. */
@TelemetryStackTest
final class StartTest {
    private static final Map<String, String> KEYS = Map.of(ApiKeys.VARIABLE, "a=secret-1,b=secret-2");

    private record Ended(int code, String errors) {}

    private static Ended run(Map<String, String> environment, String... options) {
        List<String> arguments = new ArrayList<>(List.of(options));
        arguments.addAll(List.of("--database-url=postgres://127.0.0.1:1/d", "--bootstrap-server=127.0.0.1:1"));
        return run(environment, arguments);
    }

    private static Ended run(Map<String, String> environment, List<String> arguments) {
        CommandLine line = Program.commandLine(new TelemetryApi(environment));
        StringWriter errors = new StringWriter();
        line.setErr(new PrintWriter(errors));
        return new Ended(
                Program.run(line, arguments.toArray(String[]::new)),
                errors.toString().strip());
    }

    @Test
    void withoutKeys_itDoesNotStart() {
        assertThat(run(Map.of()))
                .isEqualTo(new Ended(
                        ExitCodes.USAGE,
                        "telemetry-api: no key is configured; allowed: TELEMETRY_API_KEYS=name=key,name2=key2 in the"
                                + " environment, or --no-auth on a loopback address"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --no-auth --bind=0.0.0.0        | --bind: 0.0.0.0 is reached from other machines; allowed with --no-auth: a loopback address
            """)
    void openToOthers_itDoesNotStart(String options, String error) {
        assertThat(run(Map.of(), options.split(" "))).isEqualTo(new Ended(ExitCodes.USAGE, "telemetry-api: " + error));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --no-auth            | --no-auth: has no place beside the keys of TELEMETRY_API_KEYS; give one of them
            --cors-origin=*      | "*" is not one origin in lower case, as https://ops.example or http://localhost:3000
            --cors-origin=null   | "null" is not one origin in lower case
            --cors-origin=https://a.example/ | "https://a.example/" is not one origin in lower case
            --cors-origin=https://ops.example:0     | "https://ops.example:0" is not one origin in lower case
            --cors-origin=https://ops.example:65536 | "https://ops.example:65536" is not one origin in lower case
            --port=65536         | "65536" is not a whole number between 0 and 65535
            --rate=0             | "0" is not a whole number between 1 and 1000000
            """)
    void badOptions_areRefused(String option, String error) {
        Ended ended = run(KEYS, option);
        assertThat(ended.errors().lines()).singleElement().asString().contains(error);
        assertThat(ended.code()).isEqualTo(ExitCodes.USAGE);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            secret-1             | TELEMETRY_API_KEYS: entry 1 is not name=key; allowed: letters, digits, dots, underscores and hyphens for the name, visible ASCII characters but commas for the key
            a=x1,b=secret 1      | TELEMETRY_API_KEYS: entry 2 is not name=key; allowed: letters, digits, dots, underscores and hyphens for the name, visible ASCII characters but commas for the key
            a=secret-1,b=secret-1 | TELEMETRY_API_KEYS: entry 2 has the key of an entry before it; give each name its own key
            a=secret-1,a=secret-2 | TELEMETRY_API_KEYS: entry 2 has the name of an entry before it; give each key its own name
            """)
    void badKeys_areRefused_withoutTheirText(String keys, String error) {
        Ended ended = run(Map.of(ApiKeys.VARIABLE, keys));
        assertThat(ended).isEqualTo(new Ended(ExitCodes.USAGE, "telemetry-api: " + error));
        assertThat(ended.errors()).doesNotContain("secret");
    }

    @Test
    void databaseThatIsAway_isOneLine() {
        Ended ended = run(KEYS);
        assertThat(ended.errors().lines()).singleElement().asString().startsWith("telemetry-api: ");
        assertThat(ended.errors()).doesNotContain("secret");
        assertThat(ended.code()).isEqualTo(ExitCodes.UNAVAILABLE);
    }

    @Test
    void portInUse_isOneLine(TelemetryStack stack) {
        RunningApi other = RunningApi.shared(stack);
        Ended ended = run(
                KEYS,
                List.of(
                        "--port=" + other.port(),
                        "--database-url=" + other.fleet().database().jdbcUrl(),
                        "--bootstrap-server=" + stack.bootstrapServers()));
        assertThat(ended)
                .isEqualTo(new Ended(
                        ExitCodes.NOT_SO,
                        "telemetry-api: --port: " + other.port()
                                + " cannot be had on 127.0.0.1: Address already in use"));
    }
}
