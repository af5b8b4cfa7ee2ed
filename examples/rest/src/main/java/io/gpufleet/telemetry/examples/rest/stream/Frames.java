package io.gpufleet.telemetry.examples.rest.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gpufleet.telemetry.examples.terminal.Json;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The events of a stream as bytes. Source: HTML, section "Server-sent events". */
final class Frames {
    /** A comment, without the empty line behind it. */
    static final byte[] COMMENT = ":\n".getBytes(UTF_8);

    /** Ends what is open; without effect where nothing is. */
    static final byte[] EMPTY_LINE = "\n".getBytes(UTF_8);

    private Frames() {}

    /** Returns the event of a sample; the client continues at the id. */
    static byte[] sample(GpuSample sample, Places id) {
        return event("sample", Json.line(members(sample)), id.toString());
    }

    private static Map<String, @Nullable Object> members(GpuSample sample) {
        GpuSubject gpu = sample.subject();
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        members.put("timestamp", sample.time());
        members.put("metric_name", sample.metric().name());
        members.put("gpu_id", gpu.index().isPresent() ? gpu.index().getAsInt() : null);
        members.put("device", gpu.device());
        members.put("uuid", gpu.uuid());
        members.put("modelName", gpu.model());
        members.put("Hostname", gpu.host());
        members.put("container", gpu.container());
        members.put("pod", gpu.pod());
        members.put("namespace", gpu.namespace());
        members.put("value", sample.value());
        members.put("labels_raw", gpu.labels());
        return members;
    }

    /** Returns the event of a gap. */
    static byte[] gap(Gap gap, String id) {
        return event("gap", Json.line(gap.members()), id);
    }

    /** Returns the bytes that set the client's last id and tell it nothing. */
    static byte[] id(Places id) {
        return ("id: " + id + "\n\n").getBytes(UTF_8);
    }

    private static byte[] event(String name, String data, String id) {
        String idLine = id.isEmpty() ? "" : "id: " + id + '\n';
        return ("event: " + name + '\n' + idLine + "data: " + data + "\n\n").getBytes(UTF_8);
    }
}
