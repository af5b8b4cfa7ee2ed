package io.gpufleet.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gpufleet.telemetry.PartitionLag.OpenTransaction;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PartitionLagTest {
    private static PartitionLag lag(long durable, long end) {
        return new PartitionLag(durable, end, Optional.empty());
    }

    @Test
    void messages_areThoseBetweenThePositionAndTheEnd() {
        assertThat(lag(3, 10).messages()).isEqualTo(7);
        assertThat(lag(10, 10).messages()).isZero();
        assertThat(lag(12, 10).messages()).as("an end that was read earlier").isZero();
    }

    @Test
    void heldBack_countsWhatLiesBehindAnOpenTransaction() {
        OpenTransaction open = new OpenTransaction(4, Instant.EPOCH);

        assertThat(lag(3, 10).heldBack()).isZero();
        assertThat(new PartitionLag(3, 10, Optional.empty(), Optional.of(open)).heldBack())
                .isEqualTo(4);
    }

    @Test
    void openTransaction_holdsBackSomething() {
        assertThat(new OpenTransaction(1, Instant.EPOCH).messages()).isEqualTo(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new OpenTransaction(0, Instant.EPOCH))
                .withMessage("messages: 0 is not more than 0");
    }
}
