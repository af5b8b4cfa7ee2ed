package io.gpufleet.telemetry.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class RoundsTest {

    @Test
    void median_isTheMiddleWhateverTheOrder() {
        assertThat(Rounds.of(30, 10, 20).median()).isEqualTo(20);
    }

    @Test
    void median_ofAnEvenNumberIsTheMeanOfTheTwoInTheMiddle() {
        assertThat(Rounds.of(10, 40, 30, 20).median()).isEqualTo(25);
    }

    @Test
    void spread_isTheDistanceOfTheOutermostAsAPartOfTheMedian() {
        Rounds rounds = Rounds.of(90, 100, 130);

        assertThat(rounds.spread()).isCloseTo(0.4, within(1e-9));
        assertThat(rounds.spreadText()).isEqualTo("±20 %");
    }

    @Test
    void spread_ofOneRoundIsNone() {
        assertThat(Rounds.of(5).spreadText()).isEqualTo("±0 %");
    }

    @Test
    void of_keepsTheArrayOfTheCallerAsItIs() {
        double[] figures = {3, 1, 2};
        Rounds.of(figures);

        assertThat(figures).containsExactly(3, 1, 2);
    }

    @Test
    void of_refusesNone() {
        assertThatIllegalArgumentException().isThrownBy(Rounds::of).withMessageContaining("none");
    }
}
