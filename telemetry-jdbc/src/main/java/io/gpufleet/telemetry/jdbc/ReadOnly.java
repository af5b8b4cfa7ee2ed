package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.SinkException;
import java.util.Map;
import java.util.Set;
import org.jdbi.v3.core.Handle;

/**
 * The check for transactions that are read-only by a setting of the role, the database or the pool. Such a setting
 * stays. A standby is read-only until it is promoted, and a server until its operator changes it: the consumer waits
 * for both.
 */
final class ReadOnly {
    private static final Set<String> OF_THE_SERVER =
            Set.of("configuration file", "command line", "environment variable", "global");
    private static final Map<String, String> PLACES = Map.of(
            "user", "the role",
            "database user", "the role in this database",
            "database", "the database",
            "client", "the connection's options",
            "session", "the pool or the driver");

    private static final String SETTING = """
            SELECT CASE WHEN s.setting = 'on' THEN s.source ELSE 'session' END
            FROM pg_settings AS s
            WHERE s.name = 'default_transaction_read_only'
                AND current_setting('transaction_read_only') = 'on' AND NOT pg_is_in_recovery()""";

    private ReadOnly() {}

    /**
     * Throws if a setting of the client makes transactions read-only.
     *
     * @throws SinkException with the place of the setting
     */
    static void refuse(Handle handle) {
        handle.createQuery(SETTING)
                .mapTo(String.class)
                .findOne()
                .filter(source -> !OF_THE_SERVER.contains(source))
                .ifPresent(source -> {
                    throw new SinkException(
                            SinkException.Kind.FATAL,
                            "Sink cannot write: its connections are read-only by a setting of "
                                    + PLACES.getOrDefault(source, source)
                                    + " (default_transaction_read_only, or readOnly of the pool). The server is not a"
                                    + " standby, so this does not pass; change the setting");
                });
    }
}
