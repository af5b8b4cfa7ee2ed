package io.gpufleet.telemetry.examples.options;

import io.gpufleet.telemetry.jdbc.GpuLayout;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import javax.sql.DataSource;

/** The layout of the tables of GPU samples that are installed. */
public final class InstalledLayout {
    private static final String KIND = "SELECT relkind::text FROM pg_class WHERE oid = to_regclass(?)";
    private static final String VIEW = "v";

    private InstalledLayout() {}

    /**
     * Finds the layout.
     *
     * @param source the source of connections
     * @param schema the schema of the tables, absent if the search path finds them
     * @return the layout; the usual one if the tables are not installed
     * @throws SQLException if the database fails
     */
    public static GpuLayout of(DataSource source, Optional<String> schema) throws SQLException {
        String table = schema.map(name -> '"' + name + "\".").orElse("") + "gpu_telemetry";
        try (Connection connection = source.getConnection();
                PreparedStatement statement = connection.prepareStatement(KIND)) {
            statement.setString(1, table);
            try (ResultSet kind = statement.executeQuery()) {
                boolean isTable = kind.next() && !kind.getString(1).equals(VIEW);
                return isTable ? GpuLayout.FLAT : GpuLayout.NUMBERED;
            }
        }
    }
}
