package io.gpufleet.telemetry.benchmarks.latency;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.benchmarks.pipeline.Servers;
import io.gpufleet.telemetry.benchmarks.report.Extent;
import org.junit.jupiter.api.Test;

/** A table of two seconds: every heartbeat that was sent is committed. Nothing is timed. */
final class LatencyTableIT {

    @Test
    void measure_givesARowOfEach() throws Exception {
        try (Servers servers = Servers.start()) {
            assertThat(LatencyTable.measure(servers, Extent.SMOKE).toString().lines())
                    .anyMatch(line -> line.startsWith("committed"))
                    .anyMatch(line -> line.startsWith("one write"));
        }
    }
}
