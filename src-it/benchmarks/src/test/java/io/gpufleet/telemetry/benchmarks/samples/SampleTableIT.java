package io.gpufleet.telemetry.benchmarks.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A small run of everything. Nothing is timed. */
class SampleTableIT {

    @Test
    void measure_hasARowForEveryBenchmark(@TempDir Path directory) throws Exception {
        assertThat(SampleTable.measure(true, directory))
                .contains("exposition ", "csv ", "csvByCommons ", "event ", "eventByDatabind ", "samplesAlone ");
    }
}
