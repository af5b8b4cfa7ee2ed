package io.gpufleet.telemetry.benchmarks.growth;

import io.gpufleet.telemetry.benchmarks.pipeline.Backlog;
import io.gpufleet.telemetry.benchmarks.pipeline.Database;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** The heartbeats of a backlog's machines on the days before it, stored before the measurement. */
final class StoredHeartbeats {
    private static final String INSERT = """
            INSERT INTO heartbeat (client_id, cpu_usage, mem_usage, disk_usage, network_up, network_down, "timestamp")
            SELECT c.id, 50, 50, 50, 1000, 1000, ?::date::timestamp AT TIME ZONE 'UTC' + n * interval '1 second'
            FROM generate_series(0, ? - 1) AS n CROSS JOIN unnest(?) AS c(id)""";

    private final Database database;
    private final Backlog backlog;
    private final boolean partitionedByDay;

    StoredHeartbeats(Database database, Backlog backlog, boolean partitionedByDay) {
        this.database = database;
        this.backlog = backlog;
        this.partitionedByDay = partitionedByDay;
    }

    /** Stores a number of heartbeats, on as many days as needed, the day before the backlog first. */
    void fill(long heartbeats, int perDay) throws SQLException {
        LocalDate day = LocalDate.ofInstant(backlog.start(), ZoneOffset.UTC);
        for (long left = heartbeats; left > 0; left -= perDay) {
            day = day.minusDays(1);
            fill(day, (int) Math.min(left, perDay) / backlog.clients());
        }
        database.execute("VACUUM ANALYZE heartbeat");
        database.execute("CHECKPOINT");
    }

    private void fill(LocalDate day, int each) throws SQLException {
        if (partitionedByDay) {
            database.execute("CREATE TABLE heartbeat_" + DateTimeFormatter.BASIC_ISO_DATE.format(day)
                    + " PARTITION OF heartbeat FOR VALUES FROM ('" + day + " 00:00:00+00') TO ('" + day.plusDays(1)
                    + " 00:00:00+00')");
        }
        try (Connection connection = database.pool().getConnection();
                PreparedStatement insert = connection.prepareStatement(INSERT)) {
            Array clients = connection.createArrayOf("bytea", clients());
            insert.setString(1, day.toString());
            insert.setInt(2, each);
            insert.setArray(3, clients);
            insert.executeUpdate();
        }
    }

    private byte[][] clients() {
        return backlog.fleet().stream()
                .limit(backlog.clients())
                .map(record -> record.heartbeat().clientId().toBytes())
                .toArray(byte[][]::new);
    }
}
