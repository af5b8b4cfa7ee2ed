package io.gpufleet.telemetry.examples.samples;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gpufleet.telemetry.examples.terminal.Decimal;
import io.gpufleet.telemetry.examples.terminal.Json;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A sample as a JSON object, the form that {@link io.gpufleet.telemetry.codec.SampleJsonDecoder} reads: the same sample
 * comes back, but for the scope, which a sample that is alone in its record cannot tell.
 */
final class SampleJson {
    /** The MIG instance in a series, whose names are sorted. */
    private static final Pattern MIG_INSTANCE = Pattern.compile("(?:^|;)gi=([0-9]+)");

    private static final String NVLINK = "nvlink:";

    private SampleJson() {}

    static byte[] encode(GpuSample sample) {
        GpuSubject subject = sample.subject();
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("timestamp", sample.time());
        members.put("metric_name", sample.metric().name());
        members.put("uuid", subject.uuid());
        subject.index().ifPresent(index -> members.put("gpu_id", index));
        putTexts(subject, members);
        members.put("value", Decimal.of(sample.value()));
        members.put("labels_raw", subject.labels());
        members.values().removeIf(""::equals);
        return Json.line(members).getBytes(UTF_8);
    }

    private static void putTexts(GpuSubject subject, Map<String, Object> members) {
        members.put("device", subject.device());
        members.put("pci_bus_id", subject.pciBusId());
        members.put("modelName", subject.model());
        members.put("GPU_I_ID", migInstance(subject));
        members.put("GPU_I_PROFILE", subject.migProfile());
        members.put("nvlink", nvlink(subject));
        members.put("Hostname", subject.host());
        members.put("container", subject.container());
        members.put("pod", subject.pod());
        members.put("namespace", subject.namespace());
        members.put("vgpu", subject.vgpu());
        members.putAll(subject.discriminators());
    }

    private static String migInstance(GpuSubject subject) {
        Matcher matcher = MIG_INSTANCE.matcher(subject.series());
        return subject.isMigInstance() && matcher.find() ? matcher.group(1) : "";
    }

    private static String nvlink(GpuSubject subject) {
        String instance = subject.instance();
        return instance.startsWith(NVLINK) ? instance.substring(NVLINK.length()) : "";
    }
}
