package io.gpufleet.telemetry.gpu;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.Decoder;
import java.util.Optional;

/**
 * A change of an asset, as a record of the compacted topic {@code gpu-assets} says it: the asset from now on, or its
 * removal. Immutable.
 *
 * @param uuid the GPU's UUID, not blank
 * @param asset the asset from now on, of this GPU; none for a removal
 */
public record GpuAssetChange(String uuid, Optional<GpuAsset> asset) {

    /**
     * Checks the components.
     *
     * @param uuid as the component
     * @param asset as the component
     */
    public GpuAssetChange {
        if (requireNonNull(uuid, "uuid").isBlank()) {
            throw new IllegalArgumentException("uuid: \"" + uuid + "\" is blank");
        }
        requireNonNull(asset, "asset").ifPresent(known -> requireSame(uuid, known));
    }

    private static void requireSame(String uuid, GpuAsset asset) {
        if (!asset.uuid().equals(uuid)) {
            throw new IllegalArgumentException("asset: is of GPU " + asset.uuid() + ", not of " + uuid);
        }
    }

    /**
     * Returns the change to an asset.
     *
     * @param asset the asset from now on
     * @return a change
     */
    public static GpuAssetChange of(GpuAsset asset) {
        return new GpuAssetChange(requireNonNull(asset, "asset").uuid(), Optional.of(asset));
    }

    /**
     * Returns the removal of an asset.
     *
     * @param uuid the GPU's UUID, not blank
     * @return a change
     */
    public static GpuAssetChange removal(String uuid) {
        return new GpuAssetChange(uuid, Optional.empty());
    }

    /**
     * Returns the decoder of the topic's records: a record without a value, a tombstone, removes the asset of the GPU
     * that its key names in UTF-8. A tombstone without a key is refused, and so is an asset under the key of another
     * GPU, which a tombstone could not remove.
     *
     * @param assets the decoder of the values
     * @return a thread-safe decoder, if the given one is thread-safe
     */
    public static Decoder<GpuAssetChange> decoder(Decoder<GpuAsset> assets) {
        return new AssetChangeDecoder(requireNonNull(assets, "assets"));
    }
}
