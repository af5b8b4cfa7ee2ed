package io.gpufleet.telemetry.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.kafka.topic.TopicCatalogue;
import io.gpufleet.telemetry.testkit.Await;
import io.gpufleet.telemetry.testkit.KafkaBroker;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;

/** The topics of the catalogue on a broker of their own. */
final class TopicCatalogueIT {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @Test
    void catalogue_createsTopicsAndReportsDifferences() throws Exception {
        try (KafkaBroker broker = KafkaBroker.builder().start()) {
            TopicCatalogue catalogue = small(broker).build();
            assertThat(catalogue.differences())
                    .hasSize(12)
                    .first()
                    .hasToString("gpu-metrics-raw: topic is missing, wanted there");

            assertThat(catalogue.install())
                    .containsExactlyElementsOf(catalogue.topics().stream()
                            .map(TopicCatalogue.Topic::name)
                            .toList());
            assertThat(catalogue.install()).isEmpty();
            awaitDifferences(catalogue);

            setRetention(broker, "gpu-metrics-raw");
            broker.addPartitions("gpu-critical", 5);
            broker.deleteTopic("gpu-events");
            awaitDifferences(
                    catalogue,
                    "gpu-metrics-raw: retention.ms is 1000, wanted 604800000",
                    "gpu-critical: partitions is 5, wanted 2",
                    "gpu-events: topic is missing, wanted there");
            awaitDifferences(
                    small(broker)
                            .only("gpu-critical", "gpu-assets")
                            .partitions("gpu-critical", 5)
                            .replication(2)
                            .build(),
                    "gpu-critical: replicas is 1, wanted 2",
                    "gpu-assets: replicas is 1, wanted 2");

            assertThat(catalogue.install()).as("what is missing").containsExactly("gpu-events");
            assertThat(broker.endOffsets("gpu-critical")).hasSize(5);
        }
    }

    /** All topics with few partitions, which are what costs a broker time. */
    private static TopicCatalogue.Builder small(KafkaBroker broker) {
        TopicCatalogue.Builder builder = TopicCatalogue.builder(broker.bootstrapServers());
        TopicCatalogue.TOPICS.forEach(topic -> builder.partitions(topic.name(), 2));
        return builder;
    }

    /** A broker learns of a change a moment later. */
    private static void awaitDifferences(TopicCatalogue catalogue, String... differences) {
        Await.until(
                "differences are " + List.of(differences),
                LIMIT,
                () -> catalogue.differences().stream()
                        .map(TopicCatalogue.Difference::toString)
                        .toList(),
                List.of(differences)::equals);
    }

    private static void setRetention(KafkaBroker broker, String topic) throws Exception {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        AlterConfigOp change = new AlterConfigOp(new ConfigEntry("retention.ms", "1000"), AlterConfigOp.OpType.SET);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            admin.incrementalAlterConfigs(Map.of(resource, List.of(change)))
                    .all()
                    .get(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void catalogue_namesATopicThatIsRefused() {
        try (KafkaBroker broker = KafkaBroker.builder().start()) {
            TopicCatalogue catalogue = TopicCatalogue.builder(broker.bootstrapServers())
                    .only("gpu-alerts")
                    .replication(7)
                    .build();
            assertThatThrownBy(catalogue::install)
                    .isInstanceOf(TelemetryException.class)
                    .hasMessageContaining("Topic gpu-alerts was not created at " + broker.bootstrapServers());
        }
    }
}
