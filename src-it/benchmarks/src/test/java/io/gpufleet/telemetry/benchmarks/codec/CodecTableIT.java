package io.gpufleet.telemetry.benchmarks.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A small run of everything. Nothing is timed. */
class CodecTableIT {

    @Test
    void measure_hasARowForEveryFormatInBothSizes(@TempDir Path directory) throws Exception {
        String text = CodecTable.measure(Effort.SMOKE, directory);

        for (WireForm form : WireForm.values()) {
            String name = form.open().name();
            assertThat(text.lines().filter(line -> line.matches("\\Q" + name + "\\E +[18] .*")))
                    .as(name)
                    .hasSize(CodecRun.PODS.size());
        }
        assertThat(text.lines().filter(line -> line.startsWith("the record alone")))
                .hasSize(CodecRun.PODS.size());
        assertThat(directory.resolve("jmh-1.txt")).content().contains("CodecBenchmark.decode");
    }
}
