package io.gpufleet.telemetry.examples.consumer;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.examples.Sql;
import io.gpufleet.telemetry.examples.options.Program;
import io.gpufleet.telemetry.examples.quickstart.Query;
import io.gpufleet.telemetry.testkit.PostgresDatabase;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Any wrong input of the program: one line with the fault and the allowed values, no stack trace, an exit code, and no
 * partial writes.
 */
@TelemetryStackTest
final class BadInputTest {
    private final TelemetryStack stack;
    private final StringWriter out = new StringWriter();
    private final StringWriter errors = new StringWriter();
    private PostgresDatabase database;

    BadInputTest(TelemetryStack stack) {
        this.stack = stack;
    }

    @BeforeEach
    void makeDatabase() {
        database = stack.newDatabase();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            --topic a/b              | topics: "a/b" is not a name of 1 to 249 letters, digits, dots, underscores and hyphens
            --batch-size 0           | Invalid value for option '--batch-size': "0" is not a whole number between 1 and 1000000
            --batch-size 1000001     | Invalid value for option '--batch-size': "1000001" is not a whole number between 1 and 1000000
            --batch-size many        | Invalid value for option '--batch-size': "many" is not a whole number between 1 and 1000000
            --batch-timeout soon     | Invalid value for option '--batch-timeout': "soon" is not a time between 0 and an hour, as in 500ms, 5s or 1m
            --batch-timeout 61m      | Invalid value for option '--batch-timeout': "61m" is not a time between 0 and an hour, as in 500ms, 5s or 1m
            --batch-bytes 0          | Invalid value for option '--batch-bytes': "0" is not a number of bytes between 1 and 1 TiB, as in 4194304, 4MiB or 1GiB
            --buffer-bytes 2TiB      | Invalid value for option '--buffer-bytes': "2TiB" is not a number of bytes between 1 and 1 TiB, as in 4194304, 4MiB or 1GiB
            --concurrency 0          | Invalid value for option '--concurrency': "0" is not a whole number between 1 and 256
            --bach-size 10           | Unknown options: '--bach-size', '10'; did you mean --batch-size
            --bootstrap-server here  | Invalid value for option '--bootstrap-server': "here" is not host:port
            --schema tele-metry      | Invalid value for option '--schema': "tele-metry" is not a name of at most 63 letters
            --client-property group.id=x  | --client-property: group.id=x cannot be set: use --group
            --client-property securty.protocol=SSL | --client-property: "securty.protocol" is no setting of Kafka's clients; did you mean security.protocol?
            """)
    void option_thatIsWrongIsNamed(String option, String words) throws SQLException {
        assertThat(run(option.split(" "))).isEqualTo(2);

        assertOneLine(words);
        assertNothingWritten();
    }

    /** A mistyped option is often a missing one. */
    @Test
    void unknownOption_isNamedBesideThoseThatAreMissing() {
        int code = Program.run(
                Program.commandLine(new HeartbeatConsumerMain())
                        .setOut(new PrintWriter(out, true))
                        .setErr(new PrintWriter(errors, true)),
                "--batch-bites",
                "3");

        assertThat(code).isEqualTo(2);
        assertOneLine("; unknown: --batch-bites");
    }

    @Test
    void loginThatIsNotConfigured_isTheCommandLinesFault() throws SQLException {
        assertThat(run(
                        "--client-property",
                        "security.protocol=SASL_PLAINTEXT",
                        "--client-property",
                        "sasl.mechanism=PLAIN"))
                .isEqualTo(2);

        assertOneLine("security.protocol=SASL_PLAINTEXT needs sasl.jaas.config");
        assertNothingWritten();
    }

    @Test
    void databaseUrl_thatIsNoneIsRefused() {
        assertThat(runWith("mysql://localhost/telemetry", stack.bootstrapServers()))
                .isEqualTo(2);

        assertOneLine("Invalid value for option '--database-url': the database URL does not begin with"
                + " jdbc:postgresql://, postgres:// or postgresql://");
    }

    @Test
    void database_thatDoesNotAnswerIsNamed() {
        assertThat(runWith("postgres://u@127.0.0.1:1/telemetry", stack.bootstrapServers()))
                .isEqualTo(3);

        assertOneLine("127.0.0.1:1 refused");
    }

    @Test
    void databaseUrl_ofTheBrokersPort_endsSoon() {
        assertThat(runWith("postgres://u@" + stack.bootstrapServers() + "/telemetry", stack.bootstrapServers()))
                .isEqualTo(3);

        assertOneLine("heartbeat-consumer: ");
    }

    @Test
    void database_thatDoesNotExistIsNamed() {
        String url = database.jdbcUrl().replaceFirst("/test_\\d+", "/nowhere");

        assertThat(runWith(url, stack.bootstrapServers())).isEqualTo(3);

        assertOneLine("database \"nowhere\" does not exist");
    }

    @Test
    void broker_thatDoesNotAnswerIsNamed() throws SQLException {
        assertThat(runWith(
                        database.jdbcUrl(),
                        "127.0.0.1:1",
                        "--client-property",
                        "default.api.timeout.ms=500",
                        "--client-property",
                        "request.timeout.ms=400"))
                .isEqualTo(3);

        assertOneLine("Brokers at 127.0.0.1:1 do not answer");
        assertNoHeartbeats();
    }

    @Test
    void tables_thatAreMissingAreNamed() throws SQLException {
        assertThat(run("--no-install-schema")).isEqualTo(1);

        assertOneLine("table \"consumer_offsets\" is missing");
        assertNothingWritten();
    }

    @Test
    void table_ofAnotherShapeIsNamed() throws SQLException {
        Sql.execute(database.dataSource(), "CREATE TABLE system_info (client_id text PRIMARY KEY, load real)");

        assertThat(run()).isEqualTo(1);

        assertOneLine("system_info");
        assertThat(Query.number(database.dataSource(), "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))
                .isEqualTo(1);
    }

    @Test
    void topic_withTheBrokersTimeIsRefused() throws SQLException {
        stack.createTopic("brokers-time", 1, Map.of("message.timestamp.type", "LogAppendTime"));

        assertThat(run("--topic", "brokers-time")).isEqualTo(1);

        assertOneLine("Topic brokers-time has message.timestamp.type=LogAppendTime");
        assertNoHeartbeats();
    }

    @Test
    void topic_withoutANameIsRefused() throws SQLException {
        assertThat(run("--topic", " ")).isEqualTo(2);

        assertOneLine("topics: \" \" is blank");
        assertNothingWritten();
    }

    private int run(String... more) {
        return runWith(database.jdbcUrl(), stack.bootstrapServers(), more);
    }

    private int runWith(String databaseUrl, String bootstrapServer, String... more) {
        List<String> arguments = new ArrayList<>(List.of("--database-url", databaseUrl));
        if (!List.of(more).contains("--bootstrap-server")) {
            arguments.addAll(List.of("--bootstrap-server", bootstrapServer));
        }
        arguments.addAll(List.of(more));
        return Program.run(
                Program.commandLine(new HeartbeatConsumerMain())
                        .setOut(new PrintWriter(out, true))
                        .setErr(new PrintWriter(errors, true)),
                arguments.toArray(String[]::new));
    }

    private void assertOneLine(String words) {
        assertThat(errors.toString().lines())
                .singleElement()
                .asString()
                .startsWith("heartbeat-consumer: ")
                .contains(words);
        assertThat(out.toString()).isEmpty();
    }

    private void assertNothingWritten() throws SQLException {
        assertThat(Query.number(database.dataSource(), "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))
                .isZero();
    }

    /** The tables are created before the broker is asked; they are empty. */
    private void assertNoHeartbeats() throws SQLException {
        assertThat(Query.number(
                        database.dataSource(),
                        "SELECT (SELECT count(*) FROM heartbeat) + (SELECT count(*) FROM consumer_offsets)"))
                .isZero();
    }
}
