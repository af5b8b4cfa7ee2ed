package io.gpufleet.telemetry.integration.consumer;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.metrics.KafkaMetric;
import org.apache.kafka.common.metrics.MetricsReporter;

/**
 * The number of a static member's rebalances, by the client's own metric. A rebalance that changes no partitions shows
 * nowhere else.
 */
public final class Rebalances implements MetricsReporter {
    private static final String METRIC = "rebalance-total";
    private static final Map<String, KafkaMetric> TOTALS = new ConcurrentHashMap<>();

    private String member = "";

    /** Created by Kafka, one for each client. */
    public Rebalances() {}

    /** Returns the rebalances of the member's newest client. */
    static double of(String member) {
        return (double) TOTALS.get(member).metricValue();
    }

    @Override
    public void configure(Map<String, ?> configuration) {
        member = String.valueOf(configuration.get("group.instance.id"));
    }

    @Override
    public void init(List<KafkaMetric> metrics) {
        metrics.forEach(this::metricChange);
    }

    @Override
    public void metricChange(KafkaMetric metric) {
        if (metric.metricName().name().equals(METRIC)) {
            TOTALS.put(member, metric);
        }
    }

    @Override
    public void metricRemoval(KafkaMetric metric) {}

    @Override
    public void close() {}
}
