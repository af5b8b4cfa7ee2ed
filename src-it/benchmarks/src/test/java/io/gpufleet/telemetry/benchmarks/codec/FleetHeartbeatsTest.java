package io.gpufleet.telemetry.benchmarks.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.heartbeat.Heartbeat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FleetHeartbeatsTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 8})
    void of_makesHeartbeatsThatDifferInEverythingAndHaveSoManyPods(int pods) {
        Heartbeat[] heartbeats = FleetHeartbeats.of(pods);

        assertThat(heartbeats)
                .hasSize(FleetHeartbeats.COUNT)
                .allSatisfy(heartbeat -> assertThat(heartbeat.pods()).hasSize(pods));
        assertThat(heartbeats).extracting(Heartbeat::clientId).doesNotHaveDuplicates();
        assertThat(heartbeats).extracting(Heartbeat::pods).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 8})
    void of_makesTheSameOnesAgain(int pods) {
        assertThat(FleetHeartbeats.of(pods)).isEqualTo(FleetHeartbeats.of(pods));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 8})
    void copy_isAnotherHeartbeatThatIsEqual(int pods) {
        for (Heartbeat heartbeat : FleetHeartbeats.of(pods)) {
            assertThat(RecordBenchmark.copy(heartbeat)).isEqualTo(heartbeat).isNotSameAs(heartbeat);
        }
    }
}
