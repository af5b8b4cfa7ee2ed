package io.gpufleet.telemetry.heartbeat;

import static io.gpufleet.telemetry.Records.delivery;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.gpufleet.telemetry.Aggregator;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class NewestHeartbeatTest {
    private static final Instant TIME = Instant.parse("2026-03-01T12:00:00Z");
    private static final Aggregator<Heartbeat, ClientId, NewestHeartbeat> NEWEST = NewestHeartbeat.aggregator();

    private static Heartbeat heartbeat(int cpuUsage) {
        return Heartbeats.of(Heartbeats.CLIENT, new SystemInfo(cpuUsage, 0, 0, 0, 0));
    }

    @Test
    void newest_isTheOneWithTheLatestTime() {
        assertThat(NEWEST.aggregate(List.of(
                        delivery(heartbeat(1), TIME),
                        delivery(heartbeat(2), TIME.plusMillis(2)),
                        delivery(heartbeat(3), TIME.plusMillis(1)))))
                .containsEntry(Heartbeats.CLIENT, new NewestHeartbeat(heartbeat(2), TIME.plusMillis(2)))
                .hasSize(1);
    }

    @Test
    void newest_ofTwoAtTheSameTimeIsTheSameInAnyOrder() {
        NewestHeartbeat one = new NewestHeartbeat(heartbeat(1), TIME);
        NewestHeartbeat two = new NewestHeartbeat(heartbeat(2), TIME);

        assertThat(NEWEST.merge(one, two)).isEqualTo(NEWEST.merge(two, one));
        assertThat(NEWEST.aggregate(List.of(delivery(heartbeat(1), TIME), delivery(heartbeat(2), TIME))))
                .isEqualTo(NEWEST.aggregate(List.of(delivery(heartbeat(2), TIME), delivery(heartbeat(1), TIME))));
    }

    @Test
    void newest_isKeptForEveryClient() {
        Heartbeat other = Heartbeats.of(new ClientId(0, 1), Heartbeats.LOAD);

        assertThat(NEWEST.aggregate(List.of(delivery(heartbeat(1), TIME), delivery(other, TIME.minusSeconds(1)))))
                .containsKeys(Heartbeats.CLIENT, new ClientId(0, 1));
        assertThat(new NewestHeartbeat(other, TIME).clientId()).isEqualTo(new ClientId(0, 1));
    }

    @Test
    void newest_needsHeartbeatAndTime() {
        assertThatNullPointerException().isThrownBy(() -> new NewestHeartbeat(null, TIME));
        assertThatNullPointerException().isThrownBy(() -> new NewestHeartbeat(heartbeat(1), null));
    }
}
