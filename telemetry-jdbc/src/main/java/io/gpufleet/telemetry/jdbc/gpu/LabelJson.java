package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.gpu.GpuSubject;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The labels of a subject that have no column of their own, as JSON: {@code {"GPU_I_PROFILE":"1g.5gb","job":"dgx"}}.
 * Names are sorted, so that equal labels give equal texts.
 */
final class LabelJson {
    private static final String MIG_PROFILE = "GPU_I_PROFILE";
    private static final String VGPU = "vgpu";

    private LabelJson() {}

    static String of(GpuSubject subject) {
        return of(labels(subject));
    }

    /** Returns the labels by name. */
    static Map<String, String> labels(GpuSubject subject) {
        Map<String, String> labels = new TreeMap<>(subject.labels());
        labels.putAll(subject.discriminators());
        put(labels, MIG_PROFILE, subject.migProfile());
        put(labels, VGPU, subject.vgpu());
        return labels;
    }

    /** Returns the same with the PCI address, for a table that has no column for it. */
    static String withPciBusId(GpuSubject subject) {
        String labels = of(subject);
        if (subject.pciBusId().isEmpty()) {
            return labels;
        }
        StringBuilder json = new StringBuilder(labels.length() + 40).append('{');
        member(json, "pci_bus_id", subject.pciBusId());
        return labels.length() > 2
                ? json.append(',').append(labels, 1, labels.length()).toString()
                : json.append('}').toString();
    }

    private static void put(Map<String, String> labels, String name, String value) {
        if (!value.isEmpty()) {
            labels.put(name, value);
        }
    }

    private static String of(Map<String, String> labels) {
        StringBuilder json = new StringBuilder().append('{');
        labels.forEach((name, value) -> {
            if (json.length() > 1) {
                json.append(',');
            }
            member(json, name, value);
        });
        return json.append('}').toString();
    }

    static void member(StringBuilder json, String name, String value) {
        text(json, name);
        json.append(':');
        text(json, value);
    }

    static void text(StringBuilder json, String text) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            if (character == '"' || character == '\\') {
                json.append('\\').append(character);
            } else if (character < ' ') {
                json.append(String.format(Locale.ROOT, "\\u%04x", (int) character));
            } else {
                json.append(character);
            }
        }
        json.append('"');
    }
}
