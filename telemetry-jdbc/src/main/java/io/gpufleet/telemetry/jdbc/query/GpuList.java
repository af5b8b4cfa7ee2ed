package io.gpufleet.telemetry.jdbc.query;

import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/** The GPUs, and their numbers by host and namespace, from the table of GPUs alone. Belongs to one transaction. */
final class GpuList {
    /** A GPU without a sample has only been numbered. */
    private static final String FILTERED = " FROM {gpu} WHERE last_seen IS NOT NULL<filter>";

    /**
     * By device in the order of people: nvidia2 before nvidia10. The beginning of the host's name leads along an index,
     * so that a page does not sort all GPUs.
     */
    private static final String BY_PLACE =
            " ORDER BY left(hostname, 128), hostname, gpu_id, length(device), device, uuid OFFSET :offset LIMIT :limit";

    private static final String NUMBER = " AND gpu_no = :gpu";

    private static final String QUIET = " AND last_seen < :before ORDER BY last_seen, uuid LIMIT :limit";

    private static final String ROWS = "SELECT gpu_no, uuid, gpu_id, coalesce(device, '') AS device,"
            + " coalesce(model_name, '') AS model_name, coalesce(hostname, '') AS hostname,"
            + " coalesce(pci_bus_id, '') AS pci_bus_id, coalesce(namespace, '') AS namespace, first_seen, last_seen"
            + FILTERED;

    private static final String COUNT = "SELECT count(*)" + FILTERED;

    private static final String BY = "SELECT <column> AS name, count(*) AS gpus FROM {gpu} WHERE last_seen IS NOT NULL"
            + " AND <column> <> '' GROUP BY 1 ORDER BY 1";

    private final Handle handle;
    private final Optional<String> schema;

    GpuList(Handle handle, Optional<String> schema) {
        this.handle = handle;
        this.schema = schema;
    }

    Page<StoredGpu> page(GpuFilter filter) {
        List<StoredGpu> rows = gpus(
                query(ROWS + BY_PLACE, filter).bind("offset", filter.offset()).bind("limit", filter.limit()));
        long total = query(COUNT, filter).mapTo(Long.class).one();
        return new Page<>(rows, Optional.empty(), OptionalLong.of(total));
    }

    /**
     * Returns the GPU of an id.
     *
     * @throws UnknownGpuException if no sample of it was stored
     */
    StoredGpu named(String id) {
        int gpu = new GpuNames(schema).find(handle, id).number();
        return gpus(query(ROWS + NUMBER, GpuFilter.all()).bind("gpu", gpu)).stream()
                .findFirst()
                .orElseThrow(() -> new UnknownGpuException(id));
    }

    /** Returns the GPUs without a sample since a time, the longest silent first. */
    List<StoredGpu> quietSince(Instant before, int most) {
        return gpus(query(ROWS + QUIET, GpuFilter.all())
                .bind("before", before.atOffset(ZoneOffset.UTC))
                .bind("limit", most));
    }

    private List<StoredGpu> gpus(Query query) {
        Map<Integer, StoredGpu> gpus = new LinkedHashMap<>();
        query.map((row, context) -> Map.entry(row.getInt("gpu_no"), gpu(row)))
                .forEach(gpu -> gpus.put(gpu.getKey(), gpu.getValue()));
        new MigInstances(handle, schema)
                .of(gpus)
                .forEach((gpu, instances) ->
                        gpus.computeIfPresent(gpu, (number, listed) -> listed.withMigInstances(instances)));
        return List.copyOf(gpus.values());
    }

    List<GpuCount> countBy(String column) {
        return handle.createQuery(Identifier.qualifyAll(schema, BY.replace("<column>", column)))
                .map((row, context) -> new GpuCount(row.getString("name"), row.getLong("gpus")))
                .list();
    }

    private Query query(String template, GpuFilter filter) {
        String conditions =
                (filter.host().isPresent() ? " AND left(hostname, 128) = left(:host, 128) AND hostname = :host" : "")
                        + (filter.namespace().isPresent() ? " AND namespace = :namespace" : "")
                        + (filter.model().isPresent() ? " AND model_name = :model" : "")
                        + (filter.seenSince().isPresent() ? " AND last_seen >= :since" : "");
        Query query = handle.createQuery(Identifier.qualifyAll(schema, template.replace("<filter>", conditions)));
        filter.host().ifPresent(host -> query.bind("host", host));
        filter.namespace().ifPresent(namespace -> query.bind("namespace", namespace));
        filter.model().ifPresent(model -> query.bind("model", model));
        filter.seenSince().ifPresent(since -> query.bind("since", since.atOffset(ZoneOffset.UTC)));
        return query;
    }

    private static StoredGpu gpu(ResultSet row) throws SQLException {
        int index = row.getInt("gpu_id");
        OptionalInt known = row.wasNull() ? OptionalInt.empty() : OptionalInt.of(index);
        return new StoredGpu(
                row.getString("uuid"),
                known,
                row.getString("device"),
                row.getString("model_name"),
                row.getString("hostname"),
                row.getString("pci_bus_id"),
                row.getString("namespace"),
                time(row, "first_seen"),
                time(row, "last_seen"),
                0);
    }

    private static Instant time(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }
}
