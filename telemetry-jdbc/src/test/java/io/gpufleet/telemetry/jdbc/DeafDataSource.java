package io.gpufleet.telemetry.jdbc;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/**
 * A source like a pooler that shares sessions by the transaction: statements run in some session, but not in the
 * session in which the client waits for notifications.
 */
public final class DeafDataSource extends WrappedDataSource {
    public DeafDataSource(DataSource delegate) {
        super(delegate);
    }

    @Override
    public Connection getConnection() throws SQLException {
        Connection statements = delegate().getConnection();
        Connection notifications = delegate().getConnection();
        return (Connection) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("close")) {
                        notifications.close();
                    }
                    Connection asked = method.getName().equals("unwrap") ? notifications : statements;
                    try {
                        return method.invoke(asked, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
