package io.gpufleet.telemetry.examples.rest.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.examples.rest.stream.Resumption.Bounds;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResumptionTest {
    private static final Map<Integer, Bounds> LOGS = Map.of(0, new Bounds(10, 100), 1, new Bounds(0, 50));

    /** The live stream is a little behind the ends of the logs. */
    private static final Places LIVE = Places.parse("0:98,1:50@topicAAA").orElseThrow();

    private static Resumption of(String id) {
        return Resumption.of(id, LIVE, LOGS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0:10,1:0@topicAAA", "0:10.7,1:49.1@topicAAA", "0:100,1:50@topicAAA", "0:99,1:50@topicAAA"})
    void of_idWithinTheLogs_startsThere(String id) {
        assertThat(of(id).start()).hasToString(id);
        assertThat(of(id).gaps()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0:9,1:50      | 0:10,1:50 | 0  | 9   | 10 | does not keep",
                "0:9.4,1:50    | 0:10,1:50 | 0  | 9   | 10 | does not keep",
                "0:101,1:50    | 0:98,1:50 | 0  | 101 | 98 | ends at 100",
                "0:100.1,1:50  | 0:98,1:50 | 0  | 100 | 98 | ends at 100",
                "0:-1,1:50     | 0:98,1:50 | 0  |     | 98 | has no offset",
                "0:9223372036854775808,1:50 | 0:98,1:50 | 0 | | 98 | has no offset",
                "0:98          | 0:98,1:50 | 1  |     | 50 | has no offset",
                "0:98,1:50,7:3 | 0:98,1:50 | 7  | 3   |    | no partition 7"
            })
    void of_idThatDoesNotFit_tellsTheGap(String id, String start, int partition, Long from, Long to, String reason) {
        assertThat(of(id).start()).hasToString(start + "@topicAAA");
        assertThat(of(id).gaps()).singleElement().satisfies(gap -> {
            assertThat(gap.partition()).isEqualTo(partition);
            assertThat(gap.from()).isEqualTo(from);
            assertThat(gap.to()).isEqualTo(to);
            assertThat(gap.reason()).contains(reason);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"abc", "", "0:10,1:0@topicBBB"})
    void of_idOfAnotherTopicOrNone_goesOnLiveWithOneGap(String id) {
        assertThat(of(id).start()).hasToString(LIVE.toString());
        assertThat(of(id).gaps())
                .singleElement()
                .satisfies(gap -> assertThat(gap.partition()).isNull());
    }

    @Test
    void of_idThatWasGivenBeforeAPartitionWasAdded_readsAllOfThePartition() {
        assertThat(of("0:98@topicAAA").start()).hasToString("0:98,1:0@topicAAA");
        assertThat(of("0:98@topicAAA").gaps()).isEmpty();
    }
}
