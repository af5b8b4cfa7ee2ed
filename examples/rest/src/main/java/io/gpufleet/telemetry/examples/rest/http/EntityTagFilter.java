package io.gpufleet.telemetry.examples.rest.http;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.Set;
import org.springframework.core.annotation.Order;
import org.springframework.http.ETag;
import org.springframework.stereotype.Component;
import org.springframework.util.DigestUtils;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.ContentCachingResponseWrapper;

/**
 * The entity tags of answers, by their bodies, and the answer 304 to those who have the body already. The tags are
 * weak: the same body may be sent packed. Thread-safe.
 */
@Component
@Order(FilterOrder.TAGS)
final class EntityTagFilter extends OncePerRequestFilter {
    private static final Set<String> METHODS = Set.of("GET", "HEAD");
    private static final String ANSWERS = "/api/v1/";
    /** An answer without an end. */
    private static final String STREAM = "/api/v1/stream";

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        // Decoded: a stream is never kept in memory, however its path is written.
        String path = request.getServletPath();
        return !METHODS.contains(request.getMethod()) || !path.startsWith(ANSWERS) || path.equals(STREAM);
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        ContentCachingResponseWrapper answer = new ContentCachingResponseWrapper(response);
        chain.doFilter(request, answer);
        if (answer.getStatus() == HttpServletResponse.SC_OK) {
            String tag = DigestUtils.md5DigestAsHex(answer.getContentInputStream());
            response.setHeader("ETag", "W/\"" + tag + "\"");
            response.setHeader("Cache-Control", "private, no-cache");
            // The container says so of a 200 that it could pack, and not of a 304.
            response.addHeader("Vary", "accept-encoding");
            if (isKnown(request, tag)) {
                answer.resetBuffer();
                response.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
                return;
            }
        }
        answer.copyBodyToResponse();
    }

    private static boolean isKnown(HttpServletRequest request, String tag) {
        return Collections.list(request.getHeaders("If-None-Match")).stream()
                .flatMap(header -> ETag.parse(header).stream())
                .anyMatch(known -> known.isWildcard() || known.tag().equals(tag));
    }
}
