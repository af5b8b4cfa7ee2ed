package io.gpufleet.telemetry.examples.rest.ingest;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.Instant;

/**
 * A sample in the body of a request, for the document only: the decoder of the consumer reads it. Immutable.
 *
 * @param time the time of the reading
 * @param metric the metric, under its name of any version
 * @param value the value; a text is read, too
 * @param uuid the GPU
 * @param deviceId the name of the device
 * @param gpuId the number of the GPU on its host
 * @param modelName the model
 * @param hostname the host
 * @param container the container of the workload
 * @param pod the pod of the workload
 * @param namespace the namespace of the workload
 * @param labelsRaw further labels as in exposition text
 */
@Schema(description = "A sample; further members become labels")
record PostedSample(
        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) Instant time,

        @Schema(requiredMode = Schema.RequiredMode.REQUIRED, example = "DCGM_FI_DEV_GPU_TEMP")
        String metric,

        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) double value,
        @Schema(requiredMode = Schema.RequiredMode.REQUIRED) String uuid,
        @JsonProperty("device_id") String deviceId,
        @JsonProperty("gpu_id") String gpuId,
        @JsonProperty("model_name") String modelName,
        String hostname,
        String container,
        String pod,
        String namespace,
        @JsonProperty("labels_raw") String labelsRaw) {}
