package io.gpufleet.telemetry.examples.rest.gpus;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.gpufleet.telemetry.jdbc.query.StoredGpu;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A GPU where it was seen last. Immutable.
 *
 * @param gpuId its number on its host; null if unknown
 * @param uuid its UUID
 * @param device the name of its device; empty if unknown
 * @param hostname its host; empty if unknown
 * @param modelName its model; empty if unknown
 * @param firstSeen the time of its oldest sample
 * @param lastSeen the time of its newest sample
 */
@Schema(description = "A GPU where it was seen last; unknown texts are empty")
record Gpu(
        @Schema(
                types = {"integer", "null"},
                description = "The number on its host")
        @JsonProperty("gpu_id")
        @Nullable
        Integer gpuId,

        String uuid,
        String device,
        String hostname,
        @JsonProperty("model_name") String modelName,
        @JsonProperty("first_seen") Instant firstSeen,
        @JsonProperty("last_seen") Instant lastSeen) {

    static Gpu of(StoredGpu gpu) {
        return new Gpu(
                gpu.index().isPresent() ? gpu.index().getAsInt() : null,
                gpu.uuid(),
                gpu.device(),
                gpu.hostname(),
                gpu.model(),
                gpu.firstSeen(),
                gpu.lastSeen());
    }
}
