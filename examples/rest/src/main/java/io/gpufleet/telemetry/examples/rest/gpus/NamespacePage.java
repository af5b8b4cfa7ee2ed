package io.gpufleet.telemetry.examples.rest.gpus;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.gpufleet.telemetry.jdbc.query.GpuCount;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;

/**
 * A page of namespaces. Immutable.
 *
 * @param count the number of namespaces of the page
 * @param namespaces the namespaces by name
 */
@Schema(description = "A page of namespaces by name")
record NamespacePage(int count, List<Namespace> namespaces) {
    /**
     * A namespace.
     *
     * @param namespace its name
     * @param gpus the number of GPUs that its workloads used last
     */
    @Schema(description = "A namespace with the number of GPUs that its workloads used last")
    record Namespace(
            String namespace, @JsonProperty("gpu_count") long gpus) {}

    static NamespacePage of(List<GpuCount> counts) {
        return new NamespacePage(
                counts.size(),
                counts.stream()
                        .map(count -> new Namespace(count.name(), count.gpus()))
                        .toList());
    }
}
