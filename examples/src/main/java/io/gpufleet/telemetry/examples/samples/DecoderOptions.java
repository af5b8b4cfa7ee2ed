package io.gpufleet.telemetry.examples.samples;

import io.gpufleet.telemetry.Decoder;
import io.gpufleet.telemetry.Validator;
import io.gpufleet.telemetry.codec.GpuSampleDecoder;
import io.gpufleet.telemetry.codec.SampleDecoderBuilder;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSampleValidator;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.Optional;
import java.util.function.Consumer;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/**
 * The options for the reading of samples, which the consumer, the check and the publisher share, so that they accept
 * the same. A picocli mixin. Not thread-safe.
 */
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

    @Option(
            names = "--any-age",
            description = {
                "Accepts samples of any age, for a backfill.",
                "Otherwise the consumer refuses those that are more than 30 days older than their record, and the other"
                        + " programs say how many they are."
            })
    private boolean anyAge;

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

    /**
     * Checks that the options fit together.
     *
     * @throws IllegalArgumentException if a zone is given for a format whose times have none
     */
    void check() {
        if (zone.isPresent() && !format.hasZones()) {
            throw new IllegalArgumentException(
                    "--zone: has no effect with --format=" + format + ", whose times are never without a zone");
        }
    }

    SampleFormat format() {
        return format;
    }

    /**
     * Returns a decoder of the records of a topic.
     *
     * @return a thread-safe decoder
     * @throws IllegalArgumentException if a zone is given for a format whose times have none
     */
    public Decoder<GpuSample> decoder() {
        return decoder(builder -> {});
    }

    /** Returns a decoder with further options. */
    GpuSampleDecoder decoder(Consumer<SampleDecoderBuilder<?>> further) {
        check();
        return format.decoder(builder -> {
            zone.ifPresent(builder::zone);
            further.accept(builder);
        });
    }

    /**
     * Returns a validator of the samples of a topic.
     *
     * @return a thread-safe validator
     */
    public Validator<GpuSample> validator() {
        GpuSampleValidator.Builder validator = GpuSampleValidator.builder();
        return anyAge ? validator.anyAge().build() : validator.build();
    }
}
