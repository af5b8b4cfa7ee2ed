package io.gpufleet.telemetry.benchmarks.samples;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import io.gpufleet.telemetry.Decoder.Values;
import io.gpufleet.telemetry.codec.ExpositionTextDecoder;
import io.gpufleet.telemetry.codec.GpuSampleDecoder;
import io.gpufleet.telemetry.codec.MetricEventJsonCodec;
import io.gpufleet.telemetry.codec.SampleCsvDecoder;
import io.gpufleet.telemetry.codec.ScrapeContext;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.MetricEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/** The benchmark of a scrape as exposition text and as CSV, and of a metric event, run by {@link SampleTable}. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@SuppressWarnings("NullAway.Init") // JMH sets the fields before it measures.
public class SampleBenchmark {
    private static final ScrapeContext CONTEXT = ScrapeContext.at(Texts.TIME);

    private final GpuSampleDecoder expositionDecoder = ExpositionTextDecoder.create();
    private final GpuSampleDecoder csvDecoder = SampleCsvDecoder.create();
    private final MetricEventJsonCodec eventCodec = MetricEventJsonCodec.create();
    private final ObjectReader databind = new ObjectMapper().readerFor(EventPojo.class);

    private byte[] expositionText;
    private byte[] csvText;
    private byte[] eventJson;
    private MetricEvent metricEvent;
    private GpuSample[] samples;

    /** Creates the texts. */
    @Setup
    public void open() {
        expositionText = Texts.exposition();
        csvText = Texts.csv();
        eventJson = Texts.event();
        metricEvent = eventCodec.decode(eventJson);
        samples = new GpuSample[Texts.SAMPLES];
        Arrays.setAll(samples, i -> GpuSample.of(Texts.TIME, sample().metric(), i, sample().subject()));
    }

    private GpuSample sample() {
        GpuSample[] first = new GpuSample[1];
        expositionDecoder.decode(ByteBuffer.wrap(expositionText), CONTEXT, new Values<>() {
            @Override
            public void accept(GpuSample sample) {
                first[0] = sample;
            }

            @Override
            public void refuse(String reason) {
                throw new IllegalStateException(reason);
            }
        });
        return first[0];
    }

    /** Creates the samples of a scrape from values at hand: the least that any decoder allocates. */
    @Benchmark
    public void samplesAlone(Blackhole hole) {
        for (GpuSample sample : samples) {
            hole.consume(GpuSample.of(sample.time(), sample.metric(), sample.value(), sample.subject()));
        }
    }

    /** Reads exposition text. */
    @Benchmark
    public void exposition(Blackhole hole) {
        expositionDecoder.decode(ByteBuffer.wrap(expositionText), CONTEXT, new Consumed(hole));
    }

    /** Reads CSV. */
    @Benchmark
    public void csv(Blackhole hole) {
        csvDecoder.decode(ByteBuffer.wrap(csvText), CONTEXT, new Consumed(hole));
    }

    /** Reads CSV with Commons CSV. */
    @Benchmark
    public List<GpuSample> csvByCommons() throws IOException {
        return CommonsCsv.read(csvText);
    }

    /** Reads an event. */
    @Benchmark
    public MetricEvent event() {
        return eventCodec.decode(eventJson);
    }

    /** Reads an event with Jackson databind, and its time. */
    @Benchmark
    public void eventByDatabind(Blackhole hole) throws IOException {
        EventPojo event = databind.readValue(eventJson);
        hole.consume(event);
        hole.consume(event.timestamp == null ? null : Instant.parse(event.timestamp));
    }

    /** Writes an event. */
    @Benchmark
    public byte[] eventWritten() {
        return eventCodec.encode(metricEvent);
    }

    /** The values of a message, which must all be good. */
    private record Consumed(Blackhole hole) implements Values<GpuSample> {
        @Override
        public void accept(GpuSample sample) {
            hole.consume(sample);
        }

        @Override
        public void refuse(String reason) {
            throw new IllegalStateException(reason);
        }
    }
}
