package io.gpufleet.telemetry.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.MetricEvent;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Decodes texts of a fuzzer: nothing but {@link CodecException} is thrown, memory is bounded by the length of the
 * bytes, and what is refused is refused again when its excerpt is decoded.
 *
 * <p>A build replays the inputs in {@code src/test/resources/.../GpuSampleFuzzTestInputs}, which are texts. Fuzzing is
 * a run of its own, one target ({@code exposition}, {@code csv}, {@code json}, {@code nvidiaSmi}, {@code event},
 * {@code lineProtocol} or {@code detecting}) at a time:
 *
 * <pre>{@code
 * mvn -Pfuzz -pl telemetry-codec -am test -Dfuzz.test=GpuSampleFuzzTest -Dfuzz.target=csv -Dfuzz.duration=20m
 * }</pre>
 *
 * <p>Branches guide the fuzzer, comparisons do not: in the same time it reaches more of both, as the inputs hold the
 * words that are compared. {@code -Dfuzz.trace=cmp:cov} has it watch comparisons too, which takes four times as long.
 */
class GpuSampleFuzzTest {
    /** The objects of a call, whatever its bytes. */
    private static final long CONSTANT = 64 << 10;
    /** The shortest row has 2 bytes; its refusal and the texts it is made of have some hundred. */
    private static final long MULTIPLE = 512;

    /** The fuzzer watches texts, and allocates for each of them. */
    private static final boolean IS_FUZZING = System.getenv("JAZZER_FUZZ") != null;

    private static final int LONGEST_EXCERPT = 64 << 10;
    /** Of so many texts, the fuzzer reads the excerpt of one. */
    private static final int DETECTED_EXCERPTS = 4;

    private static final Set<Class<?>> ROWS_OF_ONE =
            Set.of(ExpositionTextDecoder.class, SampleCsvDecoder.class, SampleJsonDecoder.class);

    /** New for each text: a decoder remembers labels, and a finding must not depend on the texts before. */
    private static final List<Supplier<GpuSampleDecoder>> EXPOSITION = List.of(
            ExpositionTextDecoder::create,
            () -> ExpositionTextDecoder.builder()
                    .acceptOpenEnd()
                    .keepOutOfRange()
                    .build());

    private static final List<GpuSampleDecoder> CSV = List.of(
            SampleCsvDecoder.create(),
            SampleCsvDecoder.builder().acceptOpenEnd().keepOutOfRange().build());
    private static final GpuSampleDecoder JSON = SampleJsonDecoder.create();
    private static final GpuSampleDecoder NVIDIA_SMI =
            NvidiaSmiCsvDecoder.builder().zone(ZoneOffset.UTC).build();
    private static final GpuSampleDecoder EVENT = MetricEventDecoder.create();
    private static final List<GpuSampleDecoder> LINE_PROTOCOL = List.of(
            LineProtocolDecoder.create(),
            LineProtocolDecoder.builder()
                    .acceptOpenEnd()
                    .keepOutOfRange()
                    .keepOtherDevices()
                    .build());
    private static final MetricEventJsonCodec CODEC = MetricEventJsonCodec.create();

    @FuzzTest
    void exposition(byte[] bytes) {
        chosen(EXPOSITION, bytes).forEach(decoder -> decode(decoder.get(), bytes));
    }

    @FuzzTest
    void csv(byte[] bytes) {
        chosen(CSV, bytes).forEach(decoder -> decode(decoder, bytes));
    }

    /** Returns all decoders for a build, and one for each text of a fuzzer, which has many of either length. */
    private static <T> List<T> chosen(List<T> decoders, byte[] bytes) {
        int one = bytes.length % decoders.size();
        return IS_FUZZING ? decoders.subList(one, one + 1) : decoders;
    }

    @FuzzTest
    void lineProtocol(byte[] bytes) {
        chosen(LINE_PROTOCOL, bytes).forEach(decoder -> decode(decoder, bytes));
    }

    @FuzzTest
    void json(byte[] bytes) {
        decode(JSON, bytes);
    }

    @FuzzTest
    void nvidiaSmi(byte[] bytes) {
        decode(NVIDIA_SMI, bytes);
    }

    @FuzzTest
    void event(byte[] bytes) {
        decode(EVENT, bytes);
        try {
            MetricEvent event = CODEC.decode(bytes);
            byte[] json = CODEC.encode(event);
            MetricEvent again = CODEC.decode(json);
            // Faults come in the order of the JSON, which need not be ours.
            assertThat(again.faults()).containsExactlyInAnyOrderElementsOf(event.faults());
            assertThat(CODEC.encode(again)).isEqualTo(json);
        } catch (CodecException refusal) {
            assertThat(refusal.reason()).isNotBlank();
            assertThat(refusal.offset()).isBetween(0, bytes.length);
        }
    }

    @FuzzTest
    void detecting(byte[] bytes) {
        decode(
                GpuSampleDecoder.detecting()
                        .zone(ZoneOffset.UTC)
                        .keepOtherDevices()
                        .build(),
                bytes);
    }

    private static void decode(GpuSampleDecoder decoder, byte[] bytes) {
        byte[] before = bytes.clone();
        Decoded decoded = Decoded.of(decoder, bytes);
        require(Arrays.equals(before, bytes), "the bytes were changed");
        decoded.samples().forEach(sample -> require(isGood(sample), "a sample without value or UUID"));
        decoded.refusals().forEach(reason -> require(!reason.isBlank(), "a blank reason"));
        decoded.end().ifPresent(end -> assertThat(end.offset()).isBetween(0, bytes.length));
        if (!decoded.refused().isEmpty() && isExcerptRead(decoder, bytes)) {
            assertRefusedAgain(decoder, bytes, decoded);
        }
        if (!IS_FUZZING) {
            assertBounded(decoder, bytes);
        }
    }

    /** Fails as an assertion does, which the fuzzer would make for each of millions of texts. */
    private static void require(boolean holds, String fault) {
        if (!holds) {
            throw new AssertionError(fault);
        }
    }

    /** Returns whether the excerpt is looked at: of the decoder that detects its form again, the fuzzer reads some. */
    private static boolean isExcerptRead(GpuSampleDecoder decoder, byte[] bytes) {
        return !IS_FUZZING || !(decoder instanceof DetectingDecoder) || bytes.length % DETECTED_EXCERPTS == 0;
    }

    private static boolean isGood(GpuSample sample) {
        return Double.isFinite(sample.value()) && !sample.subject().uuid().isBlank();
    }

    private static void assertRefusedAgain(GpuSampleDecoder decoder, byte[] bytes, Decoded decoded) {
        if (decoded.end().isPresent()) {
            return;
        }
        byte[] excerpt = decoder.excerpt(bytes, decoded.refused());
        assertThat(excerpt.length).isLessThanOrEqualTo(Math.max(LONGEST_EXCERPT, bytes.length));
        Decoded again = Decoded.of(decoder, excerpt);
        // A row of nvidia-smi, and an event, has good readings beside the refused ones.
        assertThat(ROWS_OF_ONE.contains(decoder.getClass()) ? List.of() : decoded.samples())
                .containsAll(again.samples());
    }

    /** Asserts the limit, in a second attempt if the first one exceeds it: the first may load classes. */
    private static void assertBounded(GpuSampleDecoder decoder, byte[] bytes) {
        long limit = MULTIPLE * bytes.length + CONSTANT;
        Runnable decode = () -> Decoded.of(decoder, bytes);
        if (Allocation.of(decode) > limit) {
            assertThat(Allocation.of(decode)).isLessThanOrEqualTo(limit);
        }
    }
}
