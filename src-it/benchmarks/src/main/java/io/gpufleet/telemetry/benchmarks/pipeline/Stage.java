package io.gpufleet.telemetry.benchmarks.pipeline;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The stage of a row: the servers, and a backlog in a topic. Closing it drops the decoded batches. Owned by the thread
 * that runs the rows.
 */
public final class Stage implements AutoCloseable {
    private static final AtomicInteger GROUPS = new AtomicInteger();

    private final Servers servers;
    private final Backlog backlog;
    private final int partRecords;
    private final Map<BacklogSettings, List<List<Batch<Heartbeat>>>> batches = new HashMap<>();

    private Stage(Servers servers, Backlog backlog, int partRecords) {
        this.servers = servers;
        this.backlog = backlog;
        this.partRecords = partRecords;
    }

    /**
     * Publishes the backlog.
     *
     * @param partRecords the number of records for rows that would take hours for all of them
     */
    public static Stage of(Servers servers, Backlog backlog, int partRecords) {
        servers.publish(backlog);
        return new Stage(servers, backlog, Math.min(partRecords, backlog.records()));
    }

    /** Returns a stage whose backlog is published once, for any number of stages. */
    public static Stage ofPublished(Servers servers, Backlog backlog) {
        servers.publishOnce(backlog);
        return new Stage(servers, backlog, backlog.records());
    }

    public Servers servers() {
        return servers;
    }

    public Backlog backlog() {
        return backlog;
    }

    /** Returns the number of records for rows that would take hours for the whole backlog. */
    int partRecords() {
        return partRecords;
    }

    /** Returns the name of a consumer group that has consumed nothing yet. */
    public String newGroup() {
        return "benchmark-" + GROUPS.incrementAndGet();
    }

    /** Returns an empty database with the product's tables, after a checkpoint. */
    public Database newDatabase(int connections) throws SQLException {
        return newDatabase(connections, "");
    }

    /** Returns the same database, with settings of the driver as in {@code &name=value}. */
    public Database newDatabase(int connections, String driverSettings) throws SQLException {
        Database database = Database.installed(servers, connections, driverSettings);
        servers.execute("CHECKPOINT");
        return database;
    }

    /** Returns the decoded batches of each lane of a consumer with such settings, in order; created once. */
    List<List<Batch<Heartbeat>>> batches(BacklogSettings settings) throws Exception {
        List<List<Batch<Heartbeat>>> recorded = batches.get(settings);
        if (recorded == null) {
            recorded = RecordedBatches.of(this, settings);
            batches.put(settings, recorded);
        }
        return recorded;
    }

    Measurement measure(long records) {
        return Measurement.of(servers, records);
    }

    @Override
    public void close() {
        batches.clear();
    }
}
