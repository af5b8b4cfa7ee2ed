package io.gpufleet.telemetry.benchmarks.footprint;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.benchmarks.pipeline.Servers;
import io.gpufleet.telemetry.benchmarks.report.Extent;
import org.junit.jupiter.api.Test;

/** A small table: a consumer with little memory survives a backlog. Nothing is timed. */
final class FootprintTableIT {

    @Test
    void measure_givesARowOfEach() throws Exception {
        try (Servers servers = Servers.start()) {
            assertThat(FootprintTable.measure(servers, Extent.SMOKE).toString().lines())
                    .anyMatch(line -> line.startsWith("20 ms"));
        }
    }
}
