package io.gpufleet.telemetry.testkit;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Waits until a condition of a test holds.
 *
 * <p>The condition is checked again after 2 ms, then after growing pauses of up to 100 ms. An exception counts as "not
 * yet". After the limit, an {@link AssertionError} names the condition, the limit, and the last value. Thread-safe.
 */
public final class Await {
    private static final long FIRST_PAUSE_NANOS = Duration.ofMillis(2).toNanos();
    private static final long LONGEST_PAUSE_NANOS = Duration.ofMillis(100).toNanos();

    private Await() {}

    /**
     * Waits until a condition is true.
     *
     * @param what the description for the error: {@code "lag of group g is 0"}
     * @param limit the longest wait
     * @param condition the condition; an exception counts as false
     * @throws AssertionError if the condition did not become true in time, or the thread was interrupted
     */
    public static void until(String what, Duration limit, Callable<Boolean> condition) {
        until(what, limit, condition, Boolean::booleanValue);
    }

    /**
     * Waits until a value is as wanted.
     *
     * @param what the description for the error: {@code "rows in heartbeat are 100"}
     * @param limit the longest wait
     * @param value returns the value; an exception counts as not wanted
     * @param wanted the test of a value
     * @param <T> the type of the value
     * @return the first value that passed the test
     * @throws AssertionError if no such value was seen in time, or the thread was interrupted
     */
    public static <T> T until(String what, Duration limit, Callable<T> value, Predicate<? super T> wanted) {
        requireNonNull(what, "what");
        Attempt<T> attempt = new Attempt<>(requireNonNull(value, "value"), requireNonNull(wanted, "wanted"));
        long start = System.nanoTime();
        long pauseNanos = FIRST_PAUSE_NANOS;
        while (!attempt.succeeds()) {
            if (Duration.ofNanos(System.nanoTime() - start).compareTo(limit) >= 0) {
                throw attempt.failure(what + " was awaited for " + limit);
            }
            LockSupport.parkNanos(pauseNanos);
            if (Thread.currentThread().isInterrupted()) {
                throw attempt.failure("interrupted while awaiting " + what);
            }
            pauseNanos = Math.min(pauseNanos * 2, LONGEST_PAUSE_NANOS);
        }
        return attempt.seen();
    }

    private static final class Attempt<T> {
        private final Callable<T> value;
        private final Predicate<? super T> wanted;
        private @Nullable T seen;
        private @Nullable Exception thrown;

        Attempt(Callable<T> value, Predicate<? super T> wanted) {
            this.value = value;
            this.wanted = wanted;
        }

        boolean succeeds() {
            try {
                T now = value.call();
                seen = now;
                thrown = null;
                return wanted.test(now);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                thrown = e;
            } catch (Exception e) {
                thrown = e;
            }
            return false;
        }

        T seen() {
            return requireNonNull(seen, "seen");
        }

        AssertionError failure(String message) {
            String last = thrown == null ? String.valueOf(seen) : thrown.toString();
            return new AssertionError(message + "; last seen: " + last, thrown);
        }
    }
}
