package io.gpufleet.telemetry.testkit;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A series of a metric that an exporter makes itself.
 *
 * @param metric the metric
 * @param labels the labels of the series
 */
record ExporterSeries(SimulatedMetric metric, Map<String, String> labels) {
    private static final List<String> EVENTS = List.of("gpu_idle", "power_cap", "sw_thermal");
    private static final List<String> WATCHES = List.of("MEM", "NVLINK", "PCIE");

    /** Returns the series of a subject: the count of its Xid, of clock events, and its health. */
    static List<ExporterSeries> of(SampleSubject subject) {
        List<ExporterSeries> series = new ArrayList<>();
        int xid = subject.moment().xid();
        series.add(new ExporterSeries(
                SimulatedMetric.EXP_XID_ERRORS_COUNT, inWindow("xid", xid == 0 ? "" : Integer.toString(xid))));
        for (String event : EVENTS) {
            series.add(new ExporterSeries(SimulatedMetric.EXP_CLOCK_EVENTS_COUNT, inWindow("clock_event", event)));
        }
        for (String watch : WATCHES) {
            series.add(new ExporterSeries(SimulatedMetric.EXP_GPU_HEALTH_STATUS, Map.of("health_watch", watch)));
        }
        return series;
    }

    private static Map<String, String> inWindow(String name, String value) {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put("window_size_in_ms", "300000");
        if (!value.isEmpty()) {
            labels.put(name, value);
        }
        return labels;
    }
}
