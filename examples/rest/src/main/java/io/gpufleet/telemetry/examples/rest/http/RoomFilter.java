package io.gpufleet.telemetry.examples.rest.http;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.Semaphore;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * The room for questions: some threads of the container are kept for the probes, which must answer even if all
 * questions wait for a database that is away. Requests with a body have a part of it, so that questions find room while
 * bodies come slowly. Thread-safe.
 */
@Component
@Order(FilterOrder.ROOM)
final class RoomFilter extends OncePerRequestFilter {
    private static final int KEPT = 20;

    private static final int BODIES = 100;

    private final Semaphore room;
    private final Semaphore bodies = new Semaphore(BODIES);

    RoomFilter(@Value("${server.tomcat.threads.max}") int threads) {
        this.room = new Semaphore(threads - KEPT - BodyDrain.THREADS);
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return OpenPaths.contain(request);
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        if (!hasBody(request)) {
            within(room, "questions", request, response, chain);
            return;
        }
        within(
                bodies,
                "requests with a body",
                request,
                response,
                (same, answer) -> within(room, "questions", request, response, chain));
    }

    private static boolean hasBody(HttpServletRequest request) {
        return request.getContentLengthLong() > 0 || request.getHeader("Transfer-Encoding") != null;
    }

    private static void within(
            Semaphore room, String what, HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        if (!room.tryAcquire()) {
            response.setHeader("Retry-After", "1");
            Problem.of(503, "too many " + what + " wait already; ask again in 1 s", null)
                    .send(response);
            return;
        }
        try {
            chain.doFilter(request, response);
        } finally {
            room.release();
        }
    }
}
