package io.gpufleet.telemetry.integration.moving;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gpufleet.telemetry.testkit.TestRecord;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Stream;

/**
 * The samples of four GPUs, as JSON, a scrape every six hours: one that has no memory sensor and reads its load twice,
 * one with two MIG instances, one with a pod that moves to another host, and one with links, counts of Xids and a
 * workload in its labels. Immutable.
 */
final class GpuHistory {
    private static final Duration INTERVAL = Duration.ofHours(6);
    private static final Instant MOVE = History.at("01-03T00");

    private GpuHistory() {}

    /** Returns the records of a time range. */
    static List<TestRecord> between(Instant from, Instant to) {
        return Stream.iterate(from, time -> time.isBefore(to), time -> time.plus(INTERVAL))
                .flatMap(GpuHistory::scrape)
                .toList();
    }

    private static Stream<TestRecord> scrape(Instant time) {
        return Stream.of(plain(time), instances(time), moving(time), series(time))
                .flatMap(samples -> samples);
    }

    private static Stream<TestRecord> plain(Instant time) {
        String labels = """
                {"job":"dgx","__name__":"x","pci_bus_id":"00000000:1B:00.0","empty":"","note":"a \\"b\\" \\\\ ü"}""";
        return Stream.of(
                sample(time, "DCGM_FI_DEV_GPU_UTIL", "GPU-plain", "n1", "", "97.5", labels),
                sample(time, "DCGM_FI_DEV_GPU_UTIL", "GPU-plain", "n1", "", "3", labels),
                sample(time, "DCGM_FI_DEV_BOARD_POWER_WATTS", "GPU-plain", "n1", "", "112.252", labels),
                sample(time, "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION", "GPU-plain", "n1", "", "2147483632", labels),
                sample(time, "DCGM_FI_DEV_MEMORY_TEMP", "GPU-plain", "n1", "", "9223372036854775794", labels),
                sample(time, "DCGM_FI_DEV_CUDA_COMPUTE_CAPABILITY", "GPU-plain", "n1", "", "524288", labels),
                sample(time, "DCGM_FI_DEV_GPU_TEMP", "GPU-plain", "n1", "", outOfRange(time), labels));
    }

    /** A reading a day that no GPU can have. */
    private static String outOfRange(Instant time) {
        return time.equals(time.truncatedTo(ChronoUnit.DAYS)) ? "644245923" : "41";
    }

    private static Stream<TestRecord> instances(Instant time) {
        return Stream.of("7", "8").flatMap(instance -> {
            String labels = "{\"GPU_I_ID\":\"" + instance + "\",\"GPU_I_PROFILE\":\"1g.10gb\"}";
            return Stream.of(
                    sample(time, "DCGM_FI_DEV_FB_USED", "GPU-mig", "n1", "", "10" + instance, labels),
                    sample(time, "DCGM_FI_DEV_GPU_UTIL", "GPU-mig", "n1", "", "0", labels));
        });
    }

    private static Stream<TestRecord> moving(Instant time) {
        String host = time.isBefore(MOVE) ? "n2" : "n3";
        return Stream.of(
                sample(time, "DCGM_FI_DEV_SM_CLOCK", "GPU-moving", host, "a;b=c\\\\d", "1980", "{}"),
                sample(time, "DCGM_FI_DEV_SM_CLOCK", "GPU-moving", host, "other", "1979", "{\"vgpu\":\"1\"}"));
    }

    private static Stream<TestRecord> series(Instant time) {
        return Stream.of(
                sample(time, "DCGM_FI_DEV_NVLINK_NEW", "GPU-links", "n1", "", "1", "{\"nvlink\":\"3\"}"),
                sample(time, "DCGM_EXP_XID_ERRORS_COUNT", "GPU-links", "n1", "", "2", """
                        {"xid":"79","window_size_in_ms":"300000"}"""),
                sample(time, "DCGM_EXP_XID_ERRORS_COUNT", "GPU-links", "n1", "", "1", """
                        {"xid":"43","window_size_in_ms":"300000"}"""),
                sample(time, "DCGM_FI_DEV_XID_ERRORS", "GPU-links", "n1", "", "79", """
                        {"exported_pod":"train","exported_namespace":"ml","pod":"exporter"}"""));
    }

    private static TestRecord sample(
            Instant time, String metric, String uuid, String host, String pod, String value, String labels) {
        String json = """
                {"timestamp":"%s","metric_name":"%s","gpu_id":3,"device":"nvidia3","uuid":"%s","modelName":"NVIDIA H100",
                "Hostname":"%s","container":"","pod":"%s","namespace":"","value":%s,"labels_raw":%s}""".formatted(time, metric, uuid, host, pod, value, labels);
        return TestRecord.of(uuid.getBytes(UTF_8), json.getBytes(UTF_8), time);
    }
}
