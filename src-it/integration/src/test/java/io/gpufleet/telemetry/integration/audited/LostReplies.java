package io.gpufleet.telemetry.integration.audited;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;

/**
 * A source of connections that lose the reply of some commits: the connection breaks, and the caller cannot know
 * whether the server has committed. It prints the truth. Thread-safe.
 */
final class LostReplies {
    private static final ThreadLocal<LateCommit> LATE = new ThreadLocal<>();

    private final DataSource source;
    private final double share;
    private final Random random;

    private LostReplies(DataSource source, double share, Random random) {
        this.source = source;
        this.share = share;
        this.random = random;
    }

    /**
     * Wraps a source.
     *
     * @param share the share of commits whose reply is lost
     */
    static DataSource over(DataSource source, double share, Random random) {
        LostReplies replies = new LostReplies(source, share, random);
        return proxy(
                DataSource.class,
                source,
                (name, call) -> name.equals("getConnection") ? replies.connection() : call.run());
    }

    private Connection connection() throws SQLException {
        LateCommit pending = LATE.get();
        if (pending != null && pending.isDue()) {
            LATE.remove();
            pending.begin();
        }
        Connection connection = source.getConnection();
        AtomicBoolean taken = new AtomicBoolean();
        return proxy(
                Connection.class,
                connection,
                (name, call) -> taken.get() ? afterLoss(name) : invoke(name, connection, taken, call));
    }

    private Object invoke(String name, Connection connection, AtomicBoolean taken, Call call) throws Throwable {
        if (!name.equals("commit") || LATE.get() != null || random.nextDouble() >= share) {
            return call.run();
        }
        Fate fate = Fate.values()[random.nextInt(Fate.values().length)];
        switch (fate) {
            case COMMITTED -> {
                connection.commit();
                connection.abort(Runnable::run);
            }
            case ABORTED -> connection.abort(Runnable::run);
            case COMMITTED_LATE -> {
                taken.set(true);
                LATE.set(new LateCommit(connection));
            }
        }
        System.out.println("lost " + fate + " commit");
        throw new SQLException("The reply of the commit was lost", "08006");
    }

    /** Returns the answer of a connection that is broken for its owner. */
    private static Object afterLoss(String name) throws SQLException {
        return switch (name) {
            case "isClosed" -> true;
            case "close", "abort" -> null;
            default -> throw new SQLException("The connection is closed", "08003");
        };
    }

    private enum Fate {
        COMMITTED,
        ABORTED,
        COMMITTED_LATE
    }

    /**
     * A commit that the server reads only after its sender has found the connection broken: it happens when the same
     * thread has read the positions and is about to write again.
     */
    private static final class LateCommit {
        private final Connection connection;
        private int looks = 1;

        LateCommit(Connection connection) {
            this.connection = connection;
        }

        boolean isDue() {
            return looks-- == 0;
        }

        void begin() {
            new Thread(this::commit, "late-commit").start();
        }

        private void commit() {
            try (connection) {
                connection.commit();
                System.out.println("committed late");
            } catch (SQLException e) {
                System.out.println("not committed late: " + e.getMessage());
            }
        }
    }

    @FunctionalInterface
    private interface Call {
        Object run() throws Throwable;
    }

    @FunctionalInterface
    private interface Interceptor {
        Object intercept(String method, Call call) throws Throwable;
    }

    private static <T> T proxy(Class<T> type, T target, Interceptor interceptor) {
        return type.cast(Proxy.newProxyInstance(
                LostReplies.class.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> interceptor.intercept(method.getName(), () -> {
                    try {
                        return method.invoke(target, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                })));
    }
}
