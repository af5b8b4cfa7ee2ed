package io.gpufleet.telemetry.gpu;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gpufleet.telemetry.Decoder;
import io.gpufleet.telemetry.SourceRecord;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.SortedSet;

/** A decoder of the changes of assets, on top of one of assets. Thread-safe, if that one is. */
final class AssetChangeDecoder implements Decoder<GpuAssetChange> {
    private final Decoder<GpuAsset> assets;

    AssetChangeDecoder(Decoder<GpuAsset> assets) {
        this.assets = assets;
    }

    @Override
    public boolean readsTombstones() {
        return true;
    }

    @Override
    public void decode(SourceRecord source, Values<? super GpuAssetChange> values) {
        Optional<String> key = source.key().map(bytes -> new String(bytes, UTF_8));
        if (source.value().isPresent()) {
            assets.decode(source, new Changes(key, values));
        } else if (key.isEmpty() || key.get().isBlank()) {
            values.refuse("key: none of a record without a value; allowed: the UUID of the GPU whose asset it removes");
        } else {
            values.accept(GpuAssetChange.removal(key.get()));
        }
    }

    @Override
    public void decode(ByteBuffer source, Values<? super GpuAssetChange> values) {
        assets.decode(source, new Changes(Optional.empty(), values));
    }

    @Override
    public byte[] excerpt(byte[] source, SortedSet<Integer> indexes) {
        return assets.excerpt(source, indexes);
    }

    private record Changes(Optional<String> key, Values<? super GpuAssetChange> values) implements Values<GpuAsset> {
        @Override
        public void accept(GpuAsset asset) {
            if (key.filter(name -> !name.equals(asset.uuid())).isPresent()) {
                refuse("key: \"" + key.get() + "\" is not the UUID of the asset; allowed: " + asset.uuid());
            } else {
                values.accept(GpuAssetChange.of(asset));
            }
        }

        @Override
        public void refuse(String reason) {
            values.refuse(reason);
        }

        @Override
        public void refuse(String reason, String kind) {
            values.refuse(reason, kind);
        }
    }
}
