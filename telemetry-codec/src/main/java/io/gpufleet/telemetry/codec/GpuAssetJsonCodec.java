package io.gpufleet.telemetry.codec;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.Codec;
import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.gpu.GpuAsset;
import java.nio.ByteBuffer;

/**
 * The JSON of an asset: the value of a record of the topic {@code gpu-assets}, and in an array, an element of a file to
 * import.
 *
 * <pre>{@code
 * {"gpu_uuid":"GPU-…","model":"NVIDIA H100 80GB HBM3","memory_gb":80,"hostname":"node-031","rack_id":"r7",
 *  "warranty_expiry":"2028-06-30","tags":{"team":"vision"}}
 * }</pre>
 *
 * <p>The members are those of the table {@code gpu_assets}: gpu_uuid (or uuid), which is needed, model, architecture,
 * compute_capability, memory_gb, hostname, pci_bus_id, rack_id, cluster_id, datacenter, region, purchase_date,
 * deployment_date, warranty_expiry, expected_eol, sla_tier, priority, tags and notes, in any order and case. Null or an
 * empty text is absent, and not written. Any other member is a tag: a text as it is, anything else as its JSON;
 * created_at and updated_at are left out.
 *
 * <p>{@link #decode(ByteBuffer, Values)} reads one object or an array of them, in which a bad element is refused with
 * its number, the value and what is allowed, and costs no other. Gzip is unpacked. Limit: 64 MiB, also unpacked.
 *
 * <p>Needs the library {@code com.fasterxml.jackson.core:jackson-core}. Thread-safe. Source: RFC 8259.
 */
public final class GpuAssetJsonCodec implements Codec<GpuAsset> {
    private GpuAssetJsonCodec() {
        JsonLibrary.require();
    }

    /**
     * Returns a codec.
     *
     * @return a thread-safe codec
     * @throws IllegalStateException if the library is not there
     */
    public static GpuAssetJsonCodec create() {
        return new GpuAssetJsonCodec();
    }

    /**
     * Returns the number of bytes of an asset's JSON, by writing it: {@link #encode(GpuAsset)} alone costs half as much
     * as both.
     */
    @Override
    public int encodedSize(GpuAsset value) {
        return encode(value).length;
    }

    @Override
    public void encode(GpuAsset value, ByteBuffer target) {
        target.put(encode(value));
    }

    @Override
    public byte[] encode(GpuAsset value) {
        return AssetJsonWriting.bytes(requireNonNull(value, "value"));
    }

    @Override
    public GpuAsset decode(ByteBuffer source) {
        int length = requireNonNull(source, "source").remaining();
        GpuAsset asset = reading(source).readOne(length);
        source.position(source.limit());
        return asset;
    }

    /**
     * Reads the asset of a record, or the assets of an array.
     *
     * @param source the bytes of an object, or of an array of objects
     * @param values takes the assets
     * @throws CodecException if the bytes, or the rest of them, are not JSON
     */
    @Override
    public void decode(ByteBuffer source, Values<? super GpuAsset> values) {
        requireNonNull(values, "values");
        reading(requireNonNull(source, "source")).readAll(source.remaining(), values);
    }

    @Override
    public void decode(byte[] source, Values<? super GpuAsset> values) {
        decode(ByteBuffer.wrap(source), values);
    }

    private static AssetJsonReading reading(ByteBuffer source) {
        Inflated unpacked = Inflated.of(source, AssetText.MOST_BYTES);
        unpacked.requireWhole(0);
        return new AssetJsonReading(AssetText.of(unpacked.bytes(), unpacked.from(), unpacked.to()));
    }
}
