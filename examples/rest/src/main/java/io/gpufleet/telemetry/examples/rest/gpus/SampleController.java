package io.gpufleet.telemetry.examples.rest.gpus;

import io.gpufleet.telemetry.examples.rest.http.QueryParameter;
import io.gpufleet.telemetry.examples.rest.http.Question;
import io.gpufleet.telemetry.examples.rest.http.Takes;
import io.gpufleet.telemetry.jdbc.query.AggregateQuery;
import io.gpufleet.telemetry.jdbc.query.Aggregation;
import io.gpufleet.telemetry.jdbc.query.Cursor;
import io.gpufleet.telemetry.jdbc.query.GpuQueries;
import io.gpufleet.telemetry.jdbc.query.Page;
import io.gpufleet.telemetry.jdbc.query.QueryTexts;
import io.gpufleet.telemetry.jdbc.query.SampleQuery;
import io.gpufleet.telemetry.jdbc.query.StoredSample;
import io.gpufleet.telemetry.jdbc.query.XidQuery;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/** The answers about the samples of a GPU. Thread-safe. */
@RestController
@Tag(name = "samples", description = "The samples of a GPU, and what they come to")
final class SampleController {
    private static final int USUAL_HOURS = 24;
    private static final int MOST_HOURS = 168;

    private final GpuQueries queries;

    SampleController(GpuQueries queries) {
        this.queries = queries;
    }

    @GetMapping("/api/v1/gpus/{id}/telemetry")
    @Operation(operationId = "samples", summary = "Returns the samples of a GPU")
    @Takes({
        QueryParameter.START_TIME,
        QueryParameter.END_TIME,
        QueryParameter.METRICS,
        QueryParameter.METRIC_NAME,
        QueryParameter.OLD_METRIC_NAME,
        QueryParameter.INSTANCE,
        QueryParameter.SCOPE,
        QueryParameter.ORDER,
        QueryParameter.LIMIT,
        QueryParameter.OFFSET,
        QueryParameter.CURSOR,
        QueryParameter.TOTAL
    })
    SamplePage samples(@PathVariable String id, Question question) {
        question.requireNotBoth(QueryParameter.CURSOR, QueryParameter.OFFSET);
        int limit = question.limit(SampleQuery.DEFAULT_LIMIT);
        long offset = question.offset();
        SampleQuery.Builder query = SampleQuery.builder(id).limit(limit).offset(offset);
        MetricNames.of(question).forEach(query::metric);
        question.startTime().ifPresent(query::from);
        question.endTime().ifPresent(query::to);
        question.text(QueryParameter.INSTANCE).ifPresent(query::instance);
        question.scope().ifPresent(query::scope);
        question.read(QueryParameter.ORDER, QueryTexts::order).ifPresent(query::order);
        question.read(QueryParameter.CURSOR, Cursor::of).ifPresent(query::cursor);
        if (question.isTrue(QueryParameter.TOTAL)) {
            query.withTotal();
        }
        return page(queries.samples(query.build()), limit, offset);
    }

    private static SamplePage page(Page<StoredSample> page, int limit, long offset) {
        return new SamplePage(
                page.total().isPresent() ? page.total().getAsLong() : null,
                limit,
                offset,
                page.rows().size(),
                page.next().map(Cursor::toString).orElse(null),
                page.rows().stream().map(Sample::of).toList());
    }

    @GetMapping("/api/v1/gpus/{id}/metrics")
    @Operation(operationId = "metrics", summary = "Returns an aggregation of a metric of a GPU")
    @Takes({
        QueryParameter.METRIC,
        QueryParameter.METRIC_NAME,
        QueryParameter.OLD_METRIC_NAME,
        QueryParameter.AGGREGATION,
        QueryParameter.START_TIME,
        QueryParameter.END_TIME,
        QueryParameter.BUCKET,
        QueryParameter.INSTANCE,
        QueryParameter.SCOPE,
        QueryParameter.LIMIT,
        QueryParameter.OFFSET
    })
    List<MetricValue> metrics(@PathVariable String id, Question question) {
        String metric = MetricNames.one(question);
        Aggregation aggregation = question.read(QueryParameter.AGGREGATION, Aggregation::named)
                .orElseThrow(() -> Question.missing(QueryParameter.AGGREGATION));
        AggregateQuery.Builder query = AggregateQuery.builder(id, metric, aggregation);
        question.startTime().ifPresent(query::from);
        question.endTime().ifPresent(query::to);
        question.read(QueryParameter.BUCKET, QueryTexts::bucket).ifPresent(query::bucket);
        question.text(QueryParameter.INSTANCE).ifPresent(query::instance);
        question.scope().ifPresent(query::scope);
        question.read(QueryParameter.LIMIT, QueryTexts::limit).ifPresent(query::limit);
        query.offset(question.offset());
        return queries.aggregate(query.build()).stream().map(MetricValue::of).toList();
    }

    @GetMapping("/api/v1/gpus/{id}/stats")
    @Operation(operationId = "statistics", summary = "Returns the main metrics of a GPU over the last hours")
    @Takes(QueryParameter.HOURS)
    GpuStatistics statistics(@PathVariable String id, Question question) {
        int hours = question.wholeNumber(QueryParameter.HOURS, 1, MOST_HOURS).orElse(USUAL_HOURS);
        return new MainMetrics(queries).of(id, hours);
    }

    @GetMapping("/api/v1/gpus/{id}/xid")
    @Operation(operationId = "xids", summary = "Returns the Xid events of a GPU, the newest first")
    @Takes({QueryParameter.START_TIME, QueryParameter.END_TIME, QueryParameter.LIMIT, QueryParameter.OFFSET})
    XidPage xids(@PathVariable String id, Question question) {
        int limit = question.limit(SampleQuery.DEFAULT_LIMIT);
        long offset = question.offset();
        XidQuery.Builder query = XidQuery.ofGpu(id).limit(limit).offset(offset);
        question.startTime().ifPresent(query::from);
        question.endTime().ifPresent(query::to);
        return XidPage.of(limit, offset, queries.xidEvents(query.build()));
    }
}
