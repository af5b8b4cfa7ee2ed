package io.gpufleet.telemetry.jdbc;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/** A data source that records the statements and the ends of its connections, and makes some calls fail on request. */
public final class WatchedDataSource extends WrappedDataSource {
    private static final Set<String> ENDS = Set.of("commit", "rollback", "abort", "close");

    private final List<String> ends = new CopyOnWriteArrayList<>();
    private final List<String> prepared = new CopyOnWriteArrayList<>();
    private final AtomicInteger asked = new AtomicInteger();
    private final Set<String> failing = ConcurrentHashMap.newKeySet();

    public WatchedDataSource(DataSource delegate) {
        super(delegate);
    }

    /** Returns the calls of commit, rollback, abort and close so far, and forgets them. */
    List<String> ends() {
        List<String> seen = List.copyOf(ends);
        ends.clear();
        return seen;
    }

    /** Returns the texts of the prepared statements so far. */
    public List<String> prepared() {
        return prepared;
    }

    /** Returns the number of requested connections. */
    public int asked() {
        return asked.get();
    }

    /** Makes a method of every connection fail after it has done its work. */
    public void failAfter(String method) {
        failing.add(method);
    }

    @Override
    public Connection getConnection() throws SQLException {
        asked.incrementAndGet();
        Connection connection = delegate().getConnection();
        return (Connection) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    if (ENDS.contains(method.getName())) {
                        ends.add(method.getName());
                    }
                    if (method.getName().equals("prepareStatement")) {
                        prepared.add((String) arguments[0]);
                    }
                    Object result;
                    try {
                        result = method.invoke(connection, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                    if (failing.contains(method.getName())) {
                        throw new SQLException(method.getName() + " fails", "08006");
                    }
                    return result;
                });
    }
}
