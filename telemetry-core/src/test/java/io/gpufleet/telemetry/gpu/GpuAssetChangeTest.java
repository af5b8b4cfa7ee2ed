package io.gpufleet.telemetry.gpu;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gpufleet.telemetry.Decoder;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.SourceRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class GpuAssetChangeTest {
    private static final MetricEvent.Host HOST = MetricEvent.Host.of("n1");

    /** A decoder of assets of which only the UUID is written down. */
    private static final Decoder<GpuAsset> UUIDS =
            (source, values) -> values.accept(GpuAsset.of(UTF_8.decode(source).toString(), "H100", HOST));

    private final List<GpuAssetChange> changes = new ArrayList<>();
    private final List<String> refused = new ArrayList<>();
    private final Decoder.Values<GpuAssetChange> values = new Decoder.Values<>() {
        @Override
        public void accept(GpuAssetChange change) {
            changes.add(change);
        }

        @Override
        public void refuse(String reason) {
            refused.add(reason);
        }
    };

    private void decode(@Nullable String key, @Nullable String value) {
        SourceRecord record = SourceRecord.builder(new SourcePartition("gpu-assets", 0), 0)
                .key(key == null ? null : key.getBytes(UTF_8))
                .value(value == null ? null : value.getBytes(UTF_8))
                .build();
        GpuAssetChange.decoder(UUIDS).decode(record, values);
    }

    @Test
    void decoder_readsAnAssetUnderItsKeyOrWithoutOne() {
        decode("GPU-1", "GPU-1");
        decode(null, "GPU-2");

        assertThat(changes)
                .containsExactly(
                        GpuAssetChange.of(GpuAsset.of("GPU-1", "H100", HOST)),
                        GpuAssetChange.of(GpuAsset.of("GPU-2", "H100", HOST)));
        assertThat(refused).isEmpty();
    }

    @Test
    void decoder_readsARecordWithoutAValueAsARemoval() {
        decode("GPU-1", null);

        assertThat(GpuAssetChange.decoder(UUIDS).readsTombstones()).isTrue();
        assertThat(UUIDS.readsTombstones()).isFalse();
        assertThat(changes).containsExactly(GpuAssetChange.removal("GPU-1"));
    }

    @Test
    void decoder_refusesARemovalOfNoGpu() {
        decode(null, null);
        decode(" ", null);

        assertThat(changes).isEmpty();
        assertThat(refused)
                .containsOnly(
                        "key: none of a record without a value; allowed: the UUID of the GPU whose asset it removes")
                .hasSize(2);
    }

    @Test
    void decoder_refusesAnAssetUnderTheKeyOfAnother() {
        decode("GPU-1", "GPU-2");

        assertThat(changes).isEmpty();
        assertThat(refused).containsExactly("key: \"GPU-1\" is not the UUID of the asset; allowed: GPU-2");
    }

    @Test
    void decoder_readsBytesWithoutTheirRecord() {
        Decoder<GpuAssetChange> decoder = GpuAssetChange.decoder(UUIDS);

        decoder.decode("GPU-3".getBytes(UTF_8), values);

        assertThat(changes).containsExactly(GpuAssetChange.of(GpuAsset.of("GPU-3", "H100", HOST)));
        byte[] record = {1, 2};
        assertThat(decoder.excerpt(record, new TreeSet<>(List.of(0)))).isSameAs(record);
    }

    @Test
    void decoder_passesTheKindOfARefusalOn() {
        List<String> kinds = new ArrayList<>();
        Decoder.Values<GpuAssetChange> ofKinds = new Decoder.Values<>() {
            @Override
            public void accept(GpuAssetChange change) {
                changes.add(change);
            }

            @Override
            public void refuse(String reason) {
                refused.add(reason);
            }

            @Override
            public void refuse(String reason, String kind) {
                kinds.add(kind);
            }
        };

        GpuAssetChange.decoder((source, assets) -> assets.refuse("line 1: bad", "bad"))
                .decode(new byte[0], ofKinds);

        assertThat(kinds).containsExactly("bad");
        assertThat(refused).isEmpty();
    }

    @Test
    void change_isOfOneGpu() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GpuAssetChange.removal(""))
                .withMessage("uuid: \"\" is blank");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new GpuAssetChange("a", Optional.of(GpuAsset.of("b", "H100", HOST))))
                .withMessage("asset: is of GPU b, not of a");
    }
}
