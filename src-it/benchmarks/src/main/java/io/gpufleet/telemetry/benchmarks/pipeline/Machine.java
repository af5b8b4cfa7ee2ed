package io.gpufleet.telemetry.benchmarks.pipeline;

import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.utils.AppInfoParser;

/** The description of the machine and the servers of the measurement, from their own reports. */
final class Machine {
    private static final long MEBIBYTE = 1 << 20;

    private Machine() {}

    /** Returns one line per property. */
    static List<String> describe(Servers servers) throws SQLException {
        List<String> lines = new ArrayList<>();
        lines.add("machine: " + Runtime.getRuntime().availableProcessors() + " processors, " + memory() + ", "
                + property("os.name") + " " + property("os.version") + " " + property("os.arch"));
        lines.add("JVM: " + property("java.vm.name") + " " + property("java.vm.version") + " "
                + String.join(" ", ManagementFactory.getRuntimeMXBean().getInputArguments()));
        lines.add("Kafka: clients and broker " + AppInfoParser.getVersion() + ", one broker in a JVM of its own");
        lines.add("PostgreSQL: " + setting(servers, "SELECT version()") + "; pgjdbc " + driver(servers));
        lines.add("PostgreSQL's settings that are not its defaults: " + setting(servers, """
                SELECT string_agg(name || '=' || current_setting(name), ', ' ORDER BY name) FROM pg_settings
                WHERE source = 'command line' AND setting <> '' AND name NOT IN ('port', 'listen_addresses', 'unix_socket_directories')
                   OR name IN ('fsync', 'full_page_writes', 'synchronous_commit')"""));
        return lines;
    }

    private static String driver(Servers servers) throws SQLException {
        try (Connection connection = servers.postgres().dataSource().getConnection()) {
            return connection.getMetaData().getDriverVersion();
        }
    }

    private static String memory() {
        var system = ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class);
        return system.getTotalMemorySize() / MEBIBYTE + " MiB";
    }

    private static String property(String name) {
        return String.valueOf(System.getProperty(name));
    }

    private static String setting(Servers servers, String query) throws SQLException {
        try (Connection connection = servers.postgres().dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return String.valueOf(row.getString(1));
        }
    }
}
