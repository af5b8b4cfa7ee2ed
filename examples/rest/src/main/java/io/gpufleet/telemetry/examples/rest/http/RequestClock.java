package io.gpufleet.telemetry.examples.rest.http;

import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;

/** The time that a request has taken so far. */
final class RequestClock {
    private static final String START = RequestClock.class.getName();

    private RequestClock() {}

    static void start(HttpServletRequest request) {
        request.setAttribute(START, System.nanoTime());
    }

    static Duration elapsed(HttpServletRequest request) {
        return request.getAttribute(START) instanceof Long start
                ? Duration.ofNanos(System.nanoTime() - start)
                : Duration.ZERO;
    }
}
