package io.gpufleet.telemetry.examples.rest.gpus;

import io.gpufleet.telemetry.examples.rest.http.QueryParameter;
import io.gpufleet.telemetry.examples.rest.http.Question;
import io.gpufleet.telemetry.examples.rest.http.Takes;
import io.gpufleet.telemetry.jdbc.query.GpuCount;
import io.gpufleet.telemetry.jdbc.query.GpuFilter;
import io.gpufleet.telemetry.jdbc.query.GpuQueries;
import io.gpufleet.telemetry.jdbc.query.Page;
import io.gpufleet.telemetry.jdbc.query.SampleQuery;
import io.gpufleet.telemetry.jdbc.query.StoredGpu;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Duration;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** The answers about GPUs, their hosts and namespaces, and the fleet. Thread-safe. */
@RestController
@Tag(name = "gpus", description = "GPUs, and where and whose they are")
final class GpuController {
    /** The size of a page that names none, as the first of these services had it. */
    private static final int USUAL_LIMIT = 10;

    private static final int USUAL_INTERVAL_SECONDS = 60;
    private static final int LONGEST_INTERVAL_SECONDS = 900;

    private final GpuQueries queries;

    GpuController(GpuQueries queries) {
        this.queries = queries;
    }

    @GetMapping("/api/v1/gpus")
    @Operation(operationId = "gpus", summary = "Returns the GPUs by host, number and UUID")
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
        List<Gpu> gpus = page.rows().stream().map(Gpu::of).toList();
        return new GpuPage(page.total().orElseThrow(), limit, offset, gpus.size(), gpus);
    }

    @GetMapping("/api/v1/gpus/{id}")
    @Operation(operationId = "gpu", summary = "Returns a GPU")
    @Takes({})
    Gpu gpu(@PathVariable String id) {
        return Gpu.of(queries.gpu(id));
    }

    @GetMapping("/api/v1/hosts")
    @Operation(operationId = "hosts", summary = "Returns the hosts by name, with the number of their GPUs")
    @Takes({QueryParameter.LIMIT, QueryParameter.OFFSET})
    HostPage hosts(Question question) {
        return HostPage.of(page(queries.hosts(), question));
    }

    @GetMapping("/api/v1/namespaces")
    @Operation(
            operationId = "namespaces",
            summary = "Returns the namespaces by name, with the number of GPUs that their workloads used last")
    @Takes({QueryParameter.LIMIT, QueryParameter.OFFSET})
    NamespacePage namespaces(Question question) {
        return NamespacePage.of(page(queries.namespaces(), question));
    }

    private static List<GpuCount> page(List<GpuCount> counts, Question question) {
        int limit = question.limit(SampleQuery.DEFAULT_LIMIT);
        return counts.stream().skip(question.offset()).limit(limit).toList();
    }

    @GetMapping("/api/v1/fleet/summary")
    @Operation(operationId = "fleet", summary = "Returns the state of all GPUs now")
    @Takes(QueryParameter.INTERVAL)
    Fleet fleet(Question question) {
        int seconds = question.wholeNumber(QueryParameter.INTERVAL, 1, LONGEST_INTERVAL_SECONDS)
                .orElse(USUAL_INTERVAL_SECONDS);
        return Fleet.of(queries.fleet(Duration.ofSeconds(seconds)));
    }
}
