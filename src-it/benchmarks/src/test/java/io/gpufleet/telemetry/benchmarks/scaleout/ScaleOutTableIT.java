package io.gpufleet.telemetry.benchmarks.scaleout;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.benchmarks.pipeline.Servers;
import io.gpufleet.telemetry.benchmarks.report.Extent;
import org.junit.jupiter.api.Test;

/** A small table: one, two and four consumers process the backlog. Nothing is timed. */
final class ScaleOutTableIT {

    @Test
    void measure_givesARowOfEach() throws Exception {
        try (Servers servers = Servers.start()) {
            assertThat(ScaleOutTable.measure(servers, Extent.SMOKE).toString().lines())
                    .anyMatch(line -> line.startsWith("1 "))
                    .anyMatch(line -> line.startsWith("2 "))
                    .anyMatch(line -> line.startsWith("4 "));
        }
    }
}
