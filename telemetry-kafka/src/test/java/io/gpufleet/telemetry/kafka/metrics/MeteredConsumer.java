package io.gpufleet.telemetry.kafka.metrics;

import java.util.Map;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;

/** Kafka's mock, with one metric: the largest lag. */
public final class MeteredConsumer extends MockConsumer<byte[], byte[]> {
    public static final String METER = "kafka.consumer.fetch.manager.records.lag.max";

    private final Metric metric;

    public MeteredConsumer(String clientId, double value) {
        super("none");
        MetricName name = new MetricName(
                "records-lag-max", "consumer-fetch-manager-metrics", "the lag", Map.of("client-id", clientId));
        this.metric = new Metric() {
            @Override
            public MetricName metricName() {
                return name;
            }

            @Override
            public Object metricValue() {
                return value;
            }
        };
    }

    @Override
    public synchronized Map<MetricName, ? extends Metric> metrics() {
        return Map.of(metric.metricName(), metric);
    }
}
