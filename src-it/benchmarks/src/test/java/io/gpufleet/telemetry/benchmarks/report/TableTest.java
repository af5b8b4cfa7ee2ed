package io.gpufleet.telemetry.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class TableTest {

    @Test
    void toString_alignsTheFirstColumnLeftAndTheOthersRight() {
        Table table = new Table("format", "ns", "B");
        table.add("a", "1,234.5", "7");
        table.add("a longer one", "2", "10");

        assertThat(table).hasToString("""
                format             ns   B
                a             1,234.5   7
                a longer one        2  10
                """);
    }

    @Test
    void add_refusesAnotherNumberOfCells() {
        Table table = new Table("format", "ns");

        assertThatIllegalArgumentException().isThrownBy(() -> table.add("a")).withMessage("cells: 1 are not 2");
    }

    @Test
    void number_separatesThousandsInEveryLocale() {
        assertThat(Table.number(1_234_567.891, 1)).isEqualTo("1,234,567.9");
        assertThat(Table.number(0.4, 0)).isEqualTo("0");
    }
}
