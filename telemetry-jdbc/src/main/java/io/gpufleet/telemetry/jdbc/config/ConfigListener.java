package io.gpufleet.telemetry.jdbc.config;

import io.gpufleet.telemetry.RetryPolicy;
import io.gpufleet.telemetry.internal.HostFault;
import io.gpufleet.telemetry.internal.StopSignal;
import io.gpufleet.telemetry.jdbc.internal.TransactionTimeouts;
import io.gpufleet.telemetry.jdbc.internal.Transactions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import javax.sql.DataSource;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listener for changed rows of {@code pipeline_consumer_configs}, on a connection of its own, which it reconnects
 * when it is lost. Before it believes that it hears, it has itself notified from another connection: a pooler that
 * shares sessions by the transaction takes the {@code LISTEN} and never passes a notification on. As long as it is
 * deaf, any row may have changed every few seconds. Runs on a thread of its own; the other methods may be called by
 * any.
 */
final class ConfigListener implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(ConsumerConfigLoader.class);
    private static final String CHANNEL = "pipeline_consumer_configs";
    private static final int WAIT_MILLIS = 250;
    private static final int ANSWER_MILLIS = 10_000;
    private static final long CHECK_NANOS = TimeUnit.SECONDS.toNanos(15);
    private static final long PROBE_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final Duration LOOK = Duration.ofSeconds(5);

    /** The number of looks until it tries to listen again. */
    private static final int LOOKS = 60;

    /** A receiver of notifications, on the listener's thread. */
    interface Owner {
        /** The row of a service has changed. */
        void changed(String service);

        /** Any row may have changed: there was no listener for a while. */
        void anyChanged();
    }

    private final DataSource dataSource;
    private final Transactions transactions;
    private final Owner owner;
    private final String ownChannel =
            "telemetry_" + UUID.randomUUID().toString().replace('-', '_');
    private final RetryPolicy retry = RetryPolicy.builder()
            .initialBackoff(Duration.ofMillis(500))
            .maxBackoff(Duration.ofSeconds(30))
            .build();
    private final StopSignal stop = new StopSignal();
    private int failures;
    private int looksLeft;
    private boolean saidDeaf;
    private volatile boolean listening;

    ConfigListener(DataSource dataSource, Owner owner) {
        this.dataSource = dataSource;
        this.transactions = new Transactions(dataSource, TransactionTimeouts.ASIDE);
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
        while (stop.pause(pause())) {
            if (looksLeft > 0) {
                looksLeft--;
                owner.anyChanged();
            } else {
                connect();
            }
        }
    }

    private Duration pause() {
        if (looksLeft > 0) {
            return LOOK;
        }
        return failures == 0 ? Duration.ZERO : retry.backoff(failures, RandomGenerator.getDefault());
    }

    private void connect() {
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

    private void listen(Connection connection) throws SQLException {
        boolean autoCommit = connection.getAutoCommit();
        int networkMillis = connection.getNetworkTimeout();
        try {
            connection.setAutoCommit(true);
            connection.setNetworkTimeout(Runnable::run, ANSWER_MILLIS);
            PGConnection session = connection.unwrap(PGConnection.class);
            execute(connection, "LISTEN " + ownChannel);
            execute(connection, "LISTEN " + CHANNEL);
            boolean hears = hearsItself(session);
            owner.anyChanged();
            failures = 0;
            if (hears) {
                saidDeaf = false;
                listening = true;
                hear(connection, session);
            } else {
                lookInstead();
            }
            execute(connection, "UNLISTEN *");
            connection.setNetworkTimeout(Runnable::run, networkMillis);
            connection.setAutoCommit(autoCommit);
        } catch (Throwable e) {
            connection.abort(Runnable::run);
            throw e;
        }
    }

    /** Whether a notification of another session comes through. */
    private boolean hearsItself(PGConnection session) throws SQLException {
        long begunAtNanos = System.nanoTime();
        transactions.call("notification", connection -> {
            execute(connection, "NOTIFY " + ownChannel);
            return Boolean.TRUE;
        });
        boolean heard = false;
        while (!heard && !stop.isRaised() && System.nanoTime() - begunAtNanos < PROBE_NANOS) {
            heard = hearOnce(session);
        }
        return heard;
    }

    private void lookInstead() {
        looksLeft = LOOKS;
        if (!saidDeaf && !stop.isRaised()) {
            log.warn(
                    "Changes of settings are not heard: the database took LISTEN, but no notification came within 2 s,"
                            + " as behind a pooler that shares sessions by the transaction. Rows are read again every"
                            + " {} s instead; to hear changes at once, give the loader connections that reach the"
                            + " database directly",
                    LOOK.toSeconds());
        }
        saidDeaf = true;
    }

    /** Hears until it is closed, and looks now and then whether the server is still there. */
    private void hear(Connection connection, PGConnection session) throws SQLException {
        long checkedAtNanos = System.nanoTime();
        while (!stop.isRaised()) {
            hearOnce(session);
            if (System.nanoTime() - checkedAtNanos >= CHECK_NANOS) {
                checkedAtNanos = System.nanoTime();
                execute(connection, "SELECT 1");
            }
        }
    }

    /** Hears for an instant; whether the listener's own notification was among it. */
    private boolean hearOnce(PGConnection session) throws SQLException {
        PGNotification[] heard = session.getNotifications(WAIT_MILLIS);
        boolean itself = false;
        for (PGNotification notification : heard == null ? new PGNotification[0] : heard) {
            if (notification.getName().equals(ownChannel)) {
                itself = true;
            } else {
                tell(notification.getParameter());
            }
        }
        return itself;
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

    /** Returns whether changes are noticed at once now. */
    boolean isListening() {
        return listening;
    }

    void close() {
        stop.raise();
    }
}
