package io.gpufleet.telemetry.jdbc.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.TopicCluster.Topic;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class TopicRatesTest {
    private static final UUID ID = new UUID(0, 1);
    private static final long SECOND = 1_000_000_000;

    private final TopicRates rates = new TopicRates();

    @Test
    void end_dividesRecordsByTime() {
        rates.begin(at(ID, 100), -SECOND);
        assertThat(rates.end(at(ID, 250), 2 * SECOND)).containsExactly(Map.entry("t", 50.0));
        assertThat(rates.end(at(ID, 250), 4 * SECOND)).containsExactly(Map.entry("t", 0.0));
        assertThat(rates.end(at(ID, 251), 6 * SECOND)).containsExactly(Map.entry("t", 0.5));
    }

    @Test
    void begin_keepsWhatIsContinued() {
        rates.begin(at(ID, 100), 0);
        rates.begin(at(ID, 150), SECOND);
        assertThat(rates.end(at(ID, 200), 2 * SECOND)).containsExactly(Map.entry("t", 50.0));
    }

    @Test
    void end_ofATopicThatWasMadeAnewIsUnknown() {
        rates.begin(at(ID, 100), 0);
        assertThat(rates.end(at(new UUID(0, 2), 500), SECOND)).isEmpty();
        assertThat(rates.end(at(new UUID(0, 2), 510), 2 * SECOND)).containsExactly(Map.entry("t", 10.0));
    }

    @Test
    void end_ofATopicThatLostRecordsIsUnknown() {
        rates.begin(at(ID, 100), 0);
        assertThat(rates.end(at(ID, 99), SECOND)).isEmpty();
    }

    @Test
    void begin_replacesWhatIsNotContinued() {
        rates.begin(at(ID, 100), 0);
        rates.begin(at(ID, 40), SECOND);
        assertThat(rates.end(at(ID, 60), 2 * SECOND)).containsExactly(Map.entry("t", 20.0));
    }

    @Test
    void nanosUntilOld_isThatOfTheYoungest() {
        assertThat(rates.nanosUntilOld(SECOND, 0)).isZero();
        rates.begin(at(ID, 1), 0);
        rates.begin(Map.of("t", topic(ID, 1), "u", topic(ID, 1)), SECOND / 2);
        assertThat(rates.nanosUntilOld(SECOND, SECOND / 2)).isEqualTo(SECOND);
        assertThat(rates.nanosUntilOld(SECOND, SECOND)).isEqualTo(SECOND / 2);
        assertThat(rates.nanosUntilOld(SECOND, 2 * SECOND)).isNegative();
    }

    private static Map<String, Topic> at(UUID id, long endOffset) {
        return Map.of("t", topic(id, endOffset));
    }

    private static Topic topic(UUID id, long endOffset) {
        return new Topic(id, 1, endOffset);
    }
}
