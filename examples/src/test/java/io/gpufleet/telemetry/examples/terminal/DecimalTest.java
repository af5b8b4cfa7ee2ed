package io.gpufleet.telemetry.examples.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Readings as decimal numbers: short, and exact. */
final class DecimalTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "-0.0, 0",
        "41.000000, 41",
        "-2.50, -2.5",
        "15347724978, 15347724978",
        "140737488355330, 140737488355330",
        "9007199254740993, 9007199254740992",
        "2e23, 200000000000000000000000",
        "2.0E-3, 0.002",
        "0.1, 0.1",
        "112.250000, 112.25",
        "1e-7, 0.0000001",
        "4.9E-324, 5E-324"
    })
    void of_isShort(double value, String text) {
        assertThat(
                        text.contains("E")
                                ? Decimal.of(value).toString()
                                : Decimal.of(value).toPlainString())
                .isEqualTo(text);
    }

    @Test
    void of_givesTheSameDoubleAgain() {
        Random random = new Random(1);
        for (int i = 0; i < 10_000; i++) {
            double value = Double.longBitsToDouble(random.nextLong());
            if (Double.isFinite(value)) {
                assertThat(Decimal.of(value).doubleValue()).isEqualTo(value);
            }
        }
    }
}
