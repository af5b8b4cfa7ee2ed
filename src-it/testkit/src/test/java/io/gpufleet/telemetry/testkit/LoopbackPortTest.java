package io.gpufleet.telemetry.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LoopbackPortTest {

    /** A broker needs several ports, none of which is in use before it starts. */
    @Test
    void free_givesNoPortTwice() {
        assertThat(IntStream.generate(LoopbackPort::free).limit(1_000))
                .doesNotHaveDuplicates()
                .allMatch(port -> port >= 16_384 && port < 32_768);
    }
}
