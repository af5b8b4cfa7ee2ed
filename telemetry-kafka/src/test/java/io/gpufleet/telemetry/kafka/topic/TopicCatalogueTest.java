package io.gpufleet.telemetry.kafka.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.kafka.GpuSampleConsumer;
import io.gpufleet.telemetry.kafka.topic.TopicCatalogue.Topic;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TopicCatalogueTest {
    private static TopicCatalogue.Builder builder() {
        return TopicCatalogue.builder("localhost:1");
    }

    private static String row(Topic topic) {
        return topic.name() + " " + topic.partitions() + " " + topic.settings();
    }

    @Test
    void topics_areTwelve() {
        assertThat(TopicCatalogue.TOPICS)
                .extracting(TopicCatalogueTest::row)
                .containsExactly(
                        "gpu-metrics-raw 32 {cleanup.policy=delete, compression.type=snappy, retention.ms=604800000}",
                        "gpu-metrics-validated 32 {cleanup.policy=delete, compression.type=snappy, retention.ms=604800000}",
                        "gpu-metrics-enriched 32 {cleanup.policy=delete, compression.type=snappy, retention.ms=604800000}",
                        "gpu-metrics-1min 16 {cleanup.policy=delete, compression.type=lz4, retention.ms=2592000000}",
                        "gpu-metrics-15min 8 {cleanup.policy=delete, compression.type=lz4, retention.ms=7776000000}",
                        "gpu-metrics-invalid 8 {cleanup.policy=delete, retention.ms=604800000}",
                        "gpu-alerts 8 {cleanup.policy=delete, retention.ms=7776000000}",
                        "gpu-critical 4 {cleanup.policy=delete, retention.ms=31536000000}",
                        "gpu-health-scores 16 {cleanup.policy=delete, retention.ms=2592000000}",
                        "gpu-failure-predictions 8 {cleanup.policy=delete, retention.ms=7776000000}",
                        "gpu-assets 16 {cleanup.policy=compact}",
                        "gpu-events 16 {cleanup.policy=delete, retention.ms=2592000000}");
        assertThat(TopicCatalogue.TOPICS).extracting(Topic::name).contains(GpuSampleConsumer.TOPIC);
        assertThat(TopicCatalogue.TOPICS)
                .allSatisfy(topic -> assertThat(topic.key()).isNotBlank());
    }

    @Test
    void builder_choosesTopicsAndPartitions() {
        TopicCatalogue.Builder builder = builder().partitions("gpu-alerts", 3);
        assertThat(builder.build().topics()).hasSize(12);
        assertThat(builder.only("gpu-critical", "gpu-alerts").build().topics())
                .extracting(topic -> topic.name() + " " + topic.partitions())
                .containsExactly("gpu-alerts 3", "gpu-critical 4");
    }

    @Test
    void builder_checksItsArguments() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().partitions("gpu-alerts", 0))
                .withMessage("partitions: 0 is not 1 or more");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().replication(0))
                .withMessage("replication: 0 is not between 1 and 32767");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().only())
                .withMessage("only: no topic is named; at least one is needed");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().only("gpu-alerts", "gpu-critical").partitions("gpu", 1))
                .withMessage("topic \"gpu\" is not in the catalogue; allowed: gpu-alerts, gpu-critical");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Topic("t", 0, Optional.empty(), Optional.empty(), "k"))
                .withMessage("partitions: 0 is not 1 or more");
    }

    @Test
    void catalogue_saysThatNoBrokerAnswers() {
        TopicCatalogue catalogue = builder()
                .overrides(Map.of("request.timeout.ms", 100, "default.api.timeout.ms", 200))
                .build();
        assertThatExceptionOfType(TelemetryException.class)
                .isThrownBy(catalogue::install)
                .withMessageStartingWith("Brokers were not counted at localhost:1: ");
        assertThatExceptionOfType(TelemetryException.class).isThrownBy(catalogue::differences);
    }
}
