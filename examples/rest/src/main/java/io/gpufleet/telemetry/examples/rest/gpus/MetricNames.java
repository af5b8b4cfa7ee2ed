package io.gpufleet.telemetry.examples.rest.gpus;

import io.gpufleet.telemetry.examples.rest.http.ProblemException;
import io.gpufleet.telemetry.examples.rest.http.QueryParameter;
import io.gpufleet.telemetry.examples.rest.http.Question;
import io.gpufleet.telemetry.gpu.GpuMetric;
import java.util.List;
import java.util.stream.Stream;

/** The metrics that a question names, by the new parameter or an old one. */
final class MetricNames {
    private MetricNames() {}

    static List<String> of(Question question) {
        return question.texts(QueryParameter.METRICS, QueryParameter.METRIC_NAME, QueryParameter.OLD_METRIC_NAME);
    }

    /**
     * Returns the single metric of a question.
     *
     * @throws ProblemException if it names none or several
     */
    static String one(Question question) {
        List<String> names = of(question);
        List<String> metrics = names.stream()
                .map(name -> GpuMetric.named(name).name())
                .distinct()
                .toList();
        if (metrics.size() > 1) {
            throw new ProblemException(
                    400, "metric_name", "metric_name must be one metric, was " + String.join(", ", metrics));
        }
        Stream.of(QueryParameter.METRIC, QueryParameter.METRIC_NAME, QueryParameter.OLD_METRIC_NAME)
                .filter(parameter -> question.texts(parameter).size() > 1)
                .findFirst()
                .ifPresent(parameter -> {
                    throw Question.twice(parameter.text());
                });
        return names.stream().findFirst().orElseThrow(() -> Question.missing(QueryParameter.METRIC));
    }
}
