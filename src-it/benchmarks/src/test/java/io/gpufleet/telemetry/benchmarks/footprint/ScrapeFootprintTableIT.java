package io.gpufleet.telemetry.benchmarks.footprint;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.benchmarks.pipeline.Servers;
import io.gpufleet.telemetry.benchmarks.report.Extent;
import org.junit.jupiter.api.Test;

/** A small table: a consumer with little memory writes all samples of large scrapes. Nothing is timed. */
final class ScrapeFootprintTableIT {

    @Test
    void measure_writesAllSamples() throws Exception {
        try (Servers servers = Servers.start()) {
            assertThat(ScrapeFootprintTable.measure(servers, Extent.SMOKE).toString())
                    .contains("24,700");
        }
    }
}
