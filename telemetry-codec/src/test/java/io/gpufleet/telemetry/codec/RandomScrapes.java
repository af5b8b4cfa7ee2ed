package io.gpufleet.telemetry.codec;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Exposition texts of few GPUs, labels and metrics in any order, so that each of them stands in many texts: of another
 * host, with other types, among damaged lines, cut off. Not thread-safe.
 */
final class RandomScrapes {
    /** A text and the host that its record names. */
    record Scrape(String text, boolean isPacked, Optional<String> host, boolean isTimed) {
        byte[] bytes() {
            return isPacked ? InflatedTest.gzip(text) : text.getBytes(StandardCharsets.ISO_8859_1);
        }

        ScrapeContext context() {
            return new ScrapeContext(isTimed ? Optional.of(Decoded.NOON) : Optional.empty(), host);
        }
    }

    private static final int FLOOD = 3000;

    private static final List<String> HOSTS = List.of("n1", "n2", "n3");

    private static final List<String> METRICS = List.of(
            "DCGM_FI_DEV_GPU_TEMP",
            "DCGM_FI_DEV_GPU_UTIL",
            "DCGM_FI_DEV_POWER_USAGE",
            "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION",
            "DCGM_FI_DEV_PCIE_REPLAY_COUNTER",
            "DCGM_FI_DEV_PCIE_REPLAY_COUNTER_total",
            "DCGM_FI_DEV_XID_ERRORS",
            "DCGM_FI_DEV_NEW",
            "DCGM_FI_DEV_NEW_total",
            "DCGM_FI_DEV_COMPUTE_PIDS",
            "DCGM_FI_DEV_NVLINK_ERRORS_NEW_TOTAL",
            "DCGM_FI_DRIVER_VERSION",
            "DCGM_EXP_XID_ERRORS_COUNT",
            "dcgm_gpu_temp",
            "go_goroutines");

    /** Characters stand for bytes, so that \u00ff is no UTF-8. */
    private static final List<String> LABELS = List.of(
            "gpu=\"0\",UUID=\"GPU-01\",device=\"nvidia0\",Hostname=\"n1\"",
            "gpu=\"1\",UUID=\"GPU-02\",device=\"nvidia1\",Hostname=\"n1\"",
            "gpu=\"0\",UUID=\"GPU-01\",device=\"nvidia0\",Hostname=\"n2\"",
            "gpu=\"0\",UUID=\"GPU-01\",Hostname=\"n1\",namespace=\"ml\",pod=\"a\"",
            "gpu=\"0\",UUID=\"GPU-01\",Hostname=\"n1\",namespace=\"ml\",pod=\"b\"",
            "gpu=\"0\",UUID=\"GPU-01\",Hostname=\"n1\",pod=\"b\",vgpu=\"1\"",
            "UUID=\"GPU-03\",GPU_I_ID=\"7\",GPU_I_PROFILE=\"1g.5gb\",pod=\"a\"",
            "UUID=\"GPU-03\",GPU_I_ID=\"7\",GPU_I_PROFILE=\"1g.5gb\"",
            "UUID=\"GPU-03\",GPU_I_ID=\"8\",GPU_I_PROFILE=\"1g.5gb\"",
            "UUID=\"GPU-03\",xid=\"31\",window_size_in_ms=\"300000\"",
            "UUID=\"GPU-03\",xid=\"31\",window_size_in_ms=\"300000\",pod=\"a\"",
            "UUID=\"GPU-03\",pod=\"dcgm-exporter\",exported_pod=\"a\",Hostname=\"dcgm-exporter\",instance=\"10.0.0.7:9400\"",
            "UUID=\"GPU-04\",pod=\"\u00ff\u00fe\",rack=\"r\u00ff\"",
            "UUID=\"GPU-04\",note=\"a \\\"big\\\" one, {rev=2}\",x=\"\"",
            " UUID = \"GPU-04\" , ",
            "cpu=\"0\",Hostname=\"n1\"",
            "nvswitch=\"nvswitch0\"",
            "gpu=\"0\",Hostname=\"n1\"",
            "UUID=\"GPU-05\",UUID=\"GPU-06\"",
            "UUID=\"GPU-05\" device=\"nvidia0\"",
            "");

    private static final List<String> VALUES = List.of(
            "41",
            "42",
            "0",
            "61.5",
            "112.250000",
            "9223372036854775794",
            "2147483632",
            "NaN",
            "4294967295",
            "ERROR - FAILED TO CONVERT TO STRING",
            "[N/A]",
            "",
            "7 1772366400250",
            "8 1772366400.25",
            "9 # {trace_id=\"abc\"} 1.0",
            "7 x",
            " 12",
            "1e400");

    private static final List<String> NOISE = List.of(
            "\n",
            "# HELP DCGM_FI_DEV_GPU_TEMP GPU temperature (in C).\n",
            "rubbish\n",
            "DCGM_FI_DEV_GPU_TEMP{UUID=\"GPU-01\" 41\n",
            "DCGM_FI_DEV_GPU_TEMP{UUID=\"GPU-0\n",
            "DCGM_FI_DEV_GPU_TEMP 41\n",
            "# EOF\n");

    private final Random random;

    RandomScrapes(long seed) {
        this.random = new Random(seed);
    }

    /** Returns the scrapes of a while. */
    List<Scrape> next(int count) {
        List<Scrape> scrapes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            scrapes.add(next());
        }
        return scrapes;
    }

    private Scrape next() {
        Optional<String> host = random.nextBoolean() ? Optional.of(any(HOSTS)) : Optional.empty();
        return new Scrape(text(), random.nextInt(10) == 0, host, random.nextInt(10) > 0);
    }

    private String text() {
        StringBuilder text = new StringBuilder();
        List<String> labels = some(LABELS);
        String end = random.nextInt(10) == 0 ? "\r\n" : "\n";
        for (String metric : some(METRICS)) {
            addType(text, metric);
            labels.forEach(set -> addLine(text, metric, set, end));
        }
        if (random.nextInt(200) == 0) {
            addFlood(text);
        }
        return random.nextInt(10) == 0 ? text.substring(0, random.nextInt(text.length() + 1)) : text.toString();
    }

    private void addType(StringBuilder text, String metric) {
        if (random.nextInt(3) == 0) {
            text.append("# TYPE ").append(metric).append(random.nextBoolean() ? " counter\n" : " gauge\n");
        }
    }

    private void addLine(StringBuilder text, String metric, String labels, String end) {
        if (random.nextInt(50) == 0) {
            text.append(any(NOISE));
        }
        String value = random.nextInt(4) == 0 ? any(VALUES) : VALUES.get(random.nextInt(4));
        text.append(metric)
                .append('{')
                .append(labels)
                .append("} ")
                .append(value)
                .append(end);
    }

    /** Adds labels that stand in no other text, more than are remembered. */
    private void addFlood(StringBuilder text) {
        for (int i = 0; i < FLOOD; i++) {
            addLine(text, "DCGM_FI_DEV_GPU_TEMP", "UUID=\"GPU-" + random.nextLong() + "\",a=\"b\",c=\"d\"", "\n");
        }
    }

    private List<String> some(List<String> all) {
        int from = random.nextInt(all.size());
        int count = random.nextInt(all.size());
        List<String> some = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            some.add(all.get((from + i) % all.size()));
        }
        return some;
    }

    private String any(List<String> all) {
        return all.get(random.nextInt(all.size()));
    }
}
