package io.gpufleet.telemetry.jdbc.query;

import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/** The search for the GPU that a question names. Immutable. */
final class GpuNames {
    private static final String BY_UUID = "SELECT gpu_no, uuid FROM {gpu} WHERE uuid = :id";
    private static final String BY_UUID_OF_ANY_CASE =
            "SELECT gpu_no, uuid FROM {gpu} WHERE lower(uuid) = lower(:id) ORDER BY uuid LIMIT 1";
    private static final String BY_PLACE = """
            SELECT gpu_no, uuid FROM {gpu} AS g
            WHERE device = :device AND hostname = :host AND last_seen IS NOT DISTINCT FROM (
                SELECT max(last_seen) FROM {gpu} WHERE device = :device AND hostname = :host)
            ORDER BY uuid""";

    private static final String SEEN_BETWEEN =
            "SELECT gpu_no, uuid FROM {gpu} WHERE last_seen >= :since AND first_seen <= :until";

    private static final String PLACE =
            "SELECT coalesce(device, ''), coalesce(hostname, '') FROM {gpu} WHERE gpu_no = :gpu";

    private final Optional<String> schema;

    GpuNames(Optional<String> schema) {
        this.schema = schema;
    }

    /**
     * A GPU.
     *
     * @param number its number in the tables
     * @param uuid its UUID as it is stored
     */
    record Found(int number, String uuid) {}

    /**
     * Where a GPU is now.
     *
     * @param device the name of its device; empty if unknown
     * @param hostname its host; empty if unknown
     */
    record Place(String device, String hostname) {}

    Place place(Handle handle, Found gpu) {
        return handle.createQuery(Identifier.qualifyAll(schema, PLACE))
                .bind("gpu", gpu.number())
                .map((row, context) -> new Place(row.getString(1), row.getString(2)))
                .one();
    }

    /** Returns the UUIDs of GPUs that may have samples of a time, by number. */
    Map<Integer, String> seenBetween(Handle handle, Instant since, Instant until) {
        Map<Integer, String> gpus = new HashMap<>();
        handle.createQuery(Identifier.qualifyAll(schema, SEEN_BETWEEN))
                .bind("since", since.atOffset(ZoneOffset.UTC))
                .bind("until", until.atOffset(ZoneOffset.UTC))
                .map((row, context) -> new Found(row.getInt(1), row.getString(2)))
                .forEach(gpu -> gpus.put(gpu.number(), gpu.uuid()));
        return gpus;
    }

    /**
     * Returns the GPU of an id.
     *
     * @param id its UUID, or {@code device:hostname}
     * @throws UnknownGpuException if there is none
     * @throws InvalidQueryException if several GPUs were there last
     */
    Found find(Handle handle, String id) {
        if (id.indexOf('\0') >= 0) {
            throw new UnknownGpuException(id);
        }
        return byUuid(handle, BY_UUID, id)
                .or(() -> byUuid(handle, BY_UUID_OF_ANY_CASE, id))
                .or(() -> byPlace(handle, id))
                .orElseThrow(() -> new UnknownGpuException(id));
    }

    private Optional<Found> byUuid(Handle handle, String sql, String id) {
        return handle.createQuery(Identifier.qualifyAll(schema, sql))
                .bind("id", id)
                .map((row, context) -> new Found(row.getInt(1), row.getString(2)))
                .findOne();
    }

    private Optional<Found> byPlace(Handle handle, String id) {
        int colon = id.indexOf(':');
        if (colon < 0) {
            return Optional.empty();
        }
        String device = id.substring(0, colon);
        String host = id.substring(colon + 1);
        List<Found> found = now(handle, device, host);
        if (found.isEmpty()) {
            found = new FormerPlaces(handle, schema).find(device, host);
        }
        if (found.size() > 1) {
            String uuids = found.stream().map(Found::uuid).collect(Collectors.joining(", "));
            throw new InvalidQueryException(
                    "id", "GPU \"" + id + "\" names " + found.size() + " GPUs: " + uuids + "; use the UUID");
        }
        return found.stream().findFirst();
    }

    /** Returns the GPUs whose newest sample saw them at a place, those with the newest one. */
    private List<Found> now(Handle handle, String device, String host) {
        return handle.createQuery(Identifier.qualifyAll(schema, BY_PLACE))
                .bind("device", device)
                .bind("host", host)
                .map((row, context) -> new Found(row.getInt(1), row.getString(2)))
                .list();
    }
}
