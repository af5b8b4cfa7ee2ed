package io.gpufleet.telemetry.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.gpu.GpuAsset;
import io.gpufleet.telemetry.gpu.MetricEvent;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** JSON of assets, and what it means. */
class GpuAssetJsonCodecTest {
    private final GpuAssetJsonCodec codec = GpuAssetJsonCodec.create();

    private DecodedAssets decode(String text) {
        return DecodedAssets.of(codec, text);
    }

    @Test
    void roundTrip_keepsAllThatIsKnown() {
        GpuAsset bare = GpuAsset.of("GPU-2", "", MetricEvent.Host.of(""));

        assertThat(new String(codec.encode(bare), UTF_8)).isEqualTo("{\"gpu_uuid\":\"GPU-2\"}");
        for (GpuAsset asset : new GpuAsset[] {DecodedAssets.WHOLE, bare}) {
            ByteBuffer buffer = ByteBuffer.allocate(codec.encodedSize(asset) + 2);
            buffer.position(1);
            codec.encode(asset, buffer);
            buffer.flip().position(1);

            assertThat(codec.decode(buffer)).isEqualTo(asset);
            assertThat(buffer.remaining()).isZero();
            assertThat(codec.decode(codec.encode(asset))).isEqualTo(asset);
        }
    }

    @Test
    void decode_readsUnknownMembersAsTags() {
        GpuAsset asset = codec.decode("""
                {"UUID": "GPU-1", "Memory_GB": "80", "team": "vision", "slots": [1, 2], "n": 7, "none": null,
                 "tags": {"a": "b", "deep": {"c": 1}, "x": null}, "created_at": "2026-01-01", "notes": null}
                """.getBytes(UTF_8));

        assertThat(asset.memoryGb()).hasValue(80);
        assertThat(asset.notes()).isEmpty();
        assertThat(asset.tags())
                .containsEntry("team", "vision")
                .containsEntry("slots", "[1, 2]")
                .containsEntry("n", "7")
                .containsEntry("a", "b")
                .containsEntry("deep", "{\"c\": 1}")
                .hasSize(5);
    }

    @Test
    void decode_refusesBadElementsAndReadsTheOthers() {
        DecodedAssets decoded = decode("""
                [{"gpu_uuid": "GPU-1"}, 7, {"model": "H100"}, {"uuid": "GPU-4", "gpu_uuid": "GPU-4"},
                 {"gpu_uuid": "GPU-5", "tags": "a", "memory_gb": 1.5}, {"gpu_uuid": "GPU-6", "tags": {"a\\u0000": "b", "c": "d"}},
                 ["GPU-7"], {"gpu_uuid": "GPU-8", "notes": "\\ud800"}, {"gpu_uuid": "GPU-9"}]
                """);

        assertThat(decoded.uuids()).containsExactly("GPU-1", "GPU-9");
        assertThat(decoded.refusals())
                .containsExactly(
                        "element 2: no JSON object",
                        "element 3: gpu_uuid is missing; allowed: the UUID of a GPU",
                        "element 4: member \"gpu_uuid\" stands twice",
                        "element 5: tags: no JSON object",
                        "element 6: tags has the character U+0000; allowed: text without it",
                        "element 7: no JSON object",
                        "element 8: notes has the character U+D800; allowed: text without it");
    }

    @Test
    void decode_readsTheElementsBeforeDamage() {
        DecodedAssets decoded = decode("[{\"gpu_uuid\": \"GPU-1\"}, {\"gpu_uuid\": }]");

        assertThat(decoded.uuids()).containsExactly("GPU-1");
        assertThat(decoded.refusals()).hasSize(1).first().asString().startsWith("end: no JSON: \"");
        assertThat(decode("").refusals()).containsExactly("end: no JSON object");
        assertThat(decode("{\"gpu_uuid\": \"GPU-1\"} {}").refusals())
                .containsExactly("end: text behind the JSON value");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', textBlock = """
            '[{"gpu_uuid":"GPU-1"}]'              | no JSON object
            '{"gpu_uuid":"GPU-1"} x'              | no JSON
            '{"gpu_uuid":"GPU-1","memory_gb":-2}' | memory_gb "-2" is not a whole number from 0 to 2147483647
            '{}'                                  | gpu_uuid is missing; allowed: the UUID of a GPU
            """)
    void decode_ofOneRefuses(String text, String reason) {
        assertThatExceptionOfType(CodecException.class)
                .isThrownBy(() -> codec.decode(text.getBytes(UTF_8)))
                .satisfies(e -> assertThat(e.reason()).startsWith(reason));
    }

    @Test
    void decode_ofEveryTruncation_refuses() {
        byte[] bytes = codec.encode(DecodedAssets.WHOLE);
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);

            assertThatExceptionOfType(CodecException.class).isThrownBy(() -> codec.decode(cut));
            assertThat(DecodedAssets.of(codec, cut).assets()).isEmpty();
        }
    }
}
