package io.gpufleet.telemetry.examples.rest.http;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;

/**
 * The limits of requests: by key, and by address for those without a valid one. Only the connection's own address
 * counts, whatever a header says. Thread-safe.
 */
final class Limits {
    private static final int STRANGERS = 10;
    private static final int ADDRESSES = 10_000;
    private static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(1);
    private static final long SECOND_NANOS = Duration.ofSeconds(1).toNanos();

    private final int burst;
    private final LoadingCache<String, Bucket> callers;
    private final LoadingCache<String, Bucket> strangers = Caffeine.newBuilder()
            .maximumSize(ADDRESSES)
            .expireAfterAccess(FORGOTTEN_AFTER)
            .build(address -> bucket(STRANGERS, STRANGERS));

    Limits(int rate, int burst) {
        this.burst = burst;
        // The names are those of the settings: they are few.
        this.callers = Caffeine.newBuilder().build(name -> bucket(rate, burst));
    }

    private static Bucket bucket(int rate, int burst) {
        return Bucket.builder()
                .addLimit(limit -> limit.capacity(burst).refillGreedy(rate, Duration.ofSeconds(1)))
                .build();
    }

    /** Returns whether a caller may go on; if not, the answer is written. */
    boolean admitCaller(String name, HttpServletResponse response) throws IOException {
        return admit(callers.get(name), burst, response);
    }

    /** Returns whether a request without a key gets its own refusal; if not, the answer is written. */
    boolean admitStranger(String address, HttpServletResponse response) throws IOException {
        return admit(strangers.get(address), STRANGERS, response);
    }

    private static boolean admit(Bucket bucket, int limit, HttpServletResponse response) throws IOException {
        ConsumptionProbe probe = bucket.tryConsumeAndReturnRemaining(1);
        response.setHeader("RateLimit-Limit", Integer.toString(limit));
        response.setHeader("RateLimit-Remaining", Long.toString(probe.getRemainingTokens()));
        response.setHeader("RateLimit-Reset", Long.toString(seconds(probe.getNanosToWaitForReset())));
        if (!probe.isConsumed()) {
            long wait = Math.max(1, seconds(probe.getNanosToWaitForRefill()));
            response.setHeader("Retry-After", Long.toString(wait));
            Problem.of(429, "too many requests; ask again in " + wait + " s", null)
                    .send(response);
        }
        return probe.isConsumed();
    }

    private static long seconds(long nanos) {
        return (nanos + SECOND_NANOS - 1) / SECOND_NANOS;
    }
}
