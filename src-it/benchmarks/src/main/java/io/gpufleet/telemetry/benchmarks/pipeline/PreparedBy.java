package io.gpufleet.telemetry.benchmarks.pipeline;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** A data source whose connections leave the preparation of statements to a preparer, and are otherwise unchanged. */
final class PreparedBy {

    /** The preparation of a statement in place of its connection. */
    @FunctionalInterface
    interface Preparer {
        PreparedStatement prepare(Connection connection, String sql) throws SQLException;
    }

    private PreparedBy() {}

    static DataSource of(DataSource source, Preparer preparer) {
        return proxy(DataSource.class, (self, method, arguments) -> {
            Object result = call(source, method, arguments);
            return result instanceof Connection connection ? connection(connection, preparer) : result;
        });
    }

    private static Connection connection(Connection connection, Preparer preparer) {
        return proxy(
                Connection.class,
                (self, method, arguments) -> isPrepare(method)
                        ? preparer.prepare(connection, (String) arguments[0])
                        : call(connection, method, arguments));
    }

    private static boolean isPrepare(Method method) {
        return method.getName().equals("prepareStatement") && method.getParameterCount() == 1;
    }

    /** Returns an implementation of an interface by one method. */
    static <T> T proxy(Class<T> type, java.lang.reflect.InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    /** Calls a method of the target, and rethrows its exceptions. */
    static @Nullable Object call(Object target, Method method, Object @Nullable [] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getTargetException();
        }
    }
}
