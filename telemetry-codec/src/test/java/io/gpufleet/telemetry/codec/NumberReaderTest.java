package io.gpufleet.telemetry.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NumberReaderTest {
    private static final int NUMBERS = 200_000;

    private final NumberReader reader = new NumberReader();

    @ParameterizedTest
    @CsvSource({
        "41, 41, false",
        "0, 0, false",
        "-0, -0.0, false",
        "+5, 5, false",
        "112.250000, 112.25, true",
        "3.5e2, 350, true",
        "1E3, 1000, true",
        ".5, 0.5, true",
        "5., 5, true",
        "9223372036854775794, 9.223372036854775807e18, false",
        "9.223372036854776e+18, 9.223372036854776e18, true",
        "1.40737488355330e+14, 140737488355330, true",
        "000000000000000000000000041, 41, false",
        "1e400, Infinity, true",
        "1e-400, 0, true",
        "1e99999999999999999999, Infinity, true",
        "Inf, Infinity, false",
        "+inf, Infinity, false",
        "-Infinity, -Infinity, false",
        "nan, NaN, false",
        "NaN, NaN, false"
    })
    void read_returnsTheNumberAndWhetherItIsDecimal(String text, double value, boolean decimal) {
        assertThat(reader.read(text)).isTrue();
        assertThat(reader.value()).isEqualTo(Double.valueOf(value));
        assertThat(reader.isDecimal()).isEqualTo(decimal);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", " ", "+", "-", ".", "e5", "1e", "1e+", "1.2.3", "1 ", " 1", "0x1p3", "1_000", "1,5", "1f", "1d",
                "+nan", "infinit", "ERROR", "--1", "1e5.0", "\u0663", "1\0", "\t\16\6"
            })
    void read_refusesOtherTexts(String text) {
        assertThat(reader.read(text)).isFalse();
    }

    @Test
    void read_isTheNearestDouble() {
        SplittableRandom random = new SplittableRandom(8);
        for (int i = 0; i < NUMBERS; i++) {
            String text = text(random);
            assertThat(reader.read(text)).as(text).isTrue();
            // Plain comparison, because it is called often.
            if (Double.compare(reader.value(), Double.parseDouble(text)) != 0) {
                assertThat(reader.value()).as(text).isEqualTo(Double.parseDouble(text));
            }
        }
    }

    private static String text(SplittableRandom random) {
        return switch (random.nextInt(4)) {
            case 0 -> Long.toString(random.nextLong() >> random.nextInt(64));
            case 1 -> String.format(Locale.ROOT, "%.6f", random.nextDouble() * 1000);
            case 2 -> Double.toString(Double.longBitsToDouble(random.nextLong(0x7ff0L << 48)));
            default -> random.nextLong(1L << 60) + "." + random.nextInt(1000) + "e" + random.nextInt(-30, 30);
        };
    }

    @Test
    void read_looksAtNoByteOutsideOfItsRange() {
        byte[] bytes = "12345".getBytes(StandardCharsets.US_ASCII);

        assertThat(reader.read(bytes, 1, 3)).isTrue();

        assertThat(reader.value()).isEqualTo(23);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "9007199254740993",
                "999999999999999999",
                "9223372036854775807",
                "9223372036854775808",
                "9999999999999999999",
                "18446744073709551615",
                "18446744073709551617",
                "99999999999999999999",
                "-9223372036854775808",
                "-0009223372036854775807",
                "922337203685477580.8",
                "9223372036854775807e1"
            })
    void read_isRightAroundTheLargestLong(String text) {
        assertThat(reader.read(text)).isTrue();
        assertThat(reader.value()).isEqualTo(Double.parseDouble(text));
    }
}
