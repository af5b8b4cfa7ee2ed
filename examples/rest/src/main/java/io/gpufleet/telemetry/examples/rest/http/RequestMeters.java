package io.gpufleet.telemetry.examples.rest.http;

import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.servlet.HandlerMapping;

/** The times of requests, by method, pattern of the path, and status. Thread-safe. */
@Component
@Order(FilterOrder.METERS)
final class RequestMeters extends OncePerRequestFilter {
    private final MeterRegistry meters;

    RequestMeters(MeterRegistry meters) {
        this.meters = meters;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        RequestClock.start(request);
        try {
            chain.doFilter(request, response);
        } finally {
            Object pattern = request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE);
            String path = pattern == null ? "none" : pattern.toString();
            // A method that no handler has would add a meter for each word that a caller makes up.
            String method = pattern == null ? "any" : request.getMethod();
            String status = Integer.toString(response.getStatus());
            meters.timer("telemetry.api.requests", "method", method, "path", path, "status", status)
                    .record(RequestClock.elapsed(request));
        }
    }
}
