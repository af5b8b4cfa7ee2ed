package io.gpufleet.telemetry.jdbc.gpu;

import java.io.PrintWriter;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Logger;
import javax.sql.DataSource;

/**
 * Connections that share some sessions, as behind a pooler in transaction mode: each transaction runs in the next
 * session, and so does each statement without one. For one thread.
 */
final class SharedSessions implements DataSource, AutoCloseable {
    private final List<Connection> sessions = new ArrayList<>();
    private int used;

    SharedSessions(DataSource server, int number) throws SQLException {
        for (int n = 0; n < number; n++) {
            sessions.add(server.getConnection());
        }
    }

    /** Returns the sessions of the server. */
    List<Connection> sessions() {
        return sessions;
    }

    private Connection next() {
        used++;
        return sessions.get(used % sessions.size());
    }

    @Override
    public Connection getConnection() {
        return proxy(Connection.class, new Client());
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    private static Object call(Object target, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** A connection of the pooler: in a transaction it has a session of its own. */
    private final class Client implements InvocationHandler {
        private final Connection session = next();
        private boolean autoCommit = true;

        @Override
        public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
            return switch (method.getName()) {
                case "getAutoCommit" -> autoCommit;
                case "setAutoCommit" -> begin((boolean) arguments[0]);
                case "close" -> begin(true);
                case "createStatement" ->
                    autoCommit ? proxy(Statement.class, new Alone()) : call(session, method, arguments);
                default -> call(session, method, arguments);
            };
        }

        private Object begin(boolean alone) throws SQLException {
            autoCommit = alone;
            session.setAutoCommit(alone);
            return alone;
        }
    }

    /** A statement outside of transactions: each of its calls to the server may reach another session. */
    private final class Alone implements InvocationHandler {
        private Statement last = next().createStatement();

        private Alone() throws SQLException {}

        @Override
        public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
            if (method.getName().startsWith("execute")) {
                last = next().createStatement();
            }
            return call(last, method, arguments);
        }
    }

    @Override
    public void close() throws SQLException {
        for (Connection session : sessions) {
            session.close();
        }
    }

    @Override
    public Connection getConnection(String user, String password) {
        return getConnection();
    }

    @Override
    public PrintWriter getLogWriter() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void setLogWriter(PrintWriter out) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void setLoginTimeout(int seconds) {
        throw new UnsupportedOperationException();
    }

    @Override
    public int getLoginTimeout() {
        return 0;
    }

    @Override
    public Logger getParentLogger() {
        throw new UnsupportedOperationException();
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        throw new SQLException("not a wrapper of " + type);
    }

    @Override
    public boolean isWrapperFor(Class<?> type) {
        return false;
    }
}
