package io.gpufleet.telemetry.examples.samples;

import io.gpufleet.telemetry.Decoder;
import io.gpufleet.telemetry.codec.SampleDecoderBuilder;
import io.gpufleet.telemetry.gpu.GpuSample;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.Optional;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options for the reading of samples. A picocli mixin. Not thread-safe. */
public final class DecoderOptions {
    @Option(
            names = "--format",
            paramLabel = "<format>",
            defaultValue = "auto",
            description = "The format: ${COMPLETION-CANDIDATES} (default: auto, which goes by the content).")
    private SampleFormat format = SampleFormat.AUTO;

    @Option(
            names = "--zone",
            paramLabel = "<zone>",
            converter = Zone.class,
            description = {
                "The zone of times without one, as UTC, Europe/Berlin or +01:00.",
                "Without it such times are refused."
            })
    private Optional<ZoneId> zone = Optional.empty();

    /** Reads a zone. */
    static final class Zone implements ITypeConverter<ZoneId> {
        @Override
        public ZoneId convert(String text) {
            try {
                return ZoneId.of(text);
            } catch (DateTimeException e) {
                throw new TypeConversionException(
                        "\"" + text + "\" is not a zone such as UTC, Europe/Berlin or +01:00");
            }
        }
    }

    SampleFormat format() {
        return format;
    }

    /**
     * Returns a decoder of the records of a topic.
     *
     * @return a thread-safe decoder
     */
    public Decoder<GpuSample> decoder() {
        return format.decoder(this::applyTo);
    }

    void applyTo(SampleDecoderBuilder<?> decoder) {
        zone.ifPresent(decoder::zone);
    }
}
