package io.gpufleet.telemetry.benchmarks.growth;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.benchmarks.pipeline.Servers;
import io.gpufleet.telemetry.benchmarks.report.Extent;
import org.junit.jupiter.api.Test;

/** A small table of each layout. Nothing is timed. */
final class GrowthTableIT {

    @Test
    void measure_givesARowOfEach() throws Exception {
        try (Servers servers = Servers.start()) {
            assertThat(GrowthTable.measure(servers, Extent.SMOKE).toString().lines())
                    .anyMatch(line -> line.startsWith("one table"))
                    .anyMatch(line -> line.startsWith("by day"))
                    .anyMatch(line -> line.startsWith("by day, without key"));
        }
    }
}
