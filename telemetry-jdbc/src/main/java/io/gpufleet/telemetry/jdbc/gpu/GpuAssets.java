package io.gpufleet.telemetry.jdbc.gpu;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.Decoder;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.gpu.GpuAsset;
import io.gpufleet.telemetry.gpu.GpuAssetChange;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.jdbc.internal.Identifier;
import io.gpufleet.telemetry.jdbc.internal.TransactionTimeouts;
import io.gpufleet.telemetry.jdbc.internal.Transactions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import javax.sql.DataSource;

/**
 * The assets of the table {@code gpu_assets}: imported from files, kept equal to the compacted topic
 * {@code gpu-assets}, and exported to it. {@link GpuAssetEnricher} completes events by them.
 *
 * <pre>{@code
 * GpuAssets assets = GpuAssets.create(dataSource);
 * GpuAssets.Imported imported = assets.importFrom(Path.of("gpus.csv"), GpuAssetCsvDecoder.create());
 * assets.forEach(publisher::send);
 *
 * BatchingConsumer.builder(GpuAssetChange.decoder(GpuAssetJsonCodec.create()), assets.sink().build())
 *         .bootstrapServers("localhost:9092")
 *         .topics("gpu-assets")
 *         .start();
 * }</pre>
 *
 * <p>A row keeps its {@code created_at}, and changes its {@code updated_at} only if another column changes. The role
 * needs {@code SELECT, INSERT, UPDATE} on the table, for the topic also {@code DELETE}. Thread-safe.
 */
public final class GpuAssets {
    private static final int PAGE = 1_000;
    private static final int MOST_ROWS_A_STATEMENT = 5_000;

    private final DataSource dataSource;
    private final Optional<String> schema;
    private final AssetTable table;
    private final Transactions imports;
    private final Transactions lookUps;

    private GpuAssets(DataSource dataSource, Optional<String> schema) {
        this.dataSource = requireNonNull(dataSource, "dataSource");
        this.schema = schema;
        this.table = new AssetTable(schema);
        this.imports = new Transactions(dataSource, TransactionTimeouts.DEFAULT);
        this.lookUps = new Transactions(dataSource, TransactionTimeouts.ASIDE);
    }

    /**
     * Returns the assets of the table that the search path finds.
     *
     * @param dataSource the source of connections, usually a pool
     * @return the assets
     */
    public static GpuAssets create(DataSource dataSource) {
        return new GpuAssets(dataSource, Optional.empty());
    }

    /**
     * Returns the assets of the table in a schema.
     *
     * @param dataSource the source of connections, usually a pool
     * @param schema the schema's name
     * @return the assets
     */
    public static GpuAssets create(DataSource dataSource, String schema) {
        return new GpuAssets(dataSource, Optional.of(Identifier.check("schema", schema)));
    }

    /**
     * The outcome of an import. Immutable.
     *
     * @param inserted assets of GPUs that had none
     * @param updated assets that differ from their row
     * @param unchanged assets that equal their row, which was not touched
     * @param refused assets that cannot be read, of GPUs that stand twice (the first one counts), or the unreadable
     *     rest of the file
     * @param reasons the place of each refused one, its value and what is allowed; of the first {@value #MOST_REASONS}
     */
    public record Imported(int inserted, int updated, int unchanged, int refused, List<String> reasons) {
        /** The largest number of reasons. */
        public static final int MOST_REASONS = 1_000;

        /**
         * Copies the list.
         *
         * @param inserted as the component
         * @param updated as the component
         * @param unchanged as the component
         * @param refused as the component
         * @param reasons as the component
         */
        public Imported {
            reasons = List.copyOf(reasons);
        }
    }

    /**
     * Imports a file of assets: inserts and updates those that can be read, in one transaction, and names the others.
     * Assets that are not in the file stay.
     *
     * @param file the file, which is read as a whole
     * @param decoder reads the file, for example the codec module's {@code GpuAssetCsvDecoder} or
     *     {@code GpuAssetJsonCodec}
     * @return the outcome
     * @throws TelemetryException if the file cannot be read, if nothing in it is an asset for a reason that concerns
     *     all of it, such as a missing header, or if the database fails; nothing is changed
     */
    public Imported importFrom(Path file, Decoder<GpuAsset> decoder) {
        requireNonNull(decoder, "decoder");
        try (InputStream source = Files.newInputStream(requireNonNull(file, "file"))) {
            return importFrom(source, decoder);
        } catch (IOException e) {
            throw new TelemetryException("assets: cannot read " + file + ": " + e, e);
        }
    }

    /**
     * Imports assets from a stream, as {@link #importFrom(Path, Decoder)} from a file.
     *
     * @param source the stream, which is read to its end and left open
     * @param decoder reads the bytes
     * @return the outcome
     * @throws IOException if the stream fails
     * @throws TelemetryException as for a file
     */
    public Imported importFrom(InputStream source, Decoder<GpuAsset> decoder) throws IOException {
        ReadAssets read = new ReadAssets();
        byte[] bytes = requireNonNull(source, "source").readAllBytes();
        try {
            requireNonNull(decoder, "decoder").decode(bytes, read);
        } catch (CodecException e) {
            if (read.isEmpty()) {
                throw e;
            }
            read.refuse("the rest: " + e.reason());
        }
        AssetTable.Changed changed = imports.call("import of assets", connection -> upsert(connection, read.assets));
        int unchanged = read.assets.size() - changed.inserted() - changed.updated();
        return new Imported(changed.inserted(), changed.updated(), unchanged, read.refused, read.reasons);
    }

    private AssetTable.Changed upsert(Connection connection, SortedMap<String, GpuAsset> assets) throws SQLException {
        AssetTable.Changed changed = new AssetTable.Changed(0, 0);
        SortedMap<String, GpuAsset> some = new TreeMap<>();
        for (GpuAsset asset : assets.values()) {
            some.put(asset.uuid(), asset);
            if (some.size() == MOST_ROWS_A_STATEMENT) {
                changed = changed.plus(table.upsert(connection, some));
                some.clear();
            }
        }
        return changed.plus(table.upsert(connection, some));
    }

    /** The assets of a file, each GPU's once. */
    private static final class ReadAssets implements Decoder.Values<GpuAsset> {
        private final SortedMap<String, GpuAsset> assets = new TreeMap<>();
        private final List<String> reasons = new ArrayList<>();
        private int refused;

        @Override
        public void accept(GpuAsset asset) {
            if (assets.putIfAbsent(asset.uuid(), asset) != null) {
                refuse("GPU \"" + asset.uuid() + "\" stands twice; allowed: once");
            }
        }

        @Override
        public void refuse(String reason) {
            refused++;
            if (reasons.size() < Imported.MOST_REASONS) {
                reasons.add(reason);
            }
        }

        boolean isEmpty() {
            return assets.isEmpty() && refused == 0;
        }
    }

    /**
     * Starts from the sink of the topic {@code gpu-assets}: each batch's changes go into the table in the transaction
     * that moves the positions. Of several changes of a GPU in a batch the last one counts.
     *
     * <p>The last change in a partition wins, whatever its timestamp; the key keeps the changes of a GPU in one
     * partition. So after partitions were added, publish all assets again; and send a corrected asset instead of
     * replaying its dead letter, which would count as its newest change.
     *
     * @return a builder, to add options and further steps
     */
    public PostgresSink.Builder<GpuAssetChange> sink() {
        PostgresSink.Builder<GpuAssetChange> sink =
                PostgresSink.<GpuAssetChange>builder(dataSource).inTransaction(this::write);
        return schema.map(sink::schema).orElse(sink);
    }

    private void write(Connection connection, Batch<GpuAssetChange> batch) throws SQLException {
        SortedMap<String, GpuAssetChange> newest = new TreeMap<>();
        batch.deliveries().forEach(delivery -> newest.put(delivery.value().uuid(), delivery.value()));
        SortedMap<String, GpuAsset> assets = new TreeMap<>();
        TreeSet<String> removed = new TreeSet<>();
        newest.forEach((uuid, change) ->
                change.asset().ifPresentOrElse(asset -> assets.put(uuid, asset), () -> removed.add(uuid)));
        table.delete(connection, removed);
        table.upsert(connection, assets);
    }

    /**
     * Returns the assets of GPUs, by one query.
     *
     * @param uuids the UUIDs of the GPUs
     * @return the assets by UUID, without GPUs that have none
     * @throws TelemetryException if the database fails
     */
    public Map<String, GpuAsset> find(Collection<String> uuids) {
        requireNonNull(uuids, "uuids");
        return lookUps.call("assets", connection -> table.find(connection, uuids));
    }

    /**
     * Hands out all assets in the order of their UUIDs, 1,000 a query, for example to publish them to the topic. An
     * asset that changes meanwhile is handed out as it was or as it is.
     *
     * @param action takes the assets, outside of any transaction; its exceptions are rethrown unchanged
     * @throws TelemetryException if the database fails
     */
    public void forEach(Consumer<? super GpuAsset> action) {
        requireNonNull(action, "action");
        String last = "";
        List<GpuAsset> page;
        do {
            page = pageAfter(last);
            page.forEach(action);
            last = page.isEmpty() ? last : page.get(page.size() - 1).uuid();
        } while (page.size() == PAGE);
    }

    private List<GpuAsset> pageAfter(String uuid) {
        return lookUps.call("assets", connection -> table.page(connection, uuid, PAGE));
    }
}
