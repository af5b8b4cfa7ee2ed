package io.gpufleet.telemetry.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ConnectionWatchTest {
    private double connections = 1;
    private long nanos;
    private long answeredAtNanos;
    private final MockConsumer<byte[], byte[]> client = new Client();
    private final ConnectionWatch watch = new ConnectionWatch(client, () -> nanos);

    @BeforeEach
    void loseTheBrokers() {
        polled(Duration.ofSeconds(1));
        connections = 0;
    }

    @Test
    void lossOfAllConnections_isKnownSinceTheLastOne() {
        polled(Duration.ofSeconds(3));
        assertThat(watch.withoutConnection()).hasSeconds(3);

        nanos += Duration.ofMinutes(1).toNanos();
        assertThat(watch.withoutConnection()).as("no look").hasSeconds(3);

        connections = 1;
        polled(Duration.ofSeconds(1));
        assertThat(watch.withoutConnection()).isZero();
    }

    @Test
    void clientThatIsAloneWhileTheClusterAnswers_isStranded() {
        answeredAtNanos = Duration.ofSeconds(2).toNanos();

        assertThat(polled(Duration.ofSeconds(3))).isFalse();
        assertThat(polled(Duration.ofSeconds(6))).isFalse();
        assertThat(polled(Duration.ofSeconds(2))).isTrue();
    }

    @Test
    void clientThatWasAloneWhileNobodyAnswered_hasTimeToConnectAfterwards() {
        assertThat(polled(Duration.ofMinutes(10))).isFalse();
        answeredAtNanos = nanos;

        assertThat(polled(Duration.ofSeconds(9))).isFalse();

        connections = 1;
        assertThat(polled(Duration.ofSeconds(9))).isFalse();
    }

    @Test
    void answerFromBeforeTheLoss_countsForNothing() {
        assertThat(polled(Duration.ofSeconds(30))).isFalse();
        assertThat(polled(Duration.ofSeconds(30))).isFalse();
    }

    private boolean polled(Duration later) {
        nanos += later.toNanos();
        return watch.polled(since -> answeredAtNanos > since);
    }

    /** A client that reports a number of connections. */
    private final class Client extends MockConsumer<byte[], byte[]> {
        Client() {
            super("none");
        }

        @Override
        public synchronized Map<MetricName, ? extends Metric> metrics() {
            MetricName name = new MetricName("connection-count", "consumer-metrics", "", Map.of());
            return Map.of(name, new Metric() {
                @Override
                public MetricName metricName() {
                    return name;
                }

                @Override
                public Object metricValue() {
                    return connections;
                }
            });
        }
    }
}
