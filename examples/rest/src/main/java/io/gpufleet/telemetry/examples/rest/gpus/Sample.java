package io.gpufleet.telemetry.examples.rest.gpus;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.gpufleet.telemetry.jdbc.query.StoredSample;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A sample with its labels as of then, under the names of a scrape. Immutable.
 *
 * @param timestamp its time, to the microsecond
 * @param metricName the metric's name before DCGM 4.6
 * @param gpuId the number of the GPU on its host; null if unknown
 * @param device the name of the device; empty if unknown
 * @param uuid the GPU
 * @param modelName the model; empty if unknown
 * @param hostname the host; empty if unknown
 * @param container the container of the workload; empty if there is none
 * @param pod the pod of the workload; empty if there is none
 * @param namespace the namespace of the workload; empty if there is none
 * @param value the value, in the metric's unit
 * @param labels all other labels, the PCI address among them
 * @param instance the part of the GPU; absent for the whole GPU
 */
@Schema(description = "A sample with its labels as of then; unknown texts are empty")
record Sample(
        Instant timestamp,
        @JsonProperty("metric_name") String metricName,

        @Schema(
                types = {"integer", "null"},
                description = "The number on the host")
        @JsonProperty("gpu_id")
        @Nullable
        Integer gpuId,

        String device,
        String uuid,
        @JsonProperty("modelName") String modelName,
        @JsonProperty("Hostname") String hostname,
        String container,
        String pod,
        String namespace,
        double value,
        @JsonProperty("labels_raw") Map<String, String> labels,

        @Schema(description = "The part of the GPU, absent for the whole GPU: `gi:7` a MIG instance, `nvlink:3` a link")
        @JsonInclude(JsonInclude.Include.NON_EMPTY)
        String instance) {

    static Sample of(StoredSample sample) {
        return new Sample(
                sample.time(),
                sample.metric(),
                sample.index().isPresent() ? sample.index().getAsInt() : null,
                sample.device(),
                sample.uuid(),
                sample.model(),
                sample.hostname(),
                sample.container(),
                sample.pod(),
                sample.namespace(),
                sample.value(),
                labels(sample),
                sample.instance());
    }

    /** Returns the labels that have no member of their own. */
    private static Map<String, String> labels(StoredSample sample) {
        Map<String, String> labels = new TreeMap<>(sample.labels());
        if (!sample.pciBusId().isEmpty()) {
            labels.put("pci_bus_id", sample.pciBusId());
        }
        return labels;
    }
}
