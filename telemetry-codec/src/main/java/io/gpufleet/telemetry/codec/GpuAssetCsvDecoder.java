package io.gpufleet.telemetry.codec;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.Decoder;
import io.gpufleet.telemetry.gpu.GpuAsset;
import java.nio.ByteBuffer;

/**
 * A reader of assets as CSV, one asset a row, behind a header that names the columns in any order and case.
 *
 * <pre>{@code
 * gpu_uuid,model,memory_gb,hostname,rack_id,cluster_id,warranty_expiry,tags,team
 * GPU-…,NVIDIA H100 80GB HBM3,80,node-031,r7,c1,2028-06-30,"{""cost-center"": ""4711""}",vision
 * }</pre>
 *
 * <p>The columns are those of the table {@code gpu_assets}: gpu_uuid (or uuid), which is needed, model, architecture,
 * compute_capability, memory_gb, hostname, pci_bus_id, rack_id, cluster_id, datacenter, region, purchase_date,
 * deployment_date, warranty_expiry, expected_eol, sla_tier, priority, tags, which is a JSON object, and notes. Any
 * other column is a tag; created_at and updated_at are left out, so that an export of the table can be read. An empty
 * cell is absent. The delimiter is a comma, a semicolon or a tab, as the header shows. A mark of the byte order is
 * skipped, gzip is unpacked.
 *
 * <p>A row is refused with the number of its line, the value and what is allowed, if it has no UUID, another width than
 * the header, bytes that are not UTF-8, a memory that is no whole number, or a date that is not like 2026-03-31; the
 * others are read. A header without gpu_uuid, or with a name twice, refuses all.
 *
 * <p>Needs the library {@code de.siegmar:fastcsv}, and {@code com.fasterxml.jackson.core:jackson-core} where tags have
 * values. Limit: 64 MiB, also unpacked. Thread-safe. Source: RFC 4180.
 */
public final class GpuAssetCsvDecoder implements Decoder<GpuAsset> {
    private GpuAssetCsvDecoder() {
        CsvCells.requireLibrary();
    }

    /**
     * Returns a decoder.
     *
     * @return a thread-safe decoder
     * @throws IllegalStateException if the library is not there
     */
    public static GpuAssetCsvDecoder create() {
        return new GpuAssetCsvDecoder();
    }

    @Override
    public void decode(ByteBuffer source, Values<? super GpuAsset> values) {
        requireNonNull(values, "values");
        new AssetCsvReading(Inflated.of(requireNonNull(source, "source"), AssetText.MOST_BYTES)).read(values);
    }
}
