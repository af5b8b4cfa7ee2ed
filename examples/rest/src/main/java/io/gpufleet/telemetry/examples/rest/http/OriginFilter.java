package io.gpufleet.telemetry.examples.rest.http;

import io.gpufleet.telemetry.examples.rest.ApiSettings;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.springframework.core.annotation.Order;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.http.server.ServletServerHttpResponse;
import org.springframework.stereotype.Component;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.CorsUtils;
import org.springframework.web.cors.DefaultCorsProcessor;
import org.springframework.web.filter.CorsFilter;
import org.springframework.web.filter.OncePerRequestFilter;

/** The words for browsers whose pages come from the named origins; for all others there are none. Thread-safe. */
@Component
@Order(FilterOrder.ORIGINS)
final class OriginFilter extends OncePerRequestFilter {
    private static final List<String> METHODS = List.of("GET", "HEAD", "OPTIONS", "POST");

    private final Set<String> origins;
    private final CorsFilter words;

    OriginFilter(ApiSettings settings) {
        this.origins = settings.http().origins();
        CorsConfiguration allowed = new CorsConfiguration();
        allowed.setAllowedOrigins(List.copyOf(origins));
        allowed.setAllowedMethods(METHODS);
        allowed.setAllowedHeaders(List.of(
                "Authorization", "Content-Type", "Content-Encoding", "If-None-Match", "Last-Event-ID", "X-API-Key"));
        allowed.setExposedHeaders(
                List.of("ETag", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Retry-After"));
        allowed.setMaxAge(Duration.ofHours(1));
        this.words = new CorsFilter(request -> allowed);
        words.setCorsProcessor(new Refusals());
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String origin = request.getHeader("Origin");
        if (origin != null && origins.contains(origin) && isKnown(request)) {
            words.doFilter(request, response, chain);
            return;
        }
        if (!origins.isEmpty()) {
            response.addHeader("Vary", "Origin");
        }
        chain.doFilter(request, response);
    }

    /** A method that no path has is refused as ever, with those that it has. */
    private static boolean isKnown(HttpServletRequest request) {
        return CorsUtils.isPreFlightRequest(request) || METHODS.contains(request.getMethod());
    }

    /** A preflight for what is not allowed gets the same kind of answer as all errors. */
    private static final class Refusals extends DefaultCorsProcessor {
        @Override
        protected void rejectRequest(ServerHttpResponse response) throws IOException {
            HttpServletResponse servlet = ((ServletServerHttpResponse) response).getServletResponse();
            Problem.of(403, "a page of this origin may not send this method or header", null)
                    .send(servlet);
        }
    }
}
