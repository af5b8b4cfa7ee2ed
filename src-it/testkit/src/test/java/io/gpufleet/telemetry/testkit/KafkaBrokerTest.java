package io.gpufleet.telemetry.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.testkit.faults.TcpProxy;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KafkaBrokerTest {
    private KafkaBroker broker;

    @AfterEach
    void close() {
        if (broker != null) {
            broker.close();
        }
    }

    @Test
    void forkedBroker_keepsWhatWasAcknowledgedWhenKilled() throws Exception {
        broker = KafkaBroker.builder().forked().start();
        broker.createTopic("events", 1);
        send("events", "before");

        broker.kill();
        assertThat(broker.isRunning()).isFalse();
        broker.start();

        send("events", "after");
        assertThat(broker.endOffsets("events")).isEqualTo(Map.of(0, 2L));
    }

    @Test
    void forkedBroker_answersAgainWhenResumed() throws Exception {
        broker = KafkaBroker.builder().forked().start();
        broker.createTopic("events", 1);
        broker.suspend();

        assertThatThrownBy(() -> describe("events")).isInstanceOf(ExecutionException.class);
        broker.resume();

        assertThat(broker.endOffsets("events")).containsKey(0);
        broker.stop();
        assertThat(broker.isRunning()).isFalse();
    }

    @Test
    void proxiedBroker_sendsClientsToTheProxy() throws Exception {
        try (TcpProxy proxy = TcpProxy.start()) {
            broker = KafkaBroker.builder().proxied(proxy.port()).start();
            proxy.passTo(broker.proxiedPort());
            broker.createTopic("events", 1);

            try (Admin admin = Admin.create(Map.of("bootstrap.servers", "127.0.0.1:" + proxy.port()))) {
                assertThat(admin.describeCluster().nodes().get())
                        .singleElement()
                        .satisfies(node -> assertThat(node.port()).isEqualTo(proxy.port()));
                assertThat(proxy.connections()).isPositive();
            }
        }
    }

    @Test
    void proxiedPort_isOnlyThereWhenAskedFor() {
        broker = KafkaBroker.builder().start();

        assertThatThrownBy(broker::proxiedPort)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("is not reached through a proxy");
        assertThatThrownBy(() -> KafkaBroker.builder().proxied(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("port: 0 is not between 1 and 65535");
    }

    @Test
    void brokerInThisJvm_restartsOnItsData() throws Exception {
        broker = KafkaBroker.builder().start();
        broker.createTopic("events", 2);
        send("events", "before");

        broker.stop();
        assertThatThrownBy(() -> broker.endOffsets("events"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("not running");
        broker.start();

        assertThat(broker.endOffsets("events").values()).containsExactlyInAnyOrder(0L, 1L);
        assertThatThrownBy(broker::kill)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("forked()");
    }

    @Test
    void topics_changeAsAsked() throws Exception {
        broker = KafkaBroker.builder().start();
        broker.createTopic("events", 1, Map.of("cleanup.policy", "compact"));
        assertThatThrownBy(() -> broker.createTopic("events", 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("create topic events");

        broker.addPartitions("events", 3);
        assertThat(broker.endOffsets("events")).isEqualTo(Map.of(0, 0L, 1, 0L, 2, 0L));

        broker.deleteTopic("events");
        assertThatThrownBy(() -> broker.endOffsets("events")).isInstanceOf(IllegalStateException.class);
        broker.createTopic("events", 1);
    }

    @Test
    void committedLag_countsWhatTheGroupHasNotCommitted() throws Exception {
        broker = KafkaBroker.builder().start();
        broker.createTopic("events", 1);
        for (int number = 0; number < 5; number++) {
            send("events", "record " + number);
        }
        assertThat(broker.committedLag("group", "events")).isEqualTo(5);

        commit("group", new TopicPartition("events", 0), 3);
        assertThat(broker.committedLag("group", "events")).isEqualTo(2);

        broker.deleteRecordsBefore("events", 0, 4);
        assertThat(broker.committedLag("other", "events")).isEqualTo(1);
    }

    @Test
    void settings_reachTheBroker() {
        KafkaBroker.Builder builder = KafkaBroker.builder().forked().setting("num.io.threads", "none");

        assertThatThrownBy(builder::start)
                .isInstanceOf(IllegalStateException.class)
                .hasStackTraceContaining("num.io.threads");
    }

    @Test
    void binaries_areTheOnlyOnesThatAForkedBrokerFinds() {
        KafkaBroker.Builder builder = KafkaBroker.builder().forked().binaries(Path.of("src"));

        assertThatThrownBy(builder::start)
                .isInstanceOf(IllegalStateException.class)
                .hasStackTraceContaining("NoClassDefFoundError: kafka/server/");
    }

    @Test
    void binaries_areRefusedWhereTheyCannotBeUsed() {
        KafkaBroker.Builder builder = KafkaBroker.builder();

        assertThatThrownBy(() -> builder.binaries(Path.of("pom.xml")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("binaries: pom.xml is not a directory");
        assertThatThrownBy(builder.binaries(Path.of("src"))::start)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("binaries: src need a broker of its own JVM: forked()");
    }

    private void send(String topic, String value) throws Exception {
        try (KafkaProducer<String, String> producer = producer()) {
            producer.send(new ProducerRecord<>(topic, value)).get();
        }
    }

    private KafkaProducer<String, String> producer() {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers()), new StringSerializer(), new StringSerializer());
    }

    /** Sends one request, without retries. */
    private void describe(String topic) throws Exception {
        Map<String, Object> impatient = Map.of(
                "bootstrap.servers", broker.bootstrapServers(),
                "request.timeout.ms", 200,
                "default.api.timeout.ms", 400);
        try (Admin admin = Admin.create(impatient)) {
            admin.describeTopics(Set.of(topic)).allTopicNames().get();
        }
    }

    private void commit(String group, TopicPartition partition, long offset) {
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers(), "group.id", group),
                new StringDeserializer(),
                new StringDeserializer())) {
            consumer.assign(Set.of(partition));
            consumer.commitSync(Map.of(partition, new OffsetAndMetadata(offset)));
        }
    }
}
