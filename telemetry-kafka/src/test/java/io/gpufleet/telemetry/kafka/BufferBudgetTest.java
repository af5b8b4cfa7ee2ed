package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BufferBudgetTest {

    @Test
    void share_isTheSameForEveryLane() {
        assertThat(new BufferBudget(1_000, 3).share()).isEqualTo(333);
        assertThat(new BufferBudget(2, 4).share()).isEqualTo(1);
    }

    @Test
    void usual_leavesRoomInASmallHeap() {
        assertThat(BufferBudget.usual(128 << 20)).isEqualTo(16 << 20);
        assertThat(BufferBudget.usual(1L << 30)).isEqualTo(128 << 20);
        assertThat(BufferBudget.usual(Long.MAX_VALUE)).isEqualTo(128 << 20);
    }

    @Test
    void take_countsByLaneAndInAll() {
        BufferBudget budget = new BufferBudget(1_000, 2);

        budget.take(0, 2, 70);
        budget.take(1, 1, 30);
        budget.release(0, 1, 50);

        assertThat(budget.usedBy(0)).isEqualTo(20);
        assertThat(budget.usedBy(1)).isEqualTo(30);
        assertThat(budget.used()).isEqualTo(50);
        assertThat(budget.records()).isEqualTo(2);
    }

    @Test
    void peak_isTheMostEverUsed() {
        BufferBudget budget = new BufferBudget(1_000, 2);

        budget.take(0, 1, 70);
        budget.take(1, 1, 30);
        budget.release(0, 1, 70);
        budget.take(0, 1, 60);

        assertThat(budget.peak()).isEqualTo(100);
    }
}
