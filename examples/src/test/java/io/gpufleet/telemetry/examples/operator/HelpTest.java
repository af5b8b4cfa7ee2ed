package io.gpufleet.telemetry.examples.operator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    @Test
    void completion_isAScriptForTheShell() {
        assertThat(OperatorRun.of("generate-completion").answer())
                .contains("complete -F _complete_operator", "operator", "--to-earliest", "dead-letters");
    }

    @ParameterizedTest
    @CsvSource({"80, 80", "12, 40", ", 2147483647", "x, 2147483647", "-1, 2147483647"})
    void width_isThatOfTheTerminal(String columns, int width) {
        assertThat(TerminalWidth.columns(columns)).isEqualTo(width);
    }
}
