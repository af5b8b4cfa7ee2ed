package io.gpufleet.telemetry.examples.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.examples.options.ExitCodes;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The tool explains itself, to people and to their shells. */
final class HelpTest {
    @Test
    void help_isThatOfTheCommand() {
        assertThat(OperatorRun.of("help").answer())
                .isEqualTo(OperatorRun.of("--help").answer())
                .contains("Exit codes:", "the database or the broker cannot be reached");
        assertThat(OperatorRun.of("help", "gaps").answer())
                .isEqualTo(OperatorRun.of("gaps", "--help").answer());
    }

    @ParameterizedTest
    @CsvSource({"offsets reset", "dead-letters replay", "offsets", "schema verify", "help"})
    void help_isThatOfACommandAtAnyDepth(String command) {
        assertThat(OperatorRun.of(("help " + command).split(" ")).answer())
                .isEqualTo(OperatorRun.of((command + " --help").split(" ")).answer())
                .contains("Usage: operator " + command);
    }

    @ParameterizedTest
    @CsvSource({
        "offsets nosuch, \"nosuch\" is not a command of operator offsets; there are",
        "nosuch, \"nosuch\" is not a command of operator; there are",
        "gaps nosuch, \"nosuch\" is not a command of operator gaps"
    })
    void help_ofNoCommand_isRefused(String command, String words) {
        OperatorRun.of(("help " + command).split(" ")).assertRefused(ExitCodes.USAGE, words);
    }

    @Test
    void completion_isAScriptForTheShell() {
        assertThat(OperatorRun.of("generate-completion").answer())
                .contains("complete -F _complete_operator", "operator", "--to-earliest", "dead-letters");
    }

    @ParameterizedTest
    @ValueSource(strings = {"reset", "move-cluster"})
    void commandThatMovesPositions_offersToDoSo(String command) {
        String function = "function _picocli_operator_offsets_" + command.replace("-", "") + "() {";

        assertThat(OperatorRun.of("offsets", command, "--help").answer())
                .containsPattern("\\[--execute \\|\\s+--dry-run]")
                .containsOnlyOnce("The consumer group.");
        assertThat(OperatorRun.of("generate-completion")
                        .answer()
                        .split(Pattern.quote(function), 2)[1]
                        .split("\nfunction ", 2)[0])
                .contains("'--execute' '--dry-run'", "'--group'", "'--topic'");
    }

    @ParameterizedTest
    @CsvSource({"80, 80", "12, 40", ", 2147483647", "x, 2147483647", "-1, 2147483647"})
    void width_isThatOfTheTerminal(String columns, int width) {
        assertThat(TerminalWidth.columns(columns)).isEqualTo(width);
    }
}
