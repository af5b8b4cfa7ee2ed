package io.gpufleet.telemetry.examples.rest.http;

import io.gpufleet.telemetry.examples.rest.ApiKeys;
import io.gpufleet.telemetry.examples.rest.ApiSettings;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The names of those who ask, by their keys. Immutable. */
final class Callers {
    /** The name of all, if no key is asked for. */
    private static final String ANYBODY = "anybody";

    private static final String SCHEME = "bearer ";

    private final ApiKeys keys;
    private final boolean needsKey;

    Callers(ApiSettings settings) {
        this.keys = settings.keys();
        this.needsKey = settings.http().needsKey();
    }

    /** Returns the owner of the keys of a request; absent unless all of them are valid and of one owner. */
    Optional<String> of(HttpServletRequest request) {
        if (!needsKey) {
            return Optional.of(ANYBODY);
        }
        List<String> given = Stream.concat(
                        Collections.list(request.getHeaders("X-API-Key")).stream(),
                        Collections.list(request.getHeaders("Authorization")).stream()
                                .filter(Callers::isBearer)
                                .map(value -> value.substring(SCHEME.length()).strip()))
                .toList();
        Set<Optional<String>> owners = given.stream().map(keys::owner).collect(Collectors.toSet());
        return owners.size() == 1 ? owners.iterator().next() : Optional.empty();
    }

    private static boolean isBearer(String value) {
        return value.regionMatches(true, 0, SCHEME, 0, SCHEME.length());
    }
}
