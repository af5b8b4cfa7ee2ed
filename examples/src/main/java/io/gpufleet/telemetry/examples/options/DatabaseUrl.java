package io.gpufleet.telemetry.examples.options;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The address of a PostgreSQL database, split into the settings of a pool. It has three equivalent forms:
 *
 * <pre>{@code
 * jdbc:postgresql://host:5432/telemetry?user=agent&password=secret&sslmode=require
 * postgres://agent:secret@host:5432/telemetry?sslmode=require
 * postgresql://agent:secret@host:5432/telemetry?sslmode=require
 * }</pre>
 *
 * <p>Several servers are separated by commas, and a missing host means localhost. Special characters are
 * percent-encoded, for example {@code %40} for {@code @}. An error describes the fault without quoting the text, since
 * any part of it may belong to a password that was not encoded. Immutable.
 */
public final class DatabaseUrl {
    private static final String JDBC = "jdbc:postgresql://";
    private static final Pattern SCHEME = Pattern.compile("(jdbc:postgresql|postgres|postgresql)://");
    private static final Pattern REST = Pattern.compile("(?:(?<credentials>[^/?#]*)@)?(?<servers>[^@/?#]*)"
            + "(?:/(?<database>[^@/?#]*))?(?:\\?(?<parameters>[^#]*))?");
    private static final Pattern SERVER =
            Pattern.compile("(?:[A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+])?(?::(?<port>[0-9]{1,5}))?");
    private static final int LAST_PORT = 65_535;

    private final String address;
    private final UrlParameters parameters;
    private final Optional<String> user;
    private final Optional<String> password;

    private DatabaseUrl(String address, UrlParameters parameters, UrlCredentials credentials) {
        this.address = address;
        this.parameters = parameters;
        this.user = credentials.user().or(() -> parameters.value("user"));
        this.password = credentials.password().or(() -> parameters.value("password"));
    }

    /**
     * Parses a URL.
     *
     * @param text one of the three forms
     * @return its parts
     * @throws IllegalArgumentException with the fault, if it has none of the forms
     */
    public static DatabaseUrl parse(String text) {
        requireNonNull(text, "text");
        Matcher scheme = SCHEME.matcher(text);
        if (!scheme.lookingAt()) {
            throw refused("does not begin with jdbc:postgresql://, postgres:// or postgresql://");
        }
        boolean jdbc = text.startsWith(JDBC);
        // In a JDBC URL a plus stands for a space, in the other forms for itself.
        String rest = text.substring(scheme.end());
        return parse(jdbc ? rest : rest.replace("+", "%2B"), jdbc);
    }

    private static DatabaseUrl parse(String rest, boolean jdbc) {
        Matcher parts = REST.matcher(rest);
        if (!parts.matches()) {
            throw refused("is not of the form postgres://user:password@host:port/database?name=value; special"
                    + " characters of user and password are percent-encoded, for example %40 for @ and %2F for /");
        }
        Optional<String> credentials = Optional.ofNullable(parts.group("credentials"));
        if (jdbc && credentials.isPresent()) {
            throw refused("names the user before an @, which only postgres:// takes; after jdbc:postgresql:// write"
                    + " ?user=...&password=...");
        }
        UrlParameters parameters = UrlParameters.parse(Optional.ofNullable(parts.group("parameters")), !jdbc);
        if (credentials.isPresent() && parameters.haveCredentials()) {
            throw refused("names user or password twice, before the @ and as a parameter");
        }
        String address = checkedServers(parts.group("servers")) + '/' + checkedDatabase(parts.group("database"));
        return new DatabaseUrl(address, parameters, UrlCredentials.parse(credentials.orElse("")));
    }

    private static String checkedServers(String servers) {
        int number = 0;
        for (String server : servers.split(",", -1)) {
            number++;
            Matcher matcher = SERVER.matcher(server);
            if (!matcher.matches()) {
                throw refused("has no host:port as server " + number);
            }
            String port = matcher.group("port");
            if (port != null && (Integer.parseInt(port) < 1 || Integer.parseInt(port) > LAST_PORT)) {
                throw refused("has a port of server " + number + " that is not between 1 and " + LAST_PORT);
            }
        }
        return servers;
    }

    private static String checkedDatabase(@Nullable String database) {
        if (database == null || database.isEmpty()) {
            throw refused("names no database; it follows the host, as in postgres://host:5432/telemetry");
        }
        UrlParameters.decode("database", database);
        return database;
    }

    static IllegalArgumentException refused(String what) {
        return new IllegalArgumentException("the database URL " + what);
    }

    /**
     * Returns the URL for JDBC, with all parameters but user and password.
     *
     * @return a URL that begins with {@code jdbc:postgresql://}
     */
    public String jdbcUrl() {
        return JDBC + address + parameters.withoutCredentials();
    }

    /**
     * Returns the user.
     *
     * @return the decoded name, absent if the URL has none
     */
    public Optional<String> user() {
        return user;
    }

    /**
     * Returns the password.
     *
     * @return the decoded password, absent if the URL has none
     */
    public Optional<String> password() {
        return password;
    }

    /** Returns whether a parameter of the driver is set. */
    boolean hasParameter(String name) {
        return parameters.value(name).isPresent();
    }

    /** Returns servers and database only, as {@code host:5432/telemetry}. */
    @Override
    public String toString() {
        return address;
    }
}
