package io.gpufleet.telemetry.testkit;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Waits until something that a test expects has come true.
 *
 * <p>The value is looked at again after 2 ms, then after ever longer pauses up to 100 ms. An exception of the look
 * counts as "not yet". When the time is up an {@link AssertionError} names what was awaited, how long, and what was
 * seen last. Thread-safe.
 */
public final class Await {
    private static final long FIRST_PAUSE_NANOS = Duration.ofMillis(2).toNanos();
    private static final long LONGEST_PAUSE_NANOS = Duration.ofMillis(100).toNanos();

    private Await() {}

    /**
     * Waits until the condition is true.
     *
     * @param what what is awaited, for the error: {@code "lag of group g is 0"}
     * @param limit how long to wait
     * @param condition looked at until it is true; an exception counts as false
     * @throws AssertionError when the condition did not come true in time, or the thread was interrupted
     */
    public static void until(String what, Duration limit, Callable<Boolean> condition) {
        until(what, limit, condition, Boolean::booleanValue);
    }

    /**
     * Waits until a value is as wanted.
     *
     * @param what what is awaited, for the error: {@code "rows in heartbeat are 100"}
     * @param limit how long to wait
     * @param value looked at until it is as wanted; an exception counts as not wanted
     * @param wanted whether a value is as wanted
     * @param <T> the type of the value
     * @return the first value that was as wanted
     * @throws AssertionError when no such value was seen in time, or the thread was interrupted
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
