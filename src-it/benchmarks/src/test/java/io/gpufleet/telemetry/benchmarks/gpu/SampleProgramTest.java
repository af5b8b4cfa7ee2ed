package io.gpufleet.telemetry.benchmarks.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class SampleProgramTest {

    @Test
    void rounds_areFiveUnlessGiven() {
        assertThat(SampleProgram.rounds("full")).isEqualTo(5);
        assertThat(SampleProgram.rounds("full", "rounds=2")).isEqualTo(2);
    }
}
