package io.gpufleet.telemetry.testkit;

import java.util.LinkedHashMap;
import java.util.Map;

/** The labels that exporters add to the number of an Xid. */
final class XidText {
    private static final Map<Integer, String> MESSAGES = Map.of(
            0, "No Error",
            31, "GPU memory page fault",
            48, "Double Bit ECC Error",
            63, "Row remapping recording event",
            79, "GPU has fallen off the bus");

    private XidText() {}

    static Map<String, String> labels(int xid) {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put("err_code", Integer.toString(xid));
        labels.put("err_msg", MESSAGES.getOrDefault(xid, "Unknown Error " + xid));
        return labels;
    }
}
