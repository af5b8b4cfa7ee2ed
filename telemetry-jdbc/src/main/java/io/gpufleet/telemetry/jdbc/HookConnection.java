package io.gpufleet.telemetry.jdbc;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A connection that refuses every call that would end the hook's transaction or outlast it. Connections obtained from
 * its statements, results, metadata or {@code unwrap} refuse them too, as long as they are interfaces. {@link HookStep}
 * notices other ways, such as SQL.
 */
final class HookConnection implements InvocationHandler {
    private static final Set<String> REFUSED = Set.of(
            "abort", "close", "commit", "setAutoCommit", "setNetworkTimeout", "setReadOnly", "setTransactionIsolation");

    /** The types that lead back to a connection. */
    private static final Set<Class<?>> WATCHED =
            Set.of(Connection.class, Statement.class, ResultSet.class, DatabaseMetaData.class);

    private final Object target;
    private final @Nullable Connection connection;

    private HookConnection(Object target, @Nullable Connection connection) {
        this.target = target;
        this.connection = connection;
    }

    static Connection of(Connection connection) {
        return (Connection) Proxy.newProxyInstance(
                HookConnection.class.getClassLoader(),
                new Class<?>[] {Connection.class},
                new HookConnection(connection, null));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
        if (target instanceof Connection && isRefused(method)) {
            throw new IllegalStateException(
                    method.getName() + " is not allowed in a hook: its SQL is committed with the batch or not at all");
        }
        Connection own = connection == null ? (Connection) proxy : connection;
        if (method.getName().equals("unwrap") && arguments != null) {
            return unwrap((Class<?>) arguments[0], proxy, own);
        }
        return watch(call(method, arguments), own);
    }

    private static boolean isRefused(Method method) {
        boolean wholeRollback = method.getName().equals("rollback") && method.getParameterCount() == 0;
        return wholeRollback || REFUSED.contains(method.getName());
    }

    private @Nullable Object call(Method method, Object @Nullable [] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }

    private Object unwrap(Class<?> type, Object proxy, Connection own) throws Throwable {
        if (type.isInstance(proxy)) {
            return proxy;
        }
        Object unwrapped = ((java.sql.Wrapper) target).unwrap(type);
        boolean leadsBack = WATCHED.stream().anyMatch(watched -> watched.isInstance(unwrapped));
        return leadsBack && type.isInterface()
                ? Proxy.newProxyInstance(
                        type.getClassLoader(), new Class<?>[] {type}, new HookConnection(unwrapped, own))
                : unwrapped;
    }

    private static @Nullable Object watch(@Nullable Object result, Connection own) {
        if (result instanceof Connection) {
            return own;
        }
        boolean leadsBack = WATCHED.stream().anyMatch(watched -> watched.isInstance(result));
        return result == null || !leadsBack
                ? result
                : Proxy.newProxyInstance(
                        result.getClass().getClassLoader(),
                        interfacesOf(result.getClass()),
                        new HookConnection(result, own));
    }

    /** Returns the interfaces that a caller may cast the object to. */
    private static Class<?>[] interfacesOf(Class<?> type) {
        Set<Class<?>> found = new LinkedHashSet<>();
        for (Class<?> next = type; next != null; next = next.getSuperclass()) {
            for (Class<?> implemented : next.getInterfaces()) {
                if (Modifier.isPublic(implemented.getModifiers())) {
                    found.add(implemented);
                }
            }
        }
        return found.toArray(Class<?>[]::new);
    }
}
