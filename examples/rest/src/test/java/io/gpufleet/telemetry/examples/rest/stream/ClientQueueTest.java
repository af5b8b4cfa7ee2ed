package io.gpufleet.telemetry.examples.rest.stream;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ClientQueueTest {
    private static byte[] event(int length) {
        return "x".repeat(length).getBytes(US_ASCII);
    }

    @Test
    void take_givesWholeEventsOfAPortion() throws InterruptedException {
        ClientQueue queue = new ClientQueue(10, 1 << 20);
        queue.add(event(10_000));
        queue.add(event(6_000));
        queue.add(event(6_000));
        queue.add(event(100_000));
        assertThat(queue.take(1)).hasSize(16_000);
        assertThat(queue.take(1)).hasSize(6_000);
        assertThat(queue.take(1)).hasSize(100_000);
        assertThat(queue.take(1)).isEmpty();
        assertThat(queue.isClosed()).isFalse();
    }

    @Test
    void add_ofOneEventTooMany_closesAndKeepsNothing() throws InterruptedException {
        ClientQueue queue = new ClientQueue(2, 1_000);
        queue.add(event(1));
        queue.add(event(1));
        assertThat(queue.hasOverflowed()).isFalse();
        queue.add(event(1));
        assertThat(queue.hasOverflowed()).isTrue();
        assertThat(queue.isClosed()).isTrue();
        assertThat(queue.take(TimeUnit.MINUTES.toNanos(1))).isEmpty();
    }

    @Test
    void add_ofOneByteTooMany_closes() throws InterruptedException {
        ClientQueue queue = new ClientQueue(100, 1_000);
        queue.add(event(600));
        queue.take(1);
        queue.add(event(1_000));
        assertThat(queue.isClosed()).isFalse();
        queue.add(event(1));
        assertThat(queue.hasOverflowed()).isTrue();
    }

    @Test
    void close_endsAWait() throws InterruptedException {
        ClientQueue queue = new ClientQueue(1, 1);
        Thread closing = new Thread(queue::close);
        closing.start();
        assertThat(queue.take(TimeUnit.MINUTES.toNanos(1))).isEmpty();
        closing.join();
        assertThat(queue.isClosed()).isTrue();
        assertThat(queue.hasOverflowed()).isFalse();
    }
}
