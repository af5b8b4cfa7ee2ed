package io.gpufleet.telemetry.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.Decoder;
import io.gpufleet.telemetry.gpu.GpuMetric;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The allocations of the decoders of GPU samples for the worst texts: a multiple of their length, whatever it is. */
class SampleAllocationTest {
    /** The shortest row has two bytes; its refusal and the texts that it is made of have some hundred. */
    private static final long MULTIPLE = 512;

    private static final long CONSTANT = 64 << 10;

    private static final GpuSubject SUBJECT = GpuSubject.builder("GPU-1").build();

    static Stream<Arguments> texts() {
        return Stream.of(
                exposition("rubbish", i -> "x\n"),
                exposition("shortest samples", i -> "DCGM_{UUID=\"a\"}1\n"),
                exposition("labels that differ", i -> "DCGM_{UUID=\"" + i + "\"}1\n"),
                exposition("metrics that differ", i -> "DCGM_" + i + "{UUID=\"a\"}1\n"),
                exposition("impossible readings", i -> "dcgm_gpu_temp{UUID=\"a\"}999\n"),
                exposition("types", i -> "# TYPE DCGM_" + i + " counter\n"),
                exposition("quotation marks", i -> "DCGM_{a=\"\\\"\n"),
                csv("rubbish", i -> "x\n"),
                csv("shortest samples", i -> "1772366400,DCGM_,a,1\n"),
                csv("labels that differ", i -> "1772366400,DCGM_," + i + ",1\n"),
                csv("no samples", i -> ",,,\n"),
                csv("headers", i -> "timestamp,metric_name,uuid,value\n"),
                csv("quotation marks", i -> "\"\",\"\",\"\",\"\"\n"),
                smi("rubbish", i -> "x\n"),
                smi("shortest samples", i -> "2026/03/01 12:00:00,a,P0,1\n"),
                smi("UUIDs that differ", i -> "2026/03/01 12:00:00," + i + ",P0,1\n"),
                smi("refused cells", i -> "2026/03/01 12:00:00,a,x,x\n"),
                smi("headers", i -> "timestamp,uuid,pstate,fan.speed\n"),
                event("rubbish", i -> "7,"),
                event("empty objects", i -> "{},"),
                event("unknown members", i -> "{\"" + i + "\":[{}]},"),
                event("objects", i -> "{\"gpu\":{},\"host\":{},\"metrics\":{}},"),
                json("rubbish", i -> "7,"),
                json("empty objects", i -> "{},"),
                json("samples", i -> "{\"time\":1772366400,\"metric\":\"DCGM_\",\"uuid\":\"" + i + "\",\"value\":1},"),
                json("members", i -> "{\"" + i + "\":[{}]},"));
    }

    private static Arguments exposition(String name, IntFunction<String> row) {
        return Arguments.of("exposition", name, ExpositionTextDecoder.create(), "", row, "");
    }

    private static Arguments csv(String name, IntFunction<String> row) {
        return Arguments.of("csv", name, SampleCsvDecoder.create(), "timestamp,metric_name,uuid,value\n", row, "");
    }

    private static Arguments smi(String name, IntFunction<String> row) {
        GpuSampleDecoder decoder =
                NvidiaSmiCsvDecoder.builder().zone(ZoneOffset.UTC).build();
        return Arguments.of("nvidia-smi", name, decoder, "timestamp,uuid,pstate,fan.speed\n", row, "");
    }

    private static Arguments event(String name, IntFunction<String> row) {
        return Arguments.of("event", name, MetricEventDecoder.create(), "[", row, "7]");
    }

    private static Arguments json(String name, IntFunction<String> row) {
        return Arguments.of("json", name, SampleJsonDecoder.create(), "[", row, "7]");
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("texts")
    void decode_isBoundedByTheLength(
            String form, String name, GpuSampleDecoder decoder, String head, IntFunction<String> row, String end) {
        for (int rows : new int[] {10, 1000, 20_000}) {
            byte[] text = IntStream.range(0, rows)
                    .mapToObj(row)
                    .collect(Collectors.joining("", head, end))
                    .getBytes(StandardCharsets.UTF_8);

            Decoded.of(decoder, text);
            long allocated = Allocation.of(() -> Decoded.of(decoder, text));

            assertThat(allocated)
                    .as("%s: %s, %d bytes for each of %d", form, name, allocated / text.length, text.length)
                    .isLessThanOrEqualTo(MULTIPLE * text.length + CONSTANT);
        }
    }

    /** The lines of a host that is scraped again and again; one of them in three has a code for no value. */
    @Test
    void decode_ofLabelsThatStoodBefore_allocatesItsSamplesOnly() {
        GpuSampleDecoder decoder = ExpositionTextDecoder.create();
        List<byte[]> texts = IntStream.of(10, 50)
                .mapToObj(SampleAllocationTest::scrape)
                .map(text -> text.getBytes(StandardCharsets.UTF_8))
                .toList();
        texts.forEach(text -> decode(decoder, text));

        long few = Allocation.of(() -> decode(decoder, texts.get(0)));
        long many = Allocation.of(() -> decode(decoder, texts.get(1)));

        GpuSample[] kept = new GpuSample[1000];
        long samples = Allocation.of(
                () -> Arrays.setAll(kept, i -> GpuSample.of(Decoded.NOON, GpuMetric.GPU_TEMP, i, SUBJECT)));
        assertThat(many - few).isLessThanOrEqualTo(40 * 16 * samples / kept.length);
    }

    /** Returns what an exporter serves for 8 GPUs, of which each metric has 16 samples, and 8 codes for no value. */
    private static String scrape(int metrics) {
        return GpuMetric.catalogue().stream()
                .filter(metric -> !metric.isLabel() && metric.allows(1))
                .limit(metrics)
                .map(metric -> "# HELP %1$s What it is.\n# TYPE %1$s gauge\n".formatted(metric.name())
                        + lines(metric, "1")
                        + lines(metric, "9223372036854775794")
                        + lines(metric, "1.0"))
                .collect(Collectors.joining());
    }

    private static String lines(GpuMetric metric, String value) {
        return IntStream.range(0, 8)
                .mapToObj(gpu ->
                        "%s{gpu=\"%d\",UUID=\"GPU-%d\",pod=\"a\"} %s\n".formatted(metric.name(), gpu, gpu, value))
                .collect(Collectors.joining());
    }

    private static void decode(GpuSampleDecoder decoder, byte[] text) {
        decoder.decode(ByteBuffer.wrap(text), ScrapeContext.at(Decoded.NOON), new Decoder.Values<>() {
            @Override
            public void accept(GpuSample sample) {}

            @Override
            public void refuse(String reason) {
                throw new AssertionError(reason);
            }
        });
    }
}
