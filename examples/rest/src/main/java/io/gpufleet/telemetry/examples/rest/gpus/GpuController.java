package io.gpufleet.telemetry.examples.rest.gpus;

import io.gpufleet.telemetry.examples.rest.http.QueryParameter;
import io.gpufleet.telemetry.examples.rest.http.Question;
import io.gpufleet.telemetry.examples.rest.http.Takes;
import io.gpufleet.telemetry.jdbc.query.GpuFilter;
import io.gpufleet.telemetry.jdbc.query.GpuQueries;
import io.gpufleet.telemetry.jdbc.query.Page;
import io.gpufleet.telemetry.jdbc.query.StoredGpu;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The answers about GPUs. Thread-safe. */
@RestController
@Tag(name = "gpus", description = "GPUs and where they are")
final class GpuController {
    /** The size of a page that names none, as the first of these services had it. */
    private static final int USUAL_LIMIT = 10;

    private final GpuQueries queries;

    GpuController(GpuQueries queries) {
        this.queries = queries;
    }

    @GetMapping("/api/v1/gpus")
    @Operation(summary = "Returns the GPUs by host, number and UUID")
    @Takes({
        QueryParameter.LIMIT,
        QueryParameter.OFFSET,
        QueryParameter.HOST,
        QueryParameter.NAMESPACE,
        QueryParameter.MODEL
    })
    GpuPage gpus(Question question) {
        int limit = question.limit(USUAL_LIMIT);
        long offset = question.offset();
        GpuFilter.Builder filter = GpuFilter.builder().limit(limit).offset(offset);
        question.text(QueryParameter.HOST).ifPresent(filter::host);
        question.text(QueryParameter.NAMESPACE).ifPresent(filter::namespace);
        question.text(QueryParameter.MODEL).ifPresent(filter::model);
        Page<StoredGpu> page = queries.gpus(filter.build());
        return new GpuPage(
                page.total().orElseThrow(),
                limit,
                offset,
                page.rows().size(),
                page.rows().stream().map(Gpu::of).toList());
    }
}
