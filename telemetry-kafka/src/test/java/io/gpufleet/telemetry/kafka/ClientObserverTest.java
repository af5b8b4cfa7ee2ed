package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.kafka.internal.ClientObserver;
import io.gpufleet.telemetry.kafka.metrics.LagGaugesTest;
import io.gpufleet.telemetry.kafka.metrics.MeteredConsumer;
import io.gpufleet.telemetry.kafka.metrics.MicrometerTelemetry;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.Consumer;
import org.junit.jupiter.api.Test;

/** Kafka's own metrics and the buffered bytes, as clients come and go. */
class ClientObserverTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final MicrometerTelemetry meters = MicrometerTelemetry.create(registry);

    private List<String> clients() {
        return registry.find(MeteredConsumer.METER).gauges().stream()
                .map(gauge -> gauge.getId().getTag("client.id") + ": " + gauge.value())
                .toList();
    }

    private double buffered() {
        return registry.get("telemetry.buffered.bytes").gauge().value();
    }

    @Test
    void openedClient_isShownWithWhatIsBuffered() {
        AtomicLong bytes = new AtomicLong(5);

        ClientObserver.open(meters, new MeteredConsumer("c", 7), bytes::get);

        assertThat(clients()).containsExactly("c: 7.0");
        assertThat(buffered()).isEqualTo(5);
        bytes.set(6);
        assertThat(buffered()).isEqualTo(6);
    }

    @Test
    void buffered_isNotANumberWithoutAClient() {
        assertThat(buffered()).isNaN();
    }

    @Test
    void closedClient_leavesNoMeter() {
        MeteredConsumer client = new MeteredConsumer("c", 7);
        List<Meter> before = registry.getMeters();
        ClientObserver.open(meters, client, () -> 5);

        ClientObserver.close(meters, client);

        assertThat(registry.getMeters()).containsExactlyInAnyOrderElementsOf(before);
        assertThat(buffered()).isNaN();
    }

    @Test
    void clientOfTheSameName_takesThePlaceOfTheOneBefore() {
        MeteredConsumer first = new MeteredConsumer("c", 7);
        ClientObserver.open(meters, first, () -> 5);

        ClientObserver.open(meters, new MeteredConsumer("c", 8), () -> 6);

        assertThat(clients()).containsExactly("c: 8.0");
        assertThat(buffered()).isEqualTo(6);
        ClientObserver.close(meters, first);
        assertThat(clients()).containsExactly("c: 8.0");
        assertThat(buffered()).isEqualTo(6);
    }

    @Test
    void clientOfAnotherName_takesThePlaceOfTheOneBefore() {
        ClientObserver.open(meters, new MeteredConsumer("c", 7), () -> 5);
        MeteredConsumer second = new MeteredConsumer("d", 8);

        ClientObserver.open(meters, second, () -> 6);

        assertThat(clients()).containsExactly("d: 8.0");
        ClientObserver.close(meters, second);
        ClientObserver.close(meters, second);
        assertThat(clients()).isEmpty();
    }

    @Test
    void clientOpenedTwice_isShownOnce() {
        MeteredConsumer client = new MeteredConsumer("c", 7);
        ClientObserver.open(meters, client, () -> 5);

        ClientObserver.open(meters, client, () -> 5);

        assertThat(clients()).containsExactly("c: 7.0");
        ClientObserver.close(meters, client);
        assertThat(clients()).isEmpty();
    }

    @Test
    void realClient_isShownFromWhenItIsMadeUntilItIsClosed() {
        KafkaClients clients = new KafkaClients(List.of(event -> {}, meters), () -> 5);
        List<Meter> before = registry.getMeters();

        try (Consumer<byte[], byte[]> client = clients.consumer(
                ClientProperties.of(Map.of("bootstrap.servers", "localhost:1", "client.id", "real"), Map.of()),
                new ClientCluster())) {
            assertThat(registry.getMeters())
                    .filteredOn(meter -> meter.getId().getName().startsWith("kafka.consumer."))
                    .hasSizeGreaterThan(20)
                    .allSatisfy(meter ->
                            assertThat(meter.getId().getTag("client.id")).isEqualTo("real"));
            assertThat(buffered()).isEqualTo(5);
            clients.closing(client);
        }

        assertThat(registry.getMeters()).containsExactlyInAnyOrderElementsOf(before);
    }

    @Test
    void registryThatFails_isReportedOnceAndDisturbsNobody() {
        MeteredConsumer client = new MeteredConsumer("c", 7);
        registry.config().onMeterAdded(meter -> {
            throw new IllegalStateException("full");
        });

        try (CapturedLog log = new CapturedLog(MicrometerTelemetry.class)) {
            meters.on(new TelemetryEvent.PartitionsAssigned(Set.of(Logs.partition(0))));
            meters.on(LagGaugesTest.measured(0, 7));
            ClientObserver.open(meters, client, () -> 5);
            ClientObserver.close(meters, client);

            assertThat(log.linesWith("Meter cannot be updated")).hasSize(1);
        }
    }

    @Test
    void deniedMeters_areNotMissed() {
        SimpleMeterRegistry denying = new SimpleMeterRegistry();
        denying.config().meterFilter(MeterFilter.denyNameStartsWith("kafka."));
        MicrometerTelemetry ours = MicrometerTelemetry.create(denying);

        ClientObserver.open(ours, new MeteredConsumer("c", 7), () -> 5);

        assertThat(denying.find(MeteredConsumer.METER).gauges()).isEmpty();
        assertThat(denying.get("telemetry.buffered.bytes").gauge().value()).isEqualTo(5);
    }
}
