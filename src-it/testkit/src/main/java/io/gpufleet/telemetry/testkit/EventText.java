package io.gpufleet.telemetry.testkit;

import io.gpufleet.telemetry.gpu.GpuReading;
import io.gpufleet.telemetry.gpu.MetricEvent;
import io.gpufleet.telemetry.gpu.ThrottleReasons;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A writer of metric events as JSON. No text of a simulated GPU needs escapes. */
final class EventText implements SampleWriter {
    private static final List<String> REQUIRED =
            List.of("metrics.health", "metrics.memory", "metrics.performance", "metrics.clocks");
    private static final String CODE = "9223372036854775794";
    private static final int BYTES = 2048;
    private static final int BYTES_OF_NUMBER = 24;
    private static final long MILLIONTHS = 1_000_000;
    private static final int PLACES = 6;

    @Override
    public byte[] write(List<SampleRow> rows, int[] places) {
        GpuEvent made = new GpuEvent(rows);
        MetricEvent event = made.event();
        ByteText json = new ByteText(BYTES);
        json.add("{\"schema_version\":\"1.1\",\"event_type\":\"gpu_metric_sample\",\"timestamp\":\"");
        json.add(rows.get(0).time().toString()).add("\",\"gpu\":{");
        addGpu(json, event);
        json.add("},\"host\":{\"hostname\":\"").add(event.host().hostname()).add("\"}");
        json.add(",\"driver_version\":\"").add(event.driverVersion()).add('"');
        addReadings(json, sections(event, made.codes()));
        return json.add('}').bytes();
    }

    private static void addGpu(ByteText json, MetricEvent event) {
        MetricEvent.Gpu gpu = event.gpu();
        json.add("\"gpu_uuid\":\"").add(gpu.uuid()).add("\",\"device_index\":");
        json.add(gpu.index().orElse(0), 1);
        json.add(",\"pci_bus_id\":\"").add(gpu.pciBusId());
        json.add("\",\"name\":\"").add(gpu.name()).add('"');
        if (event.has(GpuReading.MIG_INSTANCES)) {
            json.add(",\"mig_instances\":")
                    .add(event.count(GpuReading.MIG_INSTANCES).orElseThrow(), 1);
        }
    }

    /** Returns the members of each section of readings, in the order of the readings; required ones may be empty. */
    private static Map<String, List<String>> sections(MetricEvent event, Set<GpuReading> codes) {
        Map<String, List<String>> sections = new LinkedHashMap<>();
        REQUIRED.forEach(section -> sections.put(section, new ArrayList<>()));
        for (GpuReading reading : GpuReading.values()) {
            String number = number(event, reading, codes.contains(reading));
            int dot = reading.path().lastIndexOf('.');
            String section = reading.path().substring(0, dot);
            if (!number.isEmpty() && reading != GpuReading.MIG_INSTANCES) {
                sections.computeIfAbsent(section, name -> new ArrayList<>())
                        .add('"' + reading.path().substring(dot + 1) + "\":" + number + reasons(event, reading));
            }
        }
        return sections;
    }

    /** Returns the member with the names of the reasons, which follows the one with their bits. */
    private static String reasons(MetricEvent event, GpuReading reading) {
        if (reading != GpuReading.THROTTLE_REASONS || !event.has(reading)) {
            return "";
        }
        List<String> names = new ThrottleReasons(event.count(reading).orElseThrow()).names();
        String list = names.isEmpty() ? "" : '"' + String.join("\",\"", names) + '"';
        return ",\"throttle_reasons_decoded\":[" + list + ']';
    }

    /** Returns the number of a reading; empty if it is missing. */
    private static String number(MetricEvent event, GpuReading reading, boolean isCode) {
        if (isCode) {
            return CODE;
        }
        if (!event.has(reading)) {
            return "";
        }
        if (reading.isWhole()) {
            return Long.toString(event.count(reading).orElseThrow());
        }
        long millionths = Math.round(event.value(reading).orElseThrow() * MILLIONTHS);
        return new ByteText(BYTES_OF_NUMBER)
                .add(millionths / MILLIONTHS, 1)
                .add('.')
                .add(millionths % MILLIONTHS, PLACES)
                .toString();
    }

    /** Adds the sections of {@code metrics} and, beside them, the limits. */
    private static void addReadings(ByteText json, Map<String, List<String>> sections) {
        List<String> limits = sections.remove("limits");
        json.add(",\"metrics\":{");
        String delimiter = "";
        for (Map.Entry<String, List<String>> section : sections.entrySet()) {
            String name = section.getKey().substring(section.getKey().indexOf('.') + 1);
            json.add(delimiter).add('"').add(name).add("\":{");
            json.add(String.join(",", section.getValue())).add('}');
            delimiter = ",";
        }
        json.add('}');
        if (limits != null) {
            json.add(",\"limits\":{").add(String.join(",", limits)).add('}');
        }
    }
}
