package io.gpufleet.telemetry.examples.rest.http;

import io.gpufleet.telemetry.examples.rest.ApiSettings;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/** The door: a request without a key of the settings, or beyond the limit of its key, goes no further. Thread-safe. */
@Component
@Order(FilterOrder.KEY)
final class KeyFilter extends OncePerRequestFilter {
    private final Callers callers;
    private final Limits limits;

    KeyFilter(ApiSettings settings) {
        this.callers = new Callers(settings);
        this.limits = new Limits(settings.http().rate(), settings.http().burst());
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return OpenPaths.contain(request);
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        Optional<String> caller = callers.of(request);
        if (caller.isPresent()) {
            if (limits.admitCaller(caller.get(), response)) {
                chain.doFilter(request, response);
            }
        } else if (limits.admitStranger(request.getRemoteAddr(), response)) {
            response.setHeader("WWW-Authenticate", "Bearer");
            Problem.of(401, "no valid key; give one as X-API-Key, or as Authorization: Bearer", null)
                    .send(response);
        }
    }
}
