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
 * when it is lost. It first sends itself a notification from another connection: a pooler that shares sessions by the
 * transaction accepts the {@code LISTEN} but never passes a notification on. As long as no notification arrives, it
 * reports every few seconds that any row may have changed. Runs on a thread of its own; any thread may call the other
 * methods.
 */
final class ConfigListener implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(ConfigListener.class);
    private static final String CHANNEL = "pipeline_consumer_configs";
    private static final int WAIT_MILLIS = 250;
    private static final int ANSWER_MILLIS = 10_000;
    private static final long CHECK_NANOS = TimeUnit.SECONDS.toNanos(15);
    private static final long PROBE_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final Duration LOOK = Duration.ofSeconds(5);

    /** The number of looks before the next attempt to listen. */
    private static final int LOOKS = 60;

    /** The receiver of notifications, on the listener's thread. */
    interface Owner {
        /** Called when the row of a service has changed. */
        void changed(String service);

        /** Called when any row may have changed, since there was no listener for a while. */
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
            log.error("Listener for changed settings has ended", e);
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
                        "Listening for changed settings failed; retrying: {}",
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

    /** Returns whether a notification of another session arrives. */
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
                    "Changed settings are not notified: the database accepted LISTEN, but no notification arrived within"
                            + " 2 s, as behind a pooler that shares sessions by the transaction. Rows are read again every"
                            + " {} s instead; for changes at once, give the loader connections that reach the"
                            + " database directly",
                    LOOK.toSeconds());
        }
        saidDeaf = true;
    }

    /** Receives notifications until it is closed, and checks now and then that the server is still there. */
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

    /** Receives notifications for a moment, and returns whether the listener's own was among them. */
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

    /** Reports a change. A name that is too long for a notification arrives empty. */
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

    /** Returns whether changes are currently noticed at once. */
    boolean isListening() {
        return listening;
    }

    void close() {
        stop.raise();
    }
}
