package io.gpufleet.telemetry.codec;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.codec.RandomScrapes.Scrape;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.Scope;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A decoder that has read any texts reads the next one as a new decoder does: values, refusals, counts and scopes. */
class ExpositionMemoryTest {
    private static final int TEXTS = 300;
    private static final int THREADS = 4;
    private static final int MORE_THAN_IS_KEPT = 15_000;

    /** What a resolver of hosts knows besides the labels. */
    private static final ThreadLocal<String> DATACENTER = ThreadLocal.withInitial(() -> "dc0");

    static Stream<Arguments> decoders() {
        return Stream.of(
                decoder("defaults", ExpositionTextDecoder::create),
                decoder(
                        "all rows",
                        () -> ExpositionTextDecoder.builder()
                                .keepOtherDevices()
                                .keepOutOfRange()
                                .acceptOpenEnd()
                                .build()),
                decoder(
                        "a host",
                        () -> ExpositionTextDecoder.builder()
                                .host("n9")
                                .openMetrics()
                                .build()),
                decoder(
                        "few labels",
                        () -> ExpositionTextDecoder.builder()
                                .maxLabels(4)
                                .maxLabelBytes(8)
                                .maxLineBytes(80)
                                .build()),
                decoder(
                        "a resolver of hosts",
                        () -> ExpositionTextDecoder.builder()
                                .hostResolver((labels, found) -> found + '.' + DATACENTER.get())
                                .build()),
                decoder(
                        "detecting",
                        () -> GpuSampleDecoder.detecting().zone(ZoneOffset.UTC).build()));
    }

    private static Arguments decoder(String name, Supplier<GpuSampleDecoder> fresh) {
        return Arguments.of(name, fresh);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("decoders")
    void decode_isTheSameAfterOtherTexts(String name, Supplier<GpuSampleDecoder> fresh) {
        assertSame(new RandomScrapes(20260301).next(TEXTS), fresh.get(), fresh);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("decoders")
    void decode_isTheSameInSeveralThreads(String name, Supplier<GpuSampleDecoder> fresh) throws Exception {
        GpuSampleDecoder warm = fresh.get();
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Callable<Void>> readers = new ArrayList<>();
            for (int seed = 0; seed < THREADS; seed++) {
                List<Scrape> scrapes = new RandomScrapes(seed).next(TEXTS / THREADS);
                readers.add(() -> {
                    assertSame(scrapes, warm, fresh);
                    return null;
                });
            }
            for (Future<Void> reader : threads.invokeAll(readers)) {
                reader.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static void assertSame(List<Scrape> scrapes, GpuSampleDecoder warm, Supplier<GpuSampleDecoder> fresh) {
        for (int i = 0; i < scrapes.size(); i++) {
            DATACENTER.set("dc" + i / 3);
            Scrape scrape = scrapes.get(i);
            Decoded expected = Decoded.of(fresh.get(), scrape.bytes(), scrape.context());

            Decoded decoded = Decoded.of(warm, scrape.bytes(), scrape.context());

            assertThat(decoded.samples().equals(expected.samples()))
                    .as("text %d: %s", i, decoded.samples())
                    .isTrue();
            assertThat(Scope.assign(decoded.samples()).equals(decoded.samples()))
                    .as("scopes of text %d: %s", i, decoded.samples())
                    .isTrue();
            assertThat(decoded.refusals()).as("text %d", i).isEqualTo(expected.refusals());
            assertThat(decoded.kinds()).as("text %d", i).isEqualTo(expected.kinds());
            assertThat(decoded.counts()).as("text %d", i).isEqualTo(expected.counts());
            assertThat(decoded.fault()).as("text %d", i).isEqualTo(expected.fault());
        }
    }

    @Test
    void decode_countsTheSameInEveryText() {
        GpuSampleDecoder decoder = ExpositionTextDecoder.create();
        byte[] line = "DCGM_FI_DEV_GPU_TEMP{UUID=\"GPU-01\",pod=\"\u00ff\"} 41\n".getBytes(ISO_8859_1);

        for (int i = 0; i < 100; i++) {
            assertThat(Decoded.of(decoder, line).counts()).isEqualTo(Map.of("malformed text", 1));
        }
    }

    @Test
    void decode_takesTheHostOfEachRecord() {
        GpuSampleDecoder decoder = ExpositionTextDecoder.create();
        byte[] line = "DCGM_FI_DEV_GPU_TEMP{UUID=\"GPU-01\",Hostname=\"n1\"} 41\n".getBytes(UTF_8);

        for (String host : List.of("n2", "n3", "n2")) {
            assertThat(Decoded.of(decoder, line, ScrapeContext.of(Decoded.NOON, host))
                            .sample()
                            .subject()
                            .host())
                    .isEqualTo(host);
            assertThat(Decoded.of(decoder, line).sample().subject().host()).isEqualTo("n1");
        }
    }

    @Test
    void decode_ofTheSameLabels_sharesTheirSubject() {
        GpuSampleDecoder decoder = ExpositionTextDecoder.create();
        byte[] line = "DCGM_FI_DEV_GPU_TEMP{UUID=\"GPU-01\",Hostname=\"n1\"} 41\n".getBytes(UTF_8);

        assertThat(Decoded.of(decoder, line).sample().subject())
                .isSameAs(Decoded.of(decoder, line.clone()).sample().subject());
    }

    @Test
    void decode_findsCopiesAcrossAllThatIsForgotten() {
        String line = "DCGM_FI_DEV_GPU_TEMP{UUID=\"GPU-%s\",pod=\"%s\"} 41\n";
        StringBuilder text = new StringBuilder(line.formatted("01", "a"));
        for (int i = 0; i < MORE_THAN_IS_KEPT; i++) {
            text.append(line.formatted("1" + i, "b"));
        }
        text.append(line.formatted("01", "c"));

        List<GpuSample> samples =
                Decoded.of(ExpositionTextDecoder.create(), text.toString()).samples();

        assertThat(samples.get(0).scope()).isEqualTo(Scope.WORKLOAD);
        assertThat(samples.get(1).scope()).isEqualTo(Scope.WHOLE_GPU);
        assertThat(samples.get(samples.size() - 1).scope()).isEqualTo(Scope.WORKLOAD);
    }
}
