package io.gpufleet.telemetry.integration.consumer;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.jdbc.TransactionHook;
import io.gpufleet.telemetry.testkit.Await;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Holds transactions before their commit while it is closed. Open at first. Thread-safe. */
final class Valve<T> implements TransactionHook<T> {
    private final AtomicInteger held = new AtomicInteger();
    private volatile CountDownLatch opened = new CountDownLatch(0);

    void close() {
        opened = new CountDownLatch(1);
    }

    void open() {
        opened.countDown();
    }

    void awaitHeld(int transactions) {
        Await.until("transactions are held", Duration.ofSeconds(30), () -> held.get() >= transactions);
    }

    @Override
    public void run(Connection connection, Batch<T> batch) throws SQLException {
        held.incrementAndGet();
        try {
            opened.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLException("interrupted", e);
        } finally {
            held.decrementAndGet();
        }
    }
}
