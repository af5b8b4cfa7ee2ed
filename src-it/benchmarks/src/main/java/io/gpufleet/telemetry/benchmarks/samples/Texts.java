package io.gpufleet.telemetry.benchmarks.samples;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gpufleet.telemetry.codec.MetricEventJsonCodec;
import io.gpufleet.telemetry.gpu.GpuMetric;
import io.gpufleet.telemetry.gpu.GpuReading;
import io.gpufleet.telemetry.gpu.MetricEvent;
import io.gpufleet.telemetry.gpu.MetricEvent.Gpu;
import io.gpufleet.telemetry.gpu.MetricEvent.Host;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;

/** The measured texts: one scrape of a host of 8 GPUs with 60 metrics, in each form, and one event. */
final class Texts {
    static final int GPUS = 8;
    static final int METRICS = 60;
    static final int SAMPLES = GPUS * METRICS;
    static final Instant TIME = Instant.parse("2026-03-01T12:00:00.250Z");

    private static final String MODEL = "NVIDIA H100 80GB HBM3";
    private static final String HOST = "gpu-node-031.example";
    private static final String DRIVER = "535.129.03";

    private Texts() {}

    private static List<GpuMetric> metrics() {
        return GpuMetric.catalogue().stream()
                .filter(metric -> !metric.isLabel())
                .limit(METRICS)
                .toList();
    }

    private static String uuid(int gpu) {
        return String.format(Locale.ROOT, "GPU-5f8a6d3e-91c4-4b72-8e0d-0000000000%02d", gpu);
    }

    private static String busId(int gpu) {
        return String.format(Locale.ROOT, "00000000:%02x:00.0", 0x18 + 8 * gpu);
    }

    /** Returns a value that every metric may have. */
    private static String value(GpuMetric metric, int gpu) {
        return metric.maximum() < 2
                ? String.format(Locale.ROOT, "0.%06d", 312_500 + gpu)
                : Integer.toString(1 + gpu % 2);
    }

    /** Returns what dcgm-exporter serves. */
    static byte[] exposition() {
        StringBuilder text = new StringBuilder();
        for (GpuMetric metric : metrics()) {
            text.append("# HELP ").append(metric.name()).append(" What the exporter says of the metric.\n");
            text.append("# TYPE ").append(metric.name()).append(" gauge\n");
            for (int gpu = 0; gpu < GPUS; gpu++) {
                text.append(metric.name()).append('{').append(labels(gpu)).append("} ");
                text.append(value(metric, gpu)).append('\n');
            }
        }
        return text.toString().getBytes(UTF_8);
    }

    private static String labels(int gpu) {
        return "gpu=\"" + gpu + "\",UUID=\"" + uuid(gpu) + "\",pci_bus_id=\"" + busId(gpu) + "\",device=\"nvidia" + gpu
                + "\",modelName=\"" + MODEL + "\",Hostname=\"" + HOST + "\",DCGM_FI_DRIVER_VERSION=\"" + DRIVER + "\"";
    }

    /** Returns the same samples as CSV, as an export of a Prometheus has them. */
    static byte[] csv() {
        StringBuilder text = new StringBuilder(
                "timestamp,metric_name,gpu_id,device,uuid,modelName,Hostname,container,pod,namespace,value,labels_raw\n");
        for (GpuMetric metric : metrics()) {
            for (int gpu = 0; gpu < GPUS; gpu++) {
                String raw = "__name__=\"" + metric.name() + "\"," + labels(gpu) + ",job=\"dgx_dcgm_exporter\"";
                text.append(TIME).append(',').append(metric.name()).append(',').append(gpu);
                text.append(",nvidia")
                        .append(gpu)
                        .append(',')
                        .append(uuid(gpu))
                        .append(',')
                        .append(MODEL);
                text.append(',').append(HOST).append(",,,,").append(value(metric, gpu));
                text.append(",\"").append(raw.replace("\"", "\"\"")).append("\"\n");
            }
        }
        return text.toString().getBytes(UTF_8);
    }

    /** Returns an event with all readings. */
    static byte[] event() {
        MetricEvent.Builder event = MetricEvent.builder(
                        new Gpu(uuid(3), "3", OptionalInt.of(3), busId(3), MODEL, "Hopper", "9.0"),
                        new Host(HOST, "c1", "r7", "dc1"))
                .time(TIME)
                .driverVersion(DRIVER);
        int number = 0;
        for (GpuReading reading : GpuReading.values()) {
            number++;
            if (reading.isWhole()) {
                event.count(reading, 1 + number * 31L % 97);
            } else {
                event.value(reading, 20 + number * 1.25);
            }
        }
        return MetricEventJsonCodec.create().encode(event.build());
    }
}
