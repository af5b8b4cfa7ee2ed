package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.SourceRecord;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RepeatedRefusalsTest {
    private static final long MINUTE = Duration.ofMinutes(1).toMillis();

    private long now = 1_772_366_400_000L;
    private final RepeatedRefusals refusals = new RepeatedRefusals(() -> now);
    private Generation generation = Logs.generation(0);

    private boolean isRepeated(long offset, long minutes) {
        return isRepeated(offset, minutes, "a kind");
    }

    private boolean isRepeated(long offset, long minutes, String kind) {
        return refusals.isRepeated(
                generation,
                SourceRecord.builder(generation.partition(), offset)
                        .timestampMillis(now + minutes * MINUTE)
                        .build(),
                kind);
    }

    @Test
    void isRepeated_isTrueUntilAPauseOfAnHour() {
        assertThat(isRepeated(0, 30)).isFalse();
        assertThat(isRepeated(1, 31)).isTrue();
        assertThat(isRepeated(2, 89)).isTrue();
        assertThat(isRepeated(3, 148)).isTrue();
        assertThat(isRepeated(4, 208)).isFalse();
        assertThat(isRepeated(5, 267)).isTrue();
        assertThat(isRepeated(6, 400)).isFalse();
    }

    @Test
    void isRepeated_isTrueBeforeTheFirstUntilAPauseOfAnHour() {
        assertThat(isRepeated(0, 30)).isFalse();
        assertThat(isRepeated(1, -29)).isTrue();
        assertThat(isRepeated(2, -88)).isTrue();
        assertThat(isRepeated(3, -148)).isFalse();
    }

    @Test
    void isRepeated_isFalseOnceADayForAFaultOfEveryRecord() {
        List<Integer> letters = IntStream.range(0, 3 * 1440)
                .filter(minute -> !isRepeated(minute, minute + 30))
                .boxed()
                .toList();

        assertThat(letters).containsExactly(0, 1440, 2 * 1440);
    }

    @Test
    void isRepeated_isFalseForTheFirstRecordOfEachDayAgain() {
        IntStream.range(0, 2 * 1440).forEach(minute -> isRepeated(minute, minute + 30));

        assertThat(isRepeated(1439, 1439 + 30)).isTrue();
        assertThat(isRepeated(1440, 1440 + 30)).isFalse();
        assertThat(isRepeated(0, 30)).isFalse();
    }

    /** Two partitions at different times: one lags by hours. */
    @Test
    void isRepeated_holdsForTimesSideBySide() {
        assertThat(isRepeated(0, 0)).isFalse();
        assertThat(isRepeated(100, -300)).isFalse();
        for (int minute = 1; minute < 60; minute++) {
            assertThat(isRepeated(minute, minute)).isTrue();
            assertThat(isRepeated(100 + minute, minute - 300)).isTrue();
        }
    }

    @Test
    void isRepeated_isFalseForEachKindAndTopic() {
        assertThat(isRepeated(0, 0, "a")).isFalse();
        assertThat(isRepeated(1, 0, "b")).isFalse();
        generation = new Generation(new SourcePartition("u", 0), Logs.position(0));
        assertThat(isRepeated(2, 0, "a")).isFalse();
        assertThat(isRepeated(3, 0, "a")).isTrue();
    }

    @Test
    void isRepeated_isTrueInAnotherPartition() {
        assertThat(isRepeated(7, 0)).isFalse();
        generation = Logs.generation(1);
        assertThat(isRepeated(7, 0)).isTrue();
    }

    @Test
    void isRepeated_isFalseForTheFirstRecordAgain() {
        assertThat(isRepeated(0, 30)).isFalse();
        assertThat(isRepeated(1, 60)).isTrue();

        assertThat(isRepeated(0, 30)).isFalse();
        assertThat(isRepeated(1, 60)).isTrue();
        generation.written(2);
        generation.end();
        generation = Logs.generation(0);
        assertThat(isRepeated(0, 30)).isFalse();
        assertThat(isRepeated(1, 60)).isTrue();
    }

    @Test
    void isRepeated_isFalseIfTheFirstWasLostBeforeItWasWritten() {
        Generation lost = generation;
        assertThat(isRepeated(5, 0)).isFalse();
        lost.written(5);
        lost.end();
        generation = Logs.generation(1);

        assertThat(isRepeated(0, 0)).isFalse();
        assertThat(isRepeated(1, 0)).isTrue();
    }

    @Test
    void isRepeated_isTrueIfTheFirstWasWrittenBeforeItsGenerationEnded() {
        assertThat(isRepeated(5, 0)).isFalse();
        generation.written(6);
        generation.end();
        generation = Logs.generation(1);

        assertThat(isRepeated(0, 0)).isTrue();
    }

    @Test
    void isRepeated_takesTheWallClockForRecordsWithoutATimestamp() {
        SourceRecord.Builder record = SourceRecord.builder(Logs.partition(0), 0);
        assertThat(refusals.isRepeated(generation, record.build(), "a kind")).isFalse();
        now += 59 * MINUTE;
        assertThat(isRepeated(1, 0)).isTrue();
        assertThat(refusals.isRepeated(generation, record.build(), "a kind"))
                .as("read again")
                .isFalse();
        now += 60 * MINUTE;
        assertThat(isRepeated(2, 0)).isFalse();
    }

    @Test
    void isRepeated_forgetsTheKindNotSeenForLongest() {
        assertThat(isRepeated(0, 0, "old")).isFalse();
        assertThat(isRepeated(1, 0, "seen again")).isFalse();
        for (int i = 0; i < 100_000 - 1; i++) {
            isRepeated(2 + i, 0, "kind " + i);
            assertThat(isRepeated(200_000, 0, "seen again")).isTrue();
        }

        assertThat(isRepeated(300_000, 0, "old")).isFalse();
        assertThat(isRepeated(300_001, 0, "seen again")).isTrue();
    }
}
