package io.gpufleet.telemetry.examples.samples;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.Decoder;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.codec.GpuSampleDecoder;
import io.gpufleet.telemetry.codec.SampleDecoderBuilder;
import io.gpufleet.telemetry.gpu.GpuSample;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.SortedSet;
import java.util.function.Consumer;

/** A decoder of records of any format, each of which is known by its first line. Thread-safe. */
final class DetectingDecoder implements Decoder<GpuSample> {
    private final Map<SampleFormat, GpuSampleDecoder> decoders = new EnumMap<>(SampleFormat.class);

    DetectingDecoder(Consumer<SampleDecoderBuilder<?>> options) {
        Arrays.stream(SampleFormat.values())
                .filter(format -> format != SampleFormat.AUTO)
                .forEach(format -> decoders.put(format, format.decoder(options)));
    }

    private GpuSampleDecoder of(byte[] bytes) {
        return requireNonNull(decoders.get(Sniff.of(bytes).format()), "decoder");
    }

    @Override
    public void decode(SourceRecord source, Values<? super GpuSample> values) {
        of(source.value().orElseThrow()).decode(source, values);
    }

    @Override
    public void decode(ByteBuffer source, Values<? super GpuSample> values) {
        byte[] bytes = new byte[source.remaining()];
        source.get(bytes);
        of(bytes).decode(ByteBuffer.wrap(bytes), values);
    }

    @Override
    public byte[] excerpt(byte[] source, SortedSet<Integer> indexes) {
        return of(source).excerpt(source, indexes);
    }
}
