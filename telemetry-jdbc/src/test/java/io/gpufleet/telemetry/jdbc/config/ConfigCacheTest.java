package io.gpufleet.telemetry.jdbc.config;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.benmanes.caffeine.cache.Ticker;
import io.gpufleet.telemetry.config.ConsumerSetting;
import io.gpufleet.telemetry.config.ConsumerSettings;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class ConfigCacheTest {
    /** The common pool has a single thread on a machine with two processors. */
    private static final Executor THREADS = work -> new Thread(work).start();

    private final AtomicInteger readings = new AtomicInteger();
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch answered = new CountDownLatch(1);
    private final ConfigCache cache = new ConfigCache(this::read, Duration.ofMinutes(5), Ticker.systemTicker());

    /** Every read has another number; the first one of {@code slow} waits. */
    private ConsumerSettings read(String service) {
        int number = readings.incrementAndGet();
        if (service.equals("slow") && number == 1) {
            begun.countDown();
            await(answered);
        }
        return ConsumerSettings.builder(service)
                .set(ConsumerSetting.MAX_POLL_RECORDS, number)
                .build();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void forget_isNotHeldUpByAReadingAndIsNotUndoneByIt() {
        CompletableFuture<ConsumerSettings> first = CompletableFuture.supplyAsync(() -> cache.get("slow"), THREADS);
        await(begun);

        CompletableFuture.runAsync(() -> cache.forget("slow"), THREADS)
                .orTimeout(30, SECONDS)
                .join();
        CompletableFuture.runAsync(cache::forgetAll, THREADS)
                .orTimeout(30, SECONDS)
                .join();
        answered.countDown();

        assertThat(first.join().maxPollRecords()).isEqualTo(1);
        assertThat(cache.get("slow").maxPollRecords()).as("what it read is old").isEqualTo(2);
    }

    @Test
    void get_letsOneReadForAll() {
        CompletableFuture<ConsumerSettings> one = CompletableFuture.supplyAsync(() -> cache.get("slow"), THREADS);
        await(begun);
        CompletableFuture<ConsumerSettings> two = CompletableFuture.supplyAsync(() -> cache.get("slow"), THREADS);
        answered.countDown();

        assertThat(one.join()).isEqualTo(two.join());
        assertThat(cache.get("slow")).isEqualTo(one.join());
        assertThat(readings).hasValue(1);
    }

    @Test
    void get_doesNotKeepAFailure() {
        ConfigCache failing = new ConfigCache(
                service -> {
                    if (readings.incrementAndGet() == 1) {
                        throw new IllegalStateException("once");
                    }
                    return ConsumerSettings.defaults(service);
                },
                Duration.ofMinutes(5),
                Ticker.systemTicker());

        assertThatThrownBy(() -> failing.get("s"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("once");
        assertThat(failing.get("s")).isEqualTo(ConsumerSettings.defaults("s"));
    }
}
