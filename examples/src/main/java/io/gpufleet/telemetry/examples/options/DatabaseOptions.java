package io.gpufleet.telemetry.examples.options;

import static java.util.Objects.requireNonNull;

import com.zaxxer.hikari.HikariConfig;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;
import picocli.CommandLine.Option;

/**
 * The options of a program that needs the database: a picocli mixin. The password may come from the environment, so
 * that no process list shows it. Not thread-safe.
 */
public final class DatabaseOptions {
    /** The environment variable of the password, if the URL has none. */
    static final String PASSWORD_VARIABLE = "TELEMETRY_DATABASE_PASSWORD";

    private static final int LOGIN_SECONDS = 10;

    private final Map<String, String> environment;

    @Option(
            names = "--database-url",
            paramLabel = "<url>",
            required = true,
            defaultValue = "${env:TELEMETRY_DATABASE_URL}",
            converter = DatabaseUrlConverter.class,
            description = {
                "The database, as jdbc:postgresql://host:port/name?user=... or postgres://user@host:port/name.",
                "Else from TELEMETRY_DATABASE_URL; a password outside of the URL from " + PASSWORD_VARIABLE + "."
            })
    private @Nullable DatabaseUrl url;

    @Option(
            names = "--schema",
            paramLabel = "<name>",
            defaultValue = "${env:TELEMETRY_SCHEMA}",
            converter = SchemaConverter.class,
            description = {
                "The schema of the tables, else from TELEMETRY_SCHEMA.",
                "Without one, the search path of the connection finds them."
            })
    private @Nullable String schema;

    /** Creates options with the environment of this process. */
    public DatabaseOptions() {
        this(System.getenv());
    }

    DatabaseOptions(Map<String, String> environment) {
        this.environment = environment;
    }

    /**
     * Returns the URL for JDBC.
     *
     * @return a URL without user and password
     */
    public String jdbcUrl() {
        return url().jdbcUrl();
    }

    /**
     * Returns the user.
     *
     * @return the name, absent if the URL has none
     */
    public Optional<String> user() {
        return url().user();
    }

    /**
     * Returns the password: that of the URL, else that of the environment.
     *
     * @return the password, absent if there is none
     */
    public Optional<String> password() {
        return url().password()
                .or(() -> Optional.ofNullable(environment.get(PASSWORD_VARIABLE)))
                .filter(password -> !password.isEmpty());
    }

    /**
     * Returns the schema of the tables.
     *
     * @return its name, absent if the search path finds them
     */
    public Optional<String> schema() {
        return Optional.ofNullable(schema);
    }

    /**
     * Returns a source of new connections, for programs that need few. A connection attempt is given up after 10
     * seconds, unless the URL sets another limit.
     *
     * @return a source without a pool
     */
    public DataSource dataSource() {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(jdbcUrl());
        user().ifPresent(source::setUser);
        password().ifPresent(source::setPassword);
        loginSeconds().ifPresent(source::setLoginTimeout);
        return source;
    }

    /**
     * Returns the limit of time for connecting. Without one, a server that accepts a connection and then dies blocks a
     * pool for ever.
     *
     * @return the driver's {@code loginTimeout} in seconds, absent if the URL sets it
     */
    public OptionalInt loginSeconds() {
        return url().hasParameter("loginTimeout") ? OptionalInt.empty() : OptionalInt.of(LOGIN_SECONDS);
    }

    /**
     * Returns the settings of a pool.
     *
     * @param connections the largest number of connections
     * @param limit the longest wait for one, at the start too
     * @return settings that a program may complete
     */
    public HikariConfig poolSettings(int connections, Duration limit) {
        HikariConfig settings = new HikariConfig();
        settings.setJdbcUrl(jdbcUrl());
        user().ifPresent(settings::setUsername);
        password().ifPresent(settings::setPassword);
        loginSeconds().ifPresent(seconds -> settings.addDataSourceProperty("loginTimeout", Integer.toString(seconds)));
        settings.setMaximumPoolSize(connections);
        settings.setInitializationFailTimeout(limit.toMillis());
        settings.setConnectionTimeout(limit.toMillis());
        return settings;
    }

    private DatabaseUrl url() {
        return requireNonNull(url, "url");
    }

    /** Returns servers and database, as {@code host:5432/telemetry}. */
    @Override
    public String toString() {
        return String.valueOf(url);
    }
}
