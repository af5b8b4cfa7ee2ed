package io.gpufleet.telemetry.examples.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class SparklineTest {
    private static List<OptionalLong> figures(long... values) {
        return LongStream.of(values)
                .mapToObj(value -> value < 0 ? OptionalLong.empty() : OptionalLong.of(value))
                .toList();
    }

    @Test
    void bars_growWithTheFigures_andOnlyZeroIsTheLowest() {
        assertThat(Sparkline.of(figures(0, 1, 50, 100), StandardCharsets.UTF_8)).isEqualTo("\u2581\u2582\u2585\u2588");
    }

    @Test
    void whatIsNotKnown_isNoZero() {
        assertThat(Sparkline.of(figures(-1, 0), StandardCharsets.UTF_8)).isEqualTo("?\u2581");
    }

    @Test
    void terminalWithoutBars_getsLetters() {
        assertThat(Sparkline.of(figures(0, 7, 100), StandardCharsets.US_ASCII)).isEqualTo("_.@");
    }

    @Test
    void nothing_isEmpty() {
        assertThat(Sparkline.of(List.of(), StandardCharsets.UTF_8)).isEmpty();
    }
}
