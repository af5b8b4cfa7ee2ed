package io.gpufleet.telemetry.examples.options;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The parameters of a database URL, checked against those of PostgreSQL's driver: the driver silently ignores all
 * others, so a misspelt {@code sslmode} would mean no encryption. Immutable.
 */
final class UrlParameters {
    private static final Set<String> CREDENTIALS = Set.of("user", "password");

    /** The parameters that have another name in libpq, whose URLs have the same form. */
    private static final Map<String, String> DRIVER_NAMES = Map.of(
            "application_name", "ApplicationName",
            "channel_binding", "channelBinding",
            "connect_timeout", "connectTimeout");

    private static final Set<String> KNOWN = known();

    private final Map<String, String> encodedValues;

    private UrlParameters(Map<String, String> encodedValues) {
        this.encodedValues = encodedValues;
    }

    private static Set<String> known() {
        String anyUrl = "jdbc:postgresql:any";
        try {
            DriverPropertyInfo[] properties = DriverManager.getDriver(anyUrl).getPropertyInfo(anyUrl, new Properties());
            return Arrays.stream(properties).map(property -> property.name).collect(Collectors.toSet());
        } catch (SQLException e) {
            throw new IllegalStateException("PostgreSQL's JDBC driver is missing", e);
        }
    }

    /**
     * Splits {@code name=value&name=value}.
     *
     * @param text the parameters; absent if there are none
     * @param refusesAt whether a bare @ is refused, since it can only be the end of a password that was not encoded
     */
    static UrlParameters parse(Optional<String> text, boolean refusesAt) {
        if (refusesAt && text.orElse("").indexOf('@') >= 0) {
            throw DatabaseUrl.refused("has an @ among its parameters; write %40, and %3F for a ? in user or password");
        }
        Map<String, String> values = new LinkedHashMap<>();
        int number = 0;
        for (String parameter : text.orElse("").split("&", -1)) {
            number++;
            if (!parameter.isEmpty()) {
                add(number, parameter, values);
            }
        }
        return new UrlParameters(values);
    }

    private static void add(int number, String parameter, Map<String, String> values) {
        int equals = parameter.indexOf('=');
        if (equals < 1) {
            throw DatabaseUrl.refused("has no name=value as parameter " + number);
        }
        String given = parameter.substring(0, equals);
        String name = DRIVER_NAMES.getOrDefault(given, given);
        if (!CREDENTIALS.contains(name) && !KNOWN.contains(name)) {
            throw DatabaseUrl.refused(
                    "has a parameter that PostgreSQL's JDBC driver does not know, at place " + number);
        }
        String value = parameter.substring(equals + 1);
        decode("parameter " + number, value);
        values.put(name, value);
    }

    /** Decodes a percent-encoded text; an error names the kind of text, not the text itself. */
    static String decode(String what, String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw DatabaseUrl.refused("has a % without two hexadecimal digits in its " + what);
        }
    }

    Optional<String> value(String name) {
        return Optional.ofNullable(encodedValues.get(name)).map(value -> decode(name, value));
    }

    boolean haveCredentials() {
        return encodedValues.keySet().stream().anyMatch(CREDENTIALS::contains);
    }

    /** Returns the other parameters as in a URL, with the question mark; nothing if there are none. */
    String withoutCredentials() {
        String others = encodedValues.entrySet().stream()
                .filter(parameter -> !CREDENTIALS.contains(parameter.getKey()))
                .map(parameter -> parameter.getKey() + '=' + parameter.getValue())
                .collect(Collectors.joining("&"));
        return others.isEmpty() ? "" : '?' + others;
    }
}
