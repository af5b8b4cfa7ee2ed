package io.gpufleet.telemetry.testkit.faults;

import io.gpufleet.telemetry.testkit.PostgresDatabase;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A proxy of a PostgreSQL server that also loses commits: then the client cannot know whether its transaction was
 * committed. Connections through the proxy must not be encrypted, or nothing is lost. Thread-safe.
 *
 * <p>Statements are recognized as the frontend/backend protocol 3 sends them (<a
 * href="https://www.postgresql.org/docs/current/protocol-message-formats.html">message formats</a>).
 */
public final class PostgresProxy implements AutoCloseable {
    private final Losses losses = new Losses();
    private final TcpProxy proxy;

    private PostgresProxy(int target) {
        this.proxy = TcpProxy.start(target, () -> new PostgresConversation(losses));
    }

    /** The commits that are still to be lost, and the lost ones. */
    static final class Losses {
        final AtomicInteger requests = new AtomicInteger();
        final AtomicInteger replies = new AtomicInteger();
        final AtomicInteger lostRequests = new AtomicInteger();
        final AtomicInteger lostReplies = new AtomicInteger();

        /** Takes one of those to be lost, if there is one left. */
        static boolean take(AtomicInteger due, AtomicInteger lost) {
            if (due.getAndUpdate(left -> Math.max(0, left - 1)) == 0) {
                return false;
            }
            lost.incrementAndGet();
            return true;
        }
    }

    /**
     * Starts a proxy.
     *
     * @param target the server's port, 1 to 65535
     * @return the proxy, which the caller closes
     */
    public static PostgresProxy start(int target) {
        return new PostgresProxy(target);
    }

    /**
     * Returns the connections, with the faults of all servers.
     *
     * @return the proxy below
     */
    public TcpProxy network() {
        return proxy;
    }

    /**
     * Returns the port that clients connect to, on the loopback address.
     *
     * @return the port
     */
    public int port() {
        return proxy.port();
    }

    /**
     * Returns the JDBC URL of a database through this proxy.
     *
     * @param database one of the server that the proxy was started for
     * @return a URL with the superuser, who has no password
     */
    public String jdbcUrl(PostgresDatabase database) {
        return database.jdbcUrl().replaceFirst(":\\d+/", ":" + port() + "/");
    }

    /**
     * Loses the replies to the next commits: the server has committed, and the connection is reset before the client
     * gets the reply.
     *
     * @param commits how many, 0 or more
     */
    public void loseCommitReplies(int commits) {
        losses.replies.set(notNegative(commits));
    }

    /**
     * Loses the next commits themselves: the connection is reset before the server gets them, so it rolls back.
     *
     * @param commits how many, 0 or more
     */
    public void loseCommits(int commits) {
        losses.requests.set(notNegative(commits));
    }

    private static int notNegative(int commits) {
        if (commits < 0) {
            throw new IllegalArgumentException("commits: " + commits + " is negative");
        }
        return commits;
    }

    /**
     * Returns how many replies to commits were lost.
     *
     * @return 0 or more
     */
    public int lostCommitReplies() {
        return losses.lostReplies.get();
    }

    /**
     * Returns how many commits were lost.
     *
     * @return 0 or more
     */
    public int lostCommits() {
        return losses.lostRequests.get();
    }

    /** Resets all connections and accepts no more. */
    @Override
    public void close() {
        proxy.close();
    }
}
