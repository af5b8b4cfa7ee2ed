package io.gpufleet.telemetry.examples.rest.gpus;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of samples. Immutable.
 *
 * @param total the number of samples of all pages; absent unless it was asked for
 * @param limit the size of the page, as asked
 * @param offset the number of samples before the page, as asked
 * @param count the number of samples of the page
 * @param next the cursor of the next page; null after the last one
 * @param results the samples
 */
@Schema(description = "A page of samples by time, metric and series")
record SamplePage(
        @Schema(description = "The samples of all pages, with `total=true`")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable
        Long total,

        int limit,
        long offset,
        int count,

        @Schema(
                types = {"string", "null"},
                description = "The `cursor` of the next page; null after the last one")
        @Nullable
        String next,

        List<Sample> results) {}
