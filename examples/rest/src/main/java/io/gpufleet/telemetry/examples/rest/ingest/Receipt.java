package io.gpufleet.telemetry.examples.rest.ingest;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;

/**
 * What has become of the samples of a request. Immutable.
 *
 * @param accepted the number of samples that Kafka has acknowledged
 * @param rejected the others
 */
@Schema(description = "What has become of the samples of a request")
public record Receipt(
        @Schema(description = "Samples that Kafka has acknowledged")
        int accepted,

        @Schema(description = "Samples that are not taken") List<Rejection> rejected) {

    /**
     * Copies the list.
     *
     * @param accepted as the component
     * @param rejected as the component
     */
    public Receipt {
        rejected = List.copyOf(rejected);
    }

    /**
     * A sample that is not taken.
     *
     * @param index its place in the array, from 0
     * @param reason what is wrong with it
     */
    @Schema(description = "A sample that is not taken")
    public record Rejection(
            @Schema(description = "Its place in the array, from 0")
            int index,

            @Schema(description = "What is wrong with it") String reason) {}
}
