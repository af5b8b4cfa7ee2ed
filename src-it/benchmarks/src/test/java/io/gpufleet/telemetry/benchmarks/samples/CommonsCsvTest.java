package io.gpufleet.telemetry.benchmarks.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.Decoder.Values;
import io.gpufleet.telemetry.codec.ExpositionTextDecoder;
import io.gpufleet.telemetry.codec.SampleCsvDecoder;
import io.gpufleet.telemetry.codec.ScrapeContext;
import io.gpufleet.telemetry.gpu.GpuSample;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CommonsCsvTest {

    @Test
    void read_makesTheSameSamples() throws Exception {
        List<GpuSample> ours = new ArrayList<>();
        SampleCsvDecoder.create().decode(Texts.csv(), ours::add);

        assertThat(CommonsCsv.read(Texts.csv())).isEqualTo(ours).hasSize(Texts.SAMPLES);
    }

    @Test
    void exposition_hasTheSameReadings() {
        List<GpuSample> samples = new ArrayList<>();
        ExpositionTextDecoder.create()
                .decode(ByteBuffer.wrap(Texts.exposition()), ScrapeContext.at(Texts.TIME), new Values<>() {
                    @Override
                    public void accept(GpuSample sample) {
                        samples.add(sample);
                    }

                    @Override
                    public void refuse(String reason) {
                        throw new AssertionError(reason);
                    }
                });
        List<GpuSample> csv = new ArrayList<>();
        SampleCsvDecoder.create().decode(Texts.csv(), csv::add);

        assertThat(samples)
                .extracting(sample -> sample.metric().name()
                        + sample.value()
                        + sample.subject().uuid())
                .isEqualTo(csv.stream()
                        .map(sample -> sample.metric().name()
                                + sample.value()
                                + sample.subject().uuid())
                        .toList());
    }
}
