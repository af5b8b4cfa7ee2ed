package io.gpufleet.telemetry.jdbc;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A connection that refuses what would end the transaction in which a hook runs, or what would outlast it. */
final class HookConnection implements InvocationHandler {
    private static final Set<String> REFUSED = Set.of(
            "abort", "close", "commit", "setAutoCommit", "setNetworkTimeout", "setReadOnly", "setTransactionIsolation");

    private final Connection connection;

    private HookConnection(Connection connection) {
        this.connection = connection;
    }

    static Connection of(Connection connection) {
        return (Connection) Proxy.newProxyInstance(
                HookConnection.class.getClassLoader(),
                new Class<?>[] {Connection.class},
                new HookConnection(connection));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
        boolean wholeRollback = method.getName().equals("rollback") && method.getParameterCount() == 0;
        if (wholeRollback || REFUSED.contains(method.getName())) {
            throw new IllegalStateException(
                    method.getName() + " is not for a hook: its SQL is committed with the batch or not at all");
        }
        try {
            return method.invoke(connection, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }
}
