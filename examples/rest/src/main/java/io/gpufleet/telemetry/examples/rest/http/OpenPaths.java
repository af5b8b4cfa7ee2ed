package io.gpufleet.telemetry.examples.rest.http;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Set;

/** The paths that need no key and know no limit, exactly as they are written. */
final class OpenPaths {
    static final String HEALTH = "/health";
    static final String READY = "/ready";
    static final String METRICS = "/metrics";
    static final String DOCUMENT = "/openapi.yaml";
    static final String PAGE = "/swagger/";

    private static final Set<String> ALL = Set.of(HEALTH, READY, METRICS, DOCUMENT);

    private OpenPaths() {}

    static boolean contain(HttpServletRequest request) {
        String path = request.getRequestURI();
        return ALL.contains(path) || path.startsWith(PAGE);
    }
}
