package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.gpu.GpuAsset;
import io.gpufleet.telemetry.gpu.MetricEvent;
import io.gpufleet.telemetry.jdbc.internal.ArrayParameters;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The table {@code gpu_assets}. Writers touch its rows in the order of their keys, so that they never deadlock with
 * each other. Dates travel as numbers, and an absent text is null. Thread-safe.
 */
final class AssetTable {
    static final String NAME = "gpu_assets";
    private static final String TEXT = "text";

    /** The columns between the key and the tags, as they are written and compared. */
    private static final String FIELDS = """
            model, architecture, compute_capability, memory_gb, hostname, pci_bus_id, rack_id, cluster_id, datacenter,
            region, purchase_date, deployment_date, warranty_expiry, expected_eol, sla_tier, priority, notes, tags""";

    /** The upsert; the tags of all rows are arrays of their own, each with the number of its row. */
    private static final String UPSERT = """
            INSERT INTO {gpu_assets} AS a (gpu_uuid, %1$s)
            SELECT g.uuid, g.model, g.architecture, g.capability, g.memory, g.host, g.pci, g.rack, g.cluster, g.center,
                g.region, date '1970-01-01' + g.purchased, date '1970-01-01' + g.deployed,
                date '1970-01-01' + g.warranty, date '1970-01-01' + g.ended, g.sla, g.priority, g.notes,
                coalesce(t.tags, '{}')
            FROM unnest(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) WITH ORDINALITY AS g(uuid, model,
                architecture, capability, memory, host, pci, rack, cluster, center, region, purchased, deployed,
                warranty, ended, sla, priority, notes, number)
            LEFT JOIN (
                SELECT u.number, jsonb_object_agg(u.name, u.value) AS tags
                FROM unnest(?, ?, ?) AS u(number, name, value) GROUP BY u.number
            ) AS t ON t.number = g.number
            ORDER BY g.number
            ON CONFLICT (gpu_uuid) DO UPDATE SET (%1$s, updated_at) = ROW (%2$s, now())
            WHERE (%3$s) IS DISTINCT FROM (%2$s)
            RETURNING a.created_at = now()""".formatted(FIELDS, prefixed("EXCLUDED"), prefixed("a"));

    private static final String DELETE = """
            DELETE FROM {gpu_assets} WHERE gpu_uuid IN (
                SELECT a.gpu_uuid FROM {gpu_assets} AS a
                JOIN unnest(?) WITH ORDINALITY AS g(uuid, number) ON g.uuid = a.gpu_uuid
                ORDER BY g.number FOR UPDATE OF a)""";

    private static final String SELECT = "SELECT a.gpu_uuid, " + prefixed("a") + """
            , (SELECT array_agg(t.key ORDER BY t.key) FROM jsonb_each_text(a.tags) AS t WHERE t.value IS NOT NULL) AS names,
            (SELECT array_agg(t.value ORDER BY t.key) FROM jsonb_each_text(a.tags) AS t WHERE t.value IS NOT NULL) AS texts
            FROM {gpu_assets} AS a""";

    private static final String FIND = SELECT + " WHERE a.gpu_uuid = ANY (?)";
    private static final String PAGE = SELECT + " WHERE a.gpu_uuid > ? ORDER BY a.gpu_uuid LIMIT ?";

    private final Optional<String> schema;

    AssetTable(Optional<String> schema) {
        this.schema = schema;
    }

    private static String prefixed(String alias) {
        return alias + "." + FIELDS.replaceAll(",\\s+", ", " + alias + ".");
    }

    /**
     * The rows that a write changed.
     *
     * @param inserted new rows
     * @param updated rows with another value
     */
    record Changed(int inserted, int updated) {
        Changed plus(Changed other) {
            return new Changed(inserted + other.inserted, updated + other.updated);
        }
    }

    /** Inserts or updates assets, each GPU's at most once, in the order of their UUIDs. */
    Changed upsert(Connection connection, SortedMap<String, GpuAsset> assets) throws SQLException {
        if (assets.isEmpty()) {
            return new Changed(0, 0);
        }
        try (PreparedStatement upsert = prepare(connection, UPSERT)) {
            bind(new ArrayParameters(connection, upsert, 1), assets.values());
            try (ResultSet changed = upsert.executeQuery()) {
                int inserted = 0;
                int updated = 0;
                while (changed.next()) {
                    boolean isNew = changed.getBoolean(1);
                    inserted += isNew ? 1 : 0;
                    updated += isNew ? 0 : 1;
                }
                return new Changed(inserted, updated);
            }
        }
    }

    private static void bind(ArrayParameters arrays, Collection<GpuAsset> assets) throws SQLException {
        arrays.set(TEXT, assets, GpuAsset::uuid);
        text(arrays, assets, GpuAsset::model);
        text(arrays, assets, GpuAsset::architecture);
        text(arrays, assets, GpuAsset::computeCapability);
        arrays.set(
                "integer",
                assets,
                asset -> asset.memoryGb().isPresent() ? asset.memoryGb().getAsInt() : null);
        text(arrays, assets, asset -> asset.host().hostname());
        text(arrays, assets, GpuAsset::pciBusId);
        text(arrays, assets, asset -> asset.host().rack());
        text(arrays, assets, asset -> asset.host().cluster());
        text(arrays, assets, asset -> asset.host().datacenter());
        text(arrays, assets, GpuAsset::region);
        date(arrays, assets, GpuAsset::purchased);
        date(arrays, assets, GpuAsset::deployed);
        date(arrays, assets, GpuAsset::warrantyUntil);
        date(arrays, assets, GpuAsset::expectedEnd);
        text(arrays, assets, GpuAsset::slaTier);
        text(arrays, assets, GpuAsset::priority);
        text(arrays, assets, GpuAsset::notes);
        bindTags(arrays, assets);
    }

    private static void text(ArrayParameters arrays, Collection<GpuAsset> assets, Function<GpuAsset, String> part)
            throws SQLException {
        arrays.set(TEXT, assets, asset -> {
            String text = part.apply(asset);
            return text.isEmpty() ? null : text;
        });
    }

    private static void date(
            ArrayParameters arrays, Collection<GpuAsset> assets, Function<GpuAsset, Optional<LocalDate>> part)
            throws SQLException {
        arrays.set(
                "integer",
                assets,
                asset -> part.apply(asset)
                        .map(date -> Math.toIntExact(date.toEpochDay()))
                        .orElse(null));
    }

    private record Tag(int number, String name, String value) {}

    private static void bindTags(ArrayParameters arrays, Collection<GpuAsset> assets) throws SQLException {
        List<Tag> tags = new ArrayList<>();
        int number = 0;
        for (GpuAsset asset : assets) {
            int row = ++number;
            asset.tags().forEach((name, value) -> tags.add(new Tag(row, name, value)));
        }
        arrays.set("integer", tags, Tag::number);
        arrays.set(TEXT, tags, Tag::name);
        arrays.set(TEXT, tags, Tag::value);
    }

    /** Deletes the assets of GPUs, in the order of their UUIDs. */
    void delete(Connection connection, SortedSet<String> uuids) throws SQLException {
        if (uuids.isEmpty()) {
            return;
        }
        try (PreparedStatement delete = prepare(connection, DELETE)) {
            new ArrayParameters(connection, delete, 1).set(TEXT, uuids, uuid -> uuid);
            delete.executeUpdate();
        }
    }

    /** Returns the assets of those GPUs that have one. */
    Map<String, GpuAsset> find(Connection connection, Collection<String> uuids) throws SQLException {
        try (PreparedStatement find = prepare(connection, FIND)) {
            new ArrayParameters(connection, find, 1).set(TEXT, uuids, uuid -> uuid);
            Map<String, GpuAsset> found = new LinkedHashMap<>();
            for (GpuAsset asset : read(find)) {
                found.put(asset.uuid(), asset);
            }
            return found;
        }
    }

    /** Returns the next assets in the order of their keys. */
    List<GpuAsset> page(Connection connection, String after, int most) throws SQLException {
        try (PreparedStatement page = prepare(connection, PAGE)) {
            page.setString(1, after);
            page.setInt(2, most);
            return read(page);
        }
    }

    private PreparedStatement prepare(Connection connection, String sql) throws SQLException {
        return connection.prepareStatement(Identifier.qualifyAll(schema, sql));
    }

    private static List<GpuAsset> read(PreparedStatement select) throws SQLException {
        List<GpuAsset> assets = new ArrayList<>();
        try (ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
                assets.add(asset(rows));
            }
        }
        return assets;
    }

    private static GpuAsset asset(ResultSet row) throws SQLException {
        return new GpuAsset(
                row.getString("gpu_uuid"),
                text(row, "model"),
                text(row, "architecture"),
                text(row, "compute_capability"),
                memory(row),
                new MetricEvent.Host(
                        text(row, "hostname"), text(row, "cluster_id"), text(row, "rack_id"), text(row, "datacenter")),
                text(row, "pci_bus_id"),
                text(row, "region"),
                date(row, "purchase_date"),
                date(row, "deployment_date"),
                date(row, "warranty_expiry"),
                date(row, "expected_eol"),
                text(row, "sla_tier"),
                text(row, "priority"),
                tags(row.getArray("names"), row.getArray("texts")),
                text(row, "notes"));
    }

    private static String text(ResultSet row, String column) throws SQLException {
        String text = row.getString(column);
        return text == null ? "" : text;
    }

    private static OptionalInt memory(ResultSet row) throws SQLException {
        int memory = row.getInt("memory_gb");
        return row.wasNull() ? OptionalInt.empty() : OptionalInt.of(memory);
    }

    private static Optional<LocalDate> date(ResultSet row, String column) throws SQLException {
        return Optional.ofNullable(row.getObject(column, LocalDate.class));
    }

    private static Map<String, String> tags(@Nullable Array names, @Nullable Array texts) throws SQLException {
        Map<String, String> tags = new LinkedHashMap<>();
        if (names != null && texts != null) {
            String[] name = (String[]) names.getArray();
            String[] text = (String[]) texts.getArray();
            for (int i = 0; i < name.length; i++) {
                tags.put(name[i], text[i]);
            }
        }
        return tags;
    }
}
