package io.gpufleet.telemetry.examples.options;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.TelemetryException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

final class ProgramTest {
    private static final String URL = "--database-url=postgres://u:hunter2@h/d";
    private static final String BROKER = "--bootstrap-server=b:1";

    private final StringWriter out = new StringWriter();
    private final StringWriter errors = new StringWriter();

    /** A command with all the options. */
    @Command(name = "probe")
    private static final class Probe implements Callable<Integer> {
        private final Consumer<Probe> work;

        @Mixin
        private final DatabaseOptions database = new DatabaseOptions(Map.of("TELEMETRY_DATABASE_PASSWORD", "hunter3"));

        @Mixin
        private final KafkaOptions kafka = new KafkaOptions();

        Probe(Consumer<Probe> work) {
            this.work = work;
        }

        @Override
        public Integer call() {
            work.accept(this);
            return ExitCodes.OK;
        }
    }

    private int run(Consumer<Probe> work, String... arguments) {
        CommandLine commandLine = Program.commandLine(new Probe(work))
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(errors, true));
        return Program.run(commandLine, arguments);
    }

    private int runAndThrow(RuntimeException failure) {
        return run(
                probe -> {
                    throw failure;
                },
                URL,
                BROKER);
    }

    private void assertOneLine(String words) {
        assertThat(errors.toString().lines())
                .singleElement()
                .asString()
                .startsWith("probe: ")
                .contains(words)
                .doesNotContain("hunter2");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void options_areRead() {
        int code = run(
                probe -> {
                    assertThat(probe.database.jdbcUrl()).isEqualTo("jdbc:postgresql://h/d");
                    assertThat(probe.database.user()).contains("u");
                    assertThat(probe.database.password()).contains("hunter2");
                    assertThat(probe.database.schema()).contains("s_1");
                    assertThat(probe.kafka.bootstrapServers()).isEqualTo("b:1,[::1]:2");
                    assertThat(probe.kafka.clientProperties())
                            .isEqualTo(Map.of("client.id", "b=c", "sasl.jaas.config", "x required password=\"q\";"));
                },
                URL,
                "--schema=s_1",
                "--bootstrap-server=b:1,[::1]:2",
                "--client-property=client.id=b=c",
                "--client-property",
                "sasl.jaas.config=x required password=\"q\";");

        assertThat(errors.toString()).isEmpty();
        assertThat(code).isEqualTo(ExitCodes.OK);
    }

    @Test
    void password_comesFromTheEnvironmentIfTheUrlHasNone() {
        int code = run(
                probe -> assertThat(probe.database.password()).contains("hunter3"),
                "--database-url=postgres://u@h/d",
                BROKER);

        assertThat(code).isEqualTo(ExitCodes.OK);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "--unknown | Unknown option: '--unknown'",
                "--schem x | did you mean --schema",
                "--database-ur postgres://u:hunter2@h/d | Unknown option",
                "--schema a-b | \"a-b\" is not a name of at most 63 letters",
                "--bootstrap-server b | \"b\" is not host:port",
                "--bootstrap-server b:65536 | not host:port with a port up to 65535",
                "--database-url postgres://u:hunter2@h | names no database",
                "--database-url | Missing required parameter for option '--database-url'",
                "--client-property hunter2 | '--client-property': it is not name=value"
            })
    void badUsage_isOneLine(String arguments, String words) {
        int code = run(probe -> {}, (URL + " " + BROKER + " " + arguments).split(" "));

        assertThat(code).isEqualTo(ExitCodes.USAGE);
        assertOneLine(words);
        assertThat(errors.toString().strip()).endsWith("(see probe --help)");
    }

    @Test
    void missingOptions_areNamed() {
        assertThat(run(probe -> {})).isEqualTo(ExitCodes.USAGE);
        assertOneLine("Missing required options: '--database-url=<url>', '--bootstrap-server=<host:port>'");
    }

    @Test
    void failures_haveTheirExitCodes() {
        assertThat(runAndThrow(new TelemetryException("no such thing"))).isEqualTo(ExitCodes.NOT_SO);
        assertThat(runAndThrow(new IllegalArgumentException("maxRecords: 0"))).isEqualTo(ExitCodes.USAGE);
        assertThat(runAndThrow(new SinkException(SinkException.Kind.TRANSIENT, "no connection")))
                .isEqualTo(ExitCodes.UNAVAILABLE);
        assertThat(runAndThrow(new SinkException(SinkException.Kind.FATAL, "no such table")))
                .isEqualTo(ExitCodes.NOT_SO);
        assertThat(runAndThrow(new SinkException(SinkException.Kind.FATAL, "refused", new SQLException("password"))))
                .isEqualTo(ExitCodes.UNAVAILABLE);
        assertThat(runAndThrow(new CompletionException(new SQLException("down"))))
                .isEqualTo(ExitCodes.UNAVAILABLE);
        assertThat(runAndThrow(new TelemetryException("no answer", new TimeoutException("late"))))
                .isEqualTo(ExitCodes.UNAVAILABLE);
        assertThat(runAndThrow(new IllegalStateException("impossible"))).isEqualTo(ExitCodes.DEFECT);
    }

    @Test
    void failure_isOneLineWithoutPasswords() {
        Exception cause = new SQLException("at jdbc:postgresql://h/d?password=hunter2&user=u\n\tand \"ssl.key.password"
                + "\" = 1 of postgres://u:hun/hunter2@h/d");

        assertThat(runAndThrow(new IllegalStateException("no\nroom", cause))).isEqualTo(ExitCodes.UNAVAILABLE);
        assertOneLine("no room; because: at jdbc:postgresql://h/d?password=***&user=u and");
    }

    @Test
    void error_isOneLineToo() {
        int code = run(
                probe -> {
                    throw new NoClassDefFoundError("org/example/Gone");
                },
                URL,
                BROKER);

        assertThat(code).isEqualTo(ExitCodes.DEFECT);
        assertOneLine("NoClassDefFoundError: org/example/Gone");
    }

    @Test
    void help_namesEnvironmentAndExitCodes() {
        assertThat(run(probe -> {}, "--help")).isEqualTo(ExitCodes.OK);
        assertThat(out.toString())
                .contains("TELEMETRY_DATABASE_URL", "TELEMETRY_BOOTSTRAP_SERVER", "TELEMETRY_SCHEMA")
                .contains("TELEMETRY_DATABASE_PASSWORD", "Exit codes:", "3   the database or the broker cannot");
        assertThat(errors.toString()).isEmpty();
    }
}
