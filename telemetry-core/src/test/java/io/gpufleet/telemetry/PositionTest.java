package io.gpufleet.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.UUID;
import org.junit.jupiter.api.Test;

class PositionTest {
    private static final LogId TOPIC = new LogId("a-cluster", new UUID(1, 2));
    private static final SourcePartition PARTITION = new SourcePartition("t", 0);

    @Test
    void isSamePlaceAs_ignoresTheLeaderEpoch() {
        Position position = new Position(TOPIC, 5, 1);

        assertThat(position.isSamePlaceAs(new Position(TOPIC, 5, -1))).isTrue();
        assertThat(position.isSamePlaceAs(new Position(TOPIC, 6, 1))).isFalse();
        assertThat(position.isSamePlaceAs(new Position(new LogId("a-cluster", new UUID(1, 3)), 5, 1)))
                .isFalse();
    }

    @Test
    void position_refusesANegativeOffset() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Position(TOPIC, -1, -1))
                .withMessage("nextOffset: -1 is not 0 or more");
    }

    @Test
    void range_movesFromItsStartToItsEnd() {
        OffsetRange range = new OffsetRange(PARTITION, TOPIC, 5, 9, 3);

        assertThat(range.start()).isEqualTo(new Position(TOPIC, 5, -1));
        assertThat(range.end()).isEqualTo(new Position(TOPIC, 9, 3));
    }

    @Test
    void range_mayBeEmptyButNotBackwards() {
        assertThat(new OffsetRange(PARTITION, TOPIC, 5, 5, -1).start().nextOffset())
                .isEqualTo(5);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new OffsetRange(PARTITION, TOPIC, 5, 4, -1))
                .withMessage("t-0: [5, 4) is not a range of offsets");
        assertThatIllegalArgumentException().isThrownBy(() -> new OffsetRange(PARTITION, TOPIC, -1, 4, -1));
    }

    @Test
    void position_mayBeTheFirstOffset() {
        assertThat(new Position(TOPIC, 0, 1).nextOffset()).isZero();
    }

    @Test
    void log_isATopicOfACluster() {
        assertThat(TOPIC).hasToString("00000000-0000-0001-0000-000000000002 of cluster a-cluster");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new LogId(" ", new UUID(1, 2)))
                .withMessage("clusterId: \" \" is blank");
    }
}
