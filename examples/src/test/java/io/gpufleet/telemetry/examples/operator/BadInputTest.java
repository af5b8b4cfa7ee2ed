package io.gpufleet.telemetry.examples.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.LogId;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bad input has a clear answer: one line that names the fault, and an exit code. */
@TelemetryStackTest
final class BadInputTest {
    /** Nothing listens at this address. */
    private static final String DATABASE = "--database-url postgres://u:hunter2@localhost:1/d";

    private static final String BROKER = "--bootstrap-server localhost:1"
            + " --client-property request.timeout.ms=300 --client-property default.api.timeout.ms=300";

    private static OperatorRun run(String command) {
        String all = command.replace("$D", DATABASE).replace("$B", BROKER).strip();
        return OperatorRun.of(all.isEmpty() ? new String[0] : all.split(" +"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`` | operator: Missing required subcommand (see operator --help)",
                "offsets | operator offsets: Missing required subcommand (see operator offsets --help)",
                "offsetz | Unmatched argument at index 0: 'offsetz'; did you mean offsets or fleet or advise?",
                "offsets show $D $B --colour | operator offsets show: Unknown option: '--colour'",
                "offsets show $D $B extra | Unmatched argument at index 10: 'extra'",
                "offsets show $B | Missing required option: '--database-url=<url>'",
                "offsets show $D --bootstrap-server here | \"here\" is not host:port",
                "offsets reset $D $B --topic t --group g | Missing required argument (specify one of these): (--to-earliest",
                "offsets reset $D $B --topic t --group g --to-latest --to-earliest | --to-earliest, --to-latest are mutually"
                        + " exclusive (specify only one)",
                "offsets reset $D $B --topic t --group g --to-offset 1 --to-time 2026-01-31T12:00:00Z | are mutually"
                        + " exclusive",
                "offsets reset $D $B --topic t --to-latest | Missing required option: '--group=<group>'",
                "offsets reset $D $B --topic t --group g --to-offset x | '--to-offset': 'x' is not a whole number",
                "offsets reset $D $B --topic t --group g --to-time x | \"x\" is not a time such as 2026-01-31T12:00:00Z, 2026-01-31 or -1h",
                "offsets reset $D $B --topic t --group g --to-datetime 2100-01-01 | \"2100-01-01\" is in the future",
                "offsets reset $D $B --topic t --group g --to-datetime +1h | \"+1h\" is not a time such as",
                "offsets reset $D $B --topic t --group g --to-datetime 2026-02-30 | \"2026-02-30\" is not a time such as",
                "offsets reset $D $B --topic t --group g --by-duration -1h | \"-1h\" is not a span of time such as 90s",
                "offsets reset $D $B --topic t --group g --by-duration PT-1H | \"PT-1H\" is not a span of time such as 90s",
                "offsets reset $D $B --topic t --group g --by-duration soon | \"soon\" is not a span of time such as 90s",
                "offsets reset $D $B --topic t --group g --shift-by x | '--shift-by': 'x' is not a whole number",
                "offsets move-cluster $D $B --topic t --from c | Missing required option: '--group=<group>'",
                "offsets move-cluster $D $B --topic a/b --group g --from c | '--topic': \"a/b\" is not a name of 1 to 249 letters",
                "offsets move-cluster $D $B --topic t --group g --from c --margin soon | \"soon\" is not a span of time",
                "offsets reset $D $B --topic t --group g --to-latest --partition x | 'x' is not a whole number",
                "gaps $D --group | Missing required parameter for option '--group' (<group>)",
                "gaps $D --schema a;b | \"a;b\" is not a name of at most 63 letters",
                "gaps --database-url u:hunter2@h/d | does not begin with jdbc:postgresql://, postgres://",
                "dead-letters list $D --limit 0 | --limit: 0 is not 1 or more",
                "dead-letters list $D --limit x | 'x' is not a whole number",
                "dead-letters list $D --limit 3.5 | '3.5' is not a whole number",
                "dead-letters list $D --limit 99999999999 | '99999999999' is not a whole number between -2147483648 and"
                        + " 2147483647",
                "offsets show $D $B --topic a/b | '--topic': \"a/b\" is not a name of 1 to 249 letters",
                "offsets reset $D $B --group g --to-latest --topic a/b | '--topic': \"a/b\" is not a name of 1 to 249 letters",
                "gaps $D --topic .. | '--topic': \"..\" is not a name of 1 to 249 letters",
                "dead-letters list $D --topic a/b | '--topic': \"a/b\" is not a name of 1 to 249 letters",
                "dead-letters replay $D --group g --topic a/b | '--topic': \"a/b\" is not a name of 1 to 249 letters",
                "dead-letters list $D --stage x | expected one of [DECODE, VALIDATE, WRITE, SAMPLE]",
                "dead-letters list $D --since x | \"x\" is not a time such as 2026-01-31T12:00:00Z",
                "dead-letters show $D | Missing required parameter: '<id>'",
                "dead-letters show $D x | 'x' is not a whole number",
                "dead-letters replay $D | Missing required option: '--group=<group>'",
                "dead-letters replay $D --group g --id 0 | id: 0 is not 1 or more",
                "dead-letters replay $D --group g --id x | 'x' is not a whole number",
                "dead-letters replay $D --group g --stage x | expected one of [DECODE, VALIDATE, WRITE, SAMPLE]",
                "dead-letters replay $D --group g --since x | \"x\" is not a time such as 2026-01-31T12:00:00Z",
                "dead-letters replay $D --group g --until x | \"x\" is not a time such as 2026-01-31T12:00:00Z",
                "dead-letters replay $D --group g --since +12026-01-31T12:00:00Z | is not between the years 1 and 9999",
                "dead-letters replay $D --group g --to-topic | --to-topic: needs --bootstrap-server",
                "dead-letters replay $D --group g --to-topic --bootstrap-server here | \"here\" is not host:port",
                "dead-letters replay $D --group g --to-topic $B --client-property acks=0 | --client-property: acks=0 cannot be set",
                "configs | operator configs: Missing required subcommand (see operator configs --help)",
                "configs show $D | Missing required parameter: '<service>'",
                "configs set $D s | Missing required parameter: '<setting=value>'",
                "configs set $D s max_poll_records | \"max_poll_records\" is not <setting=value>",
                "configs set $D s max.poll.records=5 | \"max.poll.records\" is not a setting; the settings are",
                "advise | operator advise: Missing required subcommand (see operator advise --help)",
                "advise partitions $D t | Missing required option: '--bootstrap-server=<host:port>'",
                "advise partitions $D $B --seconds 0 | --seconds: 0 is not 1 or more",
                "advise partitions $D $B a;b | topic: \"a;b\" is not a name of 1 to 249 letters",
                "gpus $D --limit 0 | operator gpus: --limit must be 1..1000, was 0",
                "gpus $D --limit 1e3 | operator gpus: --limit must be 1..1000, was 1e3",
                "gpus $D --offset -1 | operator gpus: --offset must be >= 0, was -1",
                "gpus $D --host= | operator gpus: --host must not be empty",
                "gpus $D --seen-since x | \"x\" is not a time such as 2026-01-31T12:00:00Z",
                "samples $D | Missing required parameter: '<gpu>'",
                "samples $D U --limit 1001 | operator samples: --limit must be 1..1000, was 1001",
                "samples $D U --start-time yesterday | operator samples: --start-time \"yesterday\" is not an RFC 3339 time",
                "samples $D U --end-time 2026-02-30T00:00:00Z | --end-time \"2026-02-30T00:00:00Z\" is not an RFC 3339",
                "samples $D U --start-time 2026-03-02T00:00:00Z --end-time 2026-03-01T00:00:00Z | --end-time"
                        + " 2026-03-01T00:00:00Z is before --start-time 2026-03-02T00:00:00Z",
                "samples $D U --order latest | --order \"latest\" is not known; allowed: newest, oldest",
                "samples $D U --metric= | operator samples: --metric must not be empty",
                "latest $D | --metric: is needed without a GPU",
                "latest $D U --max-age soon | \"soon\" is not a span of time such as 90s",
                "latest $D U --max-age 0s | operator latest: --max-age must be more than 0, was PT0S",
                "xids $D --limit x | operator xids: --limit must be 1..1000, was x",
                "xids $D U V | Unmatched argument at index 4: 'V'",
                "fleet $D --interval 0s | operator fleet: --interval must be more than 0, was PT0S",
                "schema install | Unmatched argument at index 1: 'install'"
            })
    void badUsage_isRefused(String command, String words) {
        run(command).assertRefused(ExitCodes.USAGE, words);
    }

    @Test
    void aBlankGroup_isNamed() {
        OperatorRun.of("gaps", "--database-url", "postgres://u:p@localhost:1/d", "--group", " ")
                .assertRefused(ExitCodes.USAGE, "'--group': \" \" is not a name of 1 to 1000 characters");
    }

    @Test
    void help_writesOptionsAsTheyAreTyped() {
        OperatorRun help = OperatorRun.of("offsets", "show", "--help");

        assertThat(help.out()).contains("--client-property=<name=value>").doesNotContain("\\R");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "offsets show $D $B",
                "dead-letters list $D",
                "dead-letters show $D 1",
                "dead-letters replay $D --group g",
                "dead-letters replay $D --group g --to-topic $B",
                "gaps $D",
                "invariant $D",
                "configs list $D",
                "configs show $D s",
                "configs explain $D s",
                "configs set $D s max_poll_records=5",
                "configs set $D s max_poll_records=5 --dry-run",
                "lag $D",
                "alerts $D",
                "gpus $D",
                "samples $D U",
                "latest $D U",
                "xids $D",
                "fleet $D",
                "advise settings $D",
                "advise partitions $D $B",
                "schema verify $D"
            })
    void unreachableDatabase_isNamed(String command) {
        run(command).assertRefused(ExitCodes.UNAVAILABLE, "Connection to localhost:1 refused");
    }

    @Test
    void unreachableBroker_isNamed(TelemetryStack stack) {
        Installation installation = new Installation(stack);
        installation.store(
                "g", new SourcePartition("t", 0), new Position(new LogId("a-cluster", new UUID(1, 2)), 5, 0));

        installation
                .run(("offsets show " + BROKER).split(" "))
                .assertRefused(ExitCodes.UNAVAILABLE, "Cannot describe topic t at localhost:1: no answer in time");
        installation
                .run(("offsets reset --to-earliest --topic t --group g " + BROKER).split(" "))
                .assertRefused(ExitCodes.UNAVAILABLE, "Cannot describe topic t at localhost:1: no answer in time");

        installation
                .run(("advise partitions t " + BROKER).split(" "))
                .assertRefused(ExitCodes.UNAVAILABLE, "Cannot describe topic t: ");

        assertThat(installation.positions("g")).containsExactly("t-0:5");
    }

    @Test
    void clientPropertyThatKafkaRefuses_isNamed() {
        run("offsets reset $D $B --topic t --group g --to-latest --client-property security.protocol=none")
                .assertRefused(ExitCodes.UNAVAILABLE, "Invalid value none for configuration security.protocol");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"dead-letters list", "dead-letters list --by reason", "dead-letters replay --dry-run", "gaps"})
    void groupOfWhichNothingIsStored_isRefused(String command, TelemetryStack stack) {
        Installation installation = new Installation(stack);

        installation
                .run((command + " --group absent").split(" "))
                .assertRefused(ExitCodes.NOT_SO, "No group absent: it has no stored position");

        installation.store("absent", new SourcePartition("t", 0), new Position(new LogId("c", new UUID(1, 2)), 5, 0));
        assertThat(installation.run((command + " --group absent").split(" ")).code())
                .isZero();
    }

    @Test
    void missingTablesAndDatabases_areNamed(TelemetryStack stack) {
        String empty = " --database-url " + stack.newDatabase().jdbcUrl();
        run("gaps" + empty).assertRefused(ExitCodes.UNAVAILABLE, "relation \"consumption_gaps\" does not exist");
        run("configs show s" + empty)
                .assertRefused(ExitCodes.UNAVAILABLE, "relation \"pipeline_consumer_configs\" does not exist");
        run("alerts" + empty).assertRefused(ExitCodes.UNAVAILABLE, "relation \"v_consumer_alerts\" does not exist");
        run("gaps --schema nowhere" + empty).assertRefused(ExitCodes.UNAVAILABLE, "\"nowhere.consumption_gaps\"");
        for (String command : List.of("status $B", "offsets show $B", "gaps", "invariant", "lag", "configs list")) {
            OperatorRun refused = run(command + empty);
            refused.assertRefused(ExitCodes.UNAVAILABLE, "telemetry tables are not installed");
            refused.assertRefused(ExitCodes.UNAVAILABLE, "operator schema sql");
            assertThat(refused.errors()).doesNotContain("Position:");
        }
        run("gaps --database-url " + stack.jdbcUrl().replace("/postgres?", "/nowhere?"))
                .assertRefused(ExitCodes.UNAVAILABLE, "database \"nowhere\" does not exist");
    }
}
