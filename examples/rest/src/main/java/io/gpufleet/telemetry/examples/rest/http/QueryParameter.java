package io.gpufleet.telemetry.examples.rest.http;

import io.gpufleet.telemetry.jdbc.query.Aggregation;
import io.gpufleet.telemetry.jdbc.query.SampleOrder;
import io.gpufleet.telemetry.jdbc.query.SampleQuery;
import io.swagger.v3.oas.models.media.ArraySchema;
import io.swagger.v3.oas.models.media.BooleanSchema;
import io.swagger.v3.oas.models.media.DateSchema;
import io.swagger.v3.oas.models.media.DateTimeSchema;
import io.swagger.v3.oas.models.media.IntegerSchema;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.parameters.Parameter;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** The parameters of queries, with their forms and words for the document. */
public enum QueryParameter {
    /** The size of a page. */
    LIMIT("limit", "The size of the page, 1 to 1000.", () -> whole(1, SampleQuery.MAX_LIMIT)),
    /** The number of rows to leave out. */
    OFFSET("offset", "The number of rows to leave out.", () -> whole(0, Long.MAX_VALUE)),
    /** The end of the page before. */
    CURSOR("cursor", "`next` of the page before; all else but `limit` as there.", QueryParameter::word),
    /** Whether all rows are counted. */
    TOTAL("total", "Whether to count the rows of all pages, which reads all of them.", BooleanSchema::new),
    /** The host of a GPU. */
    HOST("host", "The host that the GPUs were seen on last.", QueryParameter::word),
    /** The namespace of a GPU. */
    NAMESPACE("namespace", "The namespace of the workload that used the GPUs last.", QueryParameter::word),
    /** The model of a GPU. */
    MODEL("model", "The model of the GPUs.", QueryParameter::word),
    /** The first instant. */
    START_TIME("start_time", "The first instant, RFC 3339; a day before the last one by default.", DateTimeSchema::new),
    /** The last instant. */
    END_TIME("end_time", "The last instant, RFC 3339; now by default.", DateTimeSchema::new),
    /** The time since which a machine was seen. */
    SEEN_SINCE(
            "seen_since",
            "Only those with a heartbeat since this instant, RFC 3339; all by default.",
            DateTimeSchema::new),
    /** The time since which a machine is silent. */
    SINCE(
            "since",
            "The instant, RFC 3339, since which there is no heartbeat; ten minutes ago by default.",
            DateTimeSchema::new),
    /** The first day. */
    FROM("from", "The first UTC day, at most 1000 with the last one; 31 days with it by default.", DateSchema::new),
    /** The last day. */
    TO("to", "The last UTC day; today by default.", DateSchema::new),
    /** A GPU. */
    GPU("gpu", "The GPU: its UUID, or `device:hostname`; all by default.", QueryParameter::word),
    /** Metrics. */
    METRICS("metric", "A metric, under its name of any version; all by default.", true, QueryParameter::words),
    /** One metric. */
    METRIC("metric", "The metric, under its name of any version.", true, QueryParameter::word),
    /** Another name of the metric. */
    METRIC_NAME("metric_name", "Another name of `metric`.", true, QueryParameter::word),
    /** The oldest name of the metric. */
    OLD_METRIC_NAME("Metric_name", "An old name of `metric`.", true, QueryParameter::word),
    /** The function of an aggregation. */
    AGGREGATION(
            "aggregation",
            "The function: of a counter min, max, count, increase or rate, of a gauge min, max, avg,"
                    + " sum, count or last.",
            () -> names(Aggregation.values())),
    /** The size of buckets. */
    BUCKET(
            "bucket",
            "The size of buckets in whole seconds, at most 11000 buckets; the whole range by default.",
            () -> whole(1, Long.MAX_VALUE)),
    /** The order of samples. */
    ORDER("order", "The samples that come first; the newest by default.", () -> names(SampleOrder.values())),
    /** The part of the GPU. */
    INSTANCE(
            "instance",
            "The part of the GPU: `gi:7` a MIG instance, `nvlink:3` a link; all by default.",
            QueryParameter::word),
    /** The scope of samples. */
    SCOPE(
            "scope",
            "How the samples count in sums: 0 the whole GPU, 1 a MIG instance, 2 a link, 3 a workload, 4 another"
                    + " series; all by default.",
            () -> whole(0, 4)),
    /** The time between two samples of a GPU. */
    INTERVAL(
            "interval",
            "The seconds between two samples of a GPU, 1 to 900; 60 by default. A GPU reports if it has a"
                    + " sample in the last two intervals.",
            () -> whole(1, 900)),
    /** A number of hours. */
    HOURS("hours", "The last hours that count, 1 to 168; 24 by default.", () -> whole(1, 168));

    private final String text;
    private final String words;
    private final boolean repeatable;

    @SuppressWarnings("ImmutableEnumChecker") // Each supplier makes another schema, and has no state.
    private final Supplier<Schema<?>> form;

    QueryParameter(String text, String words, Supplier<Schema<?>> form) {
        this(text, words, false, form);
    }

    QueryParameter(String text, String words, boolean repeatable, Supplier<Schema<?>> form) {
        this.text = text;
        this.words = words;
        this.repeatable = repeatable;
        this.form = form;
    }

    private static Schema<?> whole(long smallest, long largest) {
        return new IntegerSchema()
                .format(null)
                .minimum(BigDecimal.valueOf(smallest))
                .maximum(BigDecimal.valueOf(largest));
    }

    private static Schema<?> word() {
        return new StringSchema().minLength(1);
    }

    private static Schema<?> words() {
        return new ArraySchema().items(word());
    }

    private static Schema<?> names(Enum<?>[] constants) {
        List<String> names = Arrays.stream(constants)
                .map(constant -> constant.name().toLowerCase(Locale.ROOT))
                .toList();
        return new StringSchema()._enum(names);
    }

    /**
     * Returns the name in a URL.
     *
     * @return for example {@code start_time}
     */
    public String text() {
        return text;
    }

    /** Returns whether it may stand several times. */
    boolean isRepeatable() {
        return repeatable;
    }

    Parameter document() {
        return new Parameter().in("query").name(text).description(words).schema(form.get());
    }
}
