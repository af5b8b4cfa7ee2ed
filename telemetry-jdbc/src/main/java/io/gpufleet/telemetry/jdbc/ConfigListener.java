package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.RetryPolicy;
import io.gpufleet.telemetry.internal.HostFault;
import io.gpufleet.telemetry.internal.Rests;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import javax.sql.DataSource;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens for rows of {@code pipeline_consumer_configs} that change, on a connection of its own, and connects again
 * when that is lost. Runs on a thread of its own; the other methods may be called by any.
 */
final class ConfigListener implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(ConsumerConfigLoader.class);
    private static final String CHANNEL = "pipeline_consumer_configs";
    private static final int WAIT_MILLIS = 250;
    private static final int ANSWER_MILLIS = 10_000;
    private static final long CHECK_NANOS = TimeUnit.SECONDS.toNanos(15);

    /** Takes what is heard, on the listener's thread. */
    interface Owner {
        /** The row of a service has changed. */
        void changed(String service);

        /** Any row may have changed: nobody listened for a while. */
        void anyChanged();
    }

    private final DataSource dataSource;
    private final Owner owner;
    private final RetryPolicy retry = RetryPolicy.builder()
            .initialBackoff(Duration.ofMillis(500))
            .maxBackoff(Duration.ofSeconds(30))
            .build();
    private final Rests rests = new Rests();
    private int failures;
    private volatile boolean listening;

    ConfigListener(DataSource dataSource, Owner owner) {
        this.dataSource = dataSource;
        this.owner = owner;
    }

    @Override
    public void run() {
        try {
            listenAgainAndAgain();
        } catch (Throwable e) {
            log.error("Changes of settings are heard no more", e);
        }
    }

    private void listenAgainAndAgain() {
        while (rests.rest(failures == 0 ? Duration.ZERO : retry.backoff(failures, RandomGenerator.getDefault()))) {
            try (Connection connection = dataSource.getConnection()) {
                listen(connection);
            } catch (Throwable e) {
                String words = HostFault.describe(e);
                failures++;
                if (failures == 1) {
                    log.warn(
                            "Changes of settings are not heard at once for now: {}",
                            e instanceof Error ? words : e.getMessage());
                }
            } finally {
                listening = false;
            }
        }
    }

    private void listen(Connection connection) throws SQLException {
        boolean autoCommit = connection.getAutoCommit();
        int networkMillis = connection.getNetworkTimeout();
        try {
            connection.setAutoCommit(true);
            connection.setNetworkTimeout(Runnable::run, ANSWER_MILLIS);
            PGConnection session = connection.unwrap(PGConnection.class);
            execute(connection, "LISTEN " + CHANNEL);
            owner.anyChanged();
            listening = true;
            failures = 0;
            hear(connection, session);
            execute(connection, "UNLISTEN *");
            connection.setNetworkTimeout(Runnable::run, networkMillis);
            connection.setAutoCommit(autoCommit);
        } catch (Throwable e) {
            connection.abort(Runnable::run);
            throw e;
        }
    }

    /** Hears until it is closed, and looks now and then whether the server is still there. */
    private void hear(Connection connection, PGConnection session) throws SQLException {
        long checkedAtNanos = System.nanoTime();
        while (!rests.areOver()) {
            PGNotification[] heard = session.getNotifications(WAIT_MILLIS);
            for (PGNotification notification : heard == null ? new PGNotification[0] : heard) {
                tell(notification.getParameter());
            }
            if (System.nanoTime() - checkedAtNanos >= CHECK_NANOS) {
                checkedAtNanos = System.nanoTime();
                execute(connection, "SELECT 1");
            }
        }
    }

    /** A name that is too long for a notification comes as none. */
    private void tell(String service) {
        if (service.isEmpty()) {
            owner.anyChanged();
        } else {
            owner.changed(service);
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Tells whether changes are heard now. */
    boolean isListening() {
        return listening;
    }

    void close() {
        rests.end();
    }
}
