package io.gpufleet.telemetry.examples.options;

import java.util.Optional;

/** The part of a database URL before the @. Immutable. */
record UrlCredentials(Optional<String> user, Optional<String> password) {

    /** Splits {@code user:password}; either may be missing. */
    static UrlCredentials parse(String text) {
        int colon = text.indexOf(':');
        String user = colon < 0 ? text : text.substring(0, colon);
        String password = colon < 0 ? "" : text.substring(colon + 1);
        return new UrlCredentials(decoded("user", user), decoded("password", password));
    }

    private static Optional<String> decoded(String what, String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(UrlParameters.decode(what, text));
    }

    /** Returns a constant, so that no password is shown. */
    @Override
    public String toString() {
        return "credentials";
    }
}
