package io.gpufleet.telemetry.benchmarks.samples;

import io.gpufleet.telemetry.gpu.GpuMetric;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/** The long CSV read by Commons CSV into the same samples, as a program does that knows its input. */
final class CommonsCsv {
    private static final CSVFormat FORMAT =
            CSVFormat.RFC4180.builder().setHeader().setSkipHeaderRecord(true).get();

    private CommonsCsv() {}

    static List<GpuSample> read(byte[] text) throws IOException {
        List<GpuSample> samples = new ArrayList<>();
        try (Reader reader = new InputStreamReader(new ByteArrayInputStream(text), StandardCharsets.UTF_8);
                CSVParser parser = FORMAT.parse(reader)) {
            for (CSVRecord row : parser) {
                samples.add(GpuSample.of(
                        Instant.parse(row.get("timestamp")),
                        GpuMetric.named(row.get("metric_name")),
                        Double.parseDouble(row.get("value")),
                        subject(row)));
            }
        }
        return samples;
    }

    private static GpuSubject subject(CSVRecord row) {
        GpuSubject.Builder subject = GpuSubject.builder(row.get("uuid"))
                .index(Integer.parseInt(row.get("gpu_id")))
                .device(row.get("device"))
                .model(row.get("modelName"))
                .host(row.get("Hostname"))
                .container(row.get("container"))
                .pod(row.get("pod"))
                .namespace(row.get("namespace"));
        addLabels(subject, row.get("labels_raw"));
        return subject.build();
    }

    private static void addLabels(GpuSubject.Builder subject, String labels) {
        int at = 0;
        while (at < labels.length()) {
            int equals = labels.indexOf('=', at);
            int end = labels.indexOf('"', equals + 2);
            String name = labels.substring(at, equals);
            String value = labels.substring(equals + 2, end);
            if (name.equals("pci_bus_id")) {
                subject.pciBusId(value);
            }
            if (!name.equals("__name__")) {
                subject.label(name, value);
            }
            at = end + 2;
        }
    }
}
