package io.gpufleet.telemetry.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every truncation of every text, plain and as gzip: the rest has no sample beyond those of the whole text, nothing but
 * a refusal happens, and refused lines are refused again when their excerpt is decoded.
 */
class SampleTruncationTest {
    private static final GpuSampleDecoder NVIDIA_SMI =
            NvidiaSmiCsvDecoder.builder().zone(ZoneOffset.UTC).build();
    private static final GpuSampleDecoder EVENT = MetricEventDecoder.create();
    private static final GpuSampleDecoder DETECTING =
            GpuSampleDecoder.detecting().zone(ZoneOffset.UTC).build();
    private static final GpuSampleDecoder LINE_PROTOCOL = LineProtocolDecoder.create();
    /** The decoders of forms whose rows have good readings beside refused ones. */
    private static final Set<GpuSampleDecoder> WIDE = Set.of(NVIDIA_SMI, EVENT, LINE_PROTOCOL, DETECTING);

    static Stream<Arguments> texts() {
        return Stream.of(
                        texts(ExpositionTextDecoder.create(), SampleTexts.EXPOSITION),
                        texts(SampleCsvDecoder.create(), SampleTexts.CSV),
                        texts(SampleJsonDecoder.create(), SampleTexts.JSON),
                        texts(NVIDIA_SMI, SampleTexts.NVIDIA_SMI),
                        texts(EVENT, SampleTexts.EVENT),
                        texts(LINE_PROTOCOL, SampleTexts.LINE_PROTOCOL),
                        texts(DETECTING, SampleTexts.LINE_PROTOCOL),
                        texts(DETECTING, SampleTexts.EXPOSITION),
                        texts(DETECTING, SampleTexts.NVIDIA_SMI))
                .flatMap(texts -> texts);
    }

    private static Stream<Arguments> texts(GpuSampleDecoder decoder, List<String> texts) {
        return texts.stream().map(text -> Arguments.of(decoder, text));
    }

    @ParameterizedTest
    @MethodSource("texts")
    void decode_readsNoOtherSampleOfATruncation(GpuSampleDecoder decoder, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        List<String> whole = Decoded.of(decoder, bytes).readings();
        assertThat(whole).isNotEmpty();
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            Decoded decoded = Decoded.of(decoder, cut);

            assertThat(whole).as("%d bytes", length).containsAll(decoded.readings());
            assertThat(decoded.samples()).allMatch(sample -> sample.time().isAfter(Decoded.NOON.minusSeconds(9000)));
            assertRefusedAgain(decoder, cut, decoded);
        }
    }

    @ParameterizedTest
    @MethodSource("texts")
    void decode_readsTheWholeLinesOfTruncatedGzip(GpuSampleDecoder decoder, String text) {
        byte[] bytes = InflatedTest.gzip(text);
        List<String> whole = Decoded.of(decoder, bytes).readings();
        for (int length = 2; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            Decoded decoded = Decoded.of(decoder, cut);

            assertThat(whole).as("%d bytes", length).containsAll(decoded.readings());
            assertThat(decoded.end()).isPresent();
            assertThat(decoder.excerpt(cut, decoded.refused())).isSameAs(cut);
        }
    }

    private static void assertRefusedAgain(GpuSampleDecoder decoder, byte[] cut, Decoded decoded) {
        if (!decoded.refused().isEmpty()) {
            byte[] excerpt = decoder.excerpt(cut, decoded.refused());
            Decoded again = Decoded.of(decoder, excerpt);
            if (decoded.end().isPresent()) {
                assertThat(excerpt).isSameAs(cut);
            } else {
                assertThat(WIDE.contains(decoder) ? decoded.samples() : List.of())
                        .containsAll(again.samples());
                assertThat(again.refusals()).hasSameSizeAs(decoded.refusals());
            }
        }
    }
}
