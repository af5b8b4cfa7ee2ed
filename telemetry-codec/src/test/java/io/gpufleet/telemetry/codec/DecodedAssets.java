package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.Decoder;
import io.gpufleet.telemetry.gpu.GpuAsset;
import io.gpufleet.telemetry.gpu.MetricEvent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** What a decoder makes of a text of assets. Not thread-safe. */
final class DecodedAssets implements Decoder.Values<GpuAsset> {
    /** An asset of which everything is known. */
    static final GpuAsset WHOLE = new GpuAsset(
            "GPU-1",
            "NVIDIA H100 80GB HBM3",
            "Hopper",
            "9.0",
            OptionalInt.of(80),
            new MetricEvent.Host("node-031", "c1", "r7", "fra1"),
            "00000000:18:00.0",
            "eu",
            Optional.of(LocalDate.of(2024, 2, 29)),
            Optional.of(LocalDate.of(2024, 4, 1)),
            Optional.of(LocalDate.of(2027, 4, 1)),
            Optional.of(LocalDate.of(2030, 1, 1)),
            "gold",
            "1",
            Map.of("cost-center", "4711", "team", "vision"),
            "ä \"quoted\" note");

    private final List<GpuAsset> assets = new ArrayList<>();
    private final List<String> refusals = new ArrayList<>();

    static DecodedAssets of(Decoder<GpuAsset> decoder, String text) {
        return of(decoder, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Decodes bytes; an exception is the last refusal. */
    static DecodedAssets of(Decoder<GpuAsset> decoder, byte[] bytes) {
        DecodedAssets decoded = new DecodedAssets();
        try {
            decoder.decode(ByteBuffer.wrap(bytes), decoded);
        } catch (CodecException e) {
            decoded.refusals.add("end: " + e.reason());
        }
        return decoded;
    }

    @Override
    public void accept(GpuAsset asset) {
        assets.add(asset);
    }

    @Override
    public void refuse(String reason) {
        refusals.add(reason);
    }

    List<GpuAsset> assets() {
        return assets;
    }

    List<String> uuids() {
        return assets.stream().map(GpuAsset::uuid).toList();
    }

    List<String> refusals() {
        return refusals;
    }
}
