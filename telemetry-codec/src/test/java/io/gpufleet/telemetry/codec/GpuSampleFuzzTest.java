package io.gpufleet.telemetry.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.gpu.GpuSample;

/**
 * Decodes texts of a fuzzer: nothing but {@link CodecException} is thrown, memory is bounded by the length of the
 * bytes, and what is refused is refused again when its excerpt is decoded.
 *
 * <p>A build replays the inputs in {@code src/test/resources/.../GpuSampleFuzzTestInputs}, which are texts. Fuzzing is
 * a run of its own, one target ({@code exposition}, {@code csv} or {@code json}) at a time:
 *
 * <pre>{@code
 * mvn -Pfuzz -pl telemetry-codec -am test -Dfuzz.test=GpuSampleFuzzTest -Dfuzz.target=csv -Dfuzz.duration=10m
 * }</pre>
 */
class GpuSampleFuzzTest {
    /** The objects of a call, whatever its bytes. */
    private static final long CONSTANT = 64 << 10;
    /** The shortest row has 2 bytes; its refusal and the texts it is made of have some hundred. */
    private static final long MULTIPLE = 512;

    /** The fuzzer watches texts, and allocates for each of them. */
    private static final boolean IS_FUZZING = System.getenv("JAZZER_FUZZ") != null;

    private static final int LONGEST_EXCERPT = 64 << 10;

    private static final GpuSampleDecoder EXPOSITION = ExpositionTextDecoder.create();
    private static final GpuSampleDecoder CSV = SampleCsvDecoder.create();
    private static final GpuSampleDecoder JSON = SampleJsonDecoder.create();

    @FuzzTest
    void exposition(byte[] bytes) {
        decode(EXPOSITION, bytes);
        decode(ExpositionTextDecoder.builder().acceptOpenEnd().keepOutOfRange().build(), bytes);
    }

    @FuzzTest
    void csv(byte[] bytes) {
        decode(CSV, bytes);
        decode(SampleCsvDecoder.builder().acceptOpenEnd().keepOutOfRange().build(), bytes);
    }

    @FuzzTest
    void json(byte[] bytes) {
        decode(JSON, bytes);
    }

    private static void decode(GpuSampleDecoder decoder, byte[] bytes) {
        byte[] before = bytes.clone();
        Decoded decoded = Decoded.of(decoder, bytes);
        assertThat(bytes).isEqualTo(before);
        assertThat(decoded.samples()).allMatch(GpuSampleFuzzTest::isGood);
        assertThat(decoded.refusals()).noneMatch(String::isBlank);
        decoded.end().ifPresent(end -> assertThat(end.offset()).isBetween(0, bytes.length));
        if (!decoded.refused().isEmpty()) {
            assertRefusedAgain(decoder, bytes, decoded);
        }
        if (!IS_FUZZING) {
            assertBounded(decoder, bytes);
        }
    }

    private static boolean isGood(GpuSample sample) {
        return Double.isFinite(sample.value()) && !sample.subject().uuid().isBlank();
    }

    private static void assertRefusedAgain(GpuSampleDecoder decoder, byte[] bytes, Decoded decoded) {
        if (decoded.end().isPresent()) {
            return;
        }
        byte[] excerpt = decoder.excerpt(bytes, decoded.refused());
        assertThat(excerpt).hasSizeLessThanOrEqualTo(LONGEST_EXCERPT);
        assertThat(Decoded.of(decoder, excerpt).samples()).isEmpty();
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
