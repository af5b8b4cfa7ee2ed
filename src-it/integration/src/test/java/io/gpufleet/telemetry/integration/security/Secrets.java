package io.gpufleet.telemetry.integration.security;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collection;
import java.util.List;

/** The forms in which a text may contain a password. */
final class Secrets {
    private Secrets() {}

    static List<String> forms(String secret) {
        byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
        return List.of(
                secret, Base64.getEncoder().encodeToString(bytes), URLEncoder.encode(secret, StandardCharsets.UTF_8));
    }

    /** Returns the contained forms of any of the secrets. */
    static List<String> shown(String text, Collection<String> secrets) {
        return secrets.stream()
                .flatMap(secret -> forms(secret).stream())
                .filter(text::contains)
                .toList();
    }
}
