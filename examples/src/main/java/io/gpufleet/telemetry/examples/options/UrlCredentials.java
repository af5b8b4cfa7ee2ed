package io.gpufleet.telemetry.examples.options;

import java.util.Optional;

/** What stands before the @ of a database URL. Immutable. */
record UrlCredentials(Optional<String> user, Optional<String> password) {

    /** Takes {@code user:password} apart; either may be missing. */
    static UrlCredentials parse(String text) {
        int colon = text.indexOf(':');
        String user = colon < 0 ? text : text.substring(0, colon);
        String password = colon < 0 ? "" : text.substring(colon + 1);
        return new UrlCredentials(decoded("user", user), decoded("password", password));
    }

    private static Optional<String> decoded(String what, String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(UrlParameters.decode(what, text));
    }

    /** Returns no name: this is not for reading. */
    @Override
    public String toString() {
        return "credentials";
    }
}
