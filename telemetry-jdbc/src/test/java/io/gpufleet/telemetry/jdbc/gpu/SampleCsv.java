package io.gpufleet.telemetry.jdbc.gpu;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gpufleet.telemetry.Decoder;
import io.gpufleet.telemetry.gpu.GpuMetric;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;

/** Rows of CSV for files, each with its number as its value and its time, and a decoder that knows their columns. */
final class SampleCsv {
    static final Instant BEGIN = Instant.parse("2026-11-20T12:00:00Z");
    static final String HEADER = "timestamp,metric_name,uuid,value\n";
    static final String OTHER_HEADER = "value,uuid,metric_name,timestamp\n";

    private SampleCsv() {}

    /** Reads rows by their header, as the decoders of CSV do. */
    static void decode(ByteBuffer source, Decoder.Values<? super GpuSample> values) {
        List<String> lines = UTF_8.decode(source).toString().lines().toList();
        List<String> names = Arrays.asList(lines.get(0).split(","));
        for (int i = 1; i < lines.size(); i++) {
            List<String> cells = Arrays.asList(lines.get(i).split(","));
            try {
                double value = Double.parseDouble(cells.get(names.indexOf("value")));
                GpuSubject gpu =
                        GpuSubject.builder(cells.get(names.indexOf("uuid"))).build();
                Instant time = Instant.parse(cells.get(names.indexOf("timestamp")));
                values.accept(GpuSample.of(time, GpuMetric.named(cells.get(names.indexOf("metric_name"))), value, gpu));
            } catch (NumberFormatException e) {
                values.refuse("line " + (i + 1) + ": not a number");
            }
        }
    }

    static String row(int number) {
        return row(BEGIN.plusSeconds(number), "DCGM_FI_DEV_POWER_USAGE", "GPU-a", number);
    }

    static String row(Instant time, String metric, String uuid, int value) {
        return time + "," + metric + "," + uuid + "," + value + "\n";
    }

    static String otherRow(int number) {
        return number + ",GPU-a,DCGM_FI_DEV_POWER_USAGE," + BEGIN.plusSeconds(number) + "\n";
    }

    static String rows(int from, int to) {
        return IntStream.range(from, to).mapToObj(SampleCsv::row).collect(Collectors.joining());
    }

    static byte[] packed(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream packing = new GZIPOutputStream(bytes)) {
            packing.write(text.getBytes(UTF_8));
        }
        return bytes.toByteArray();
    }
}
