package io.gpufleet.telemetry.codec;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.gpu.GpuAsset;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** CSV of assets, from a database and from spreadsheets, and what it means. */
class GpuAssetCsvDecoderTest {
    private static final String EXPORT = """
            gpu_uuid,model,architecture,compute_capability,memory_gb,hostname,pci_bus_id,rack_id,cluster_id,datacenter,region,purchase_date,deployment_date,warranty_expiry,expected_eol,sla_tier,priority,tags,notes,created_at,updated_at
            GPU-1,NVIDIA H100 80GB HBM3,Hopper,9.0,80,node-031,00000000:18:00.0,r7,c1,fra1,eu,2024-02-29,2024-04-01,2027-04-01,2030-01-01,gold,1,"{""team"": ""vision"", ""cost-center"": ""4711""}","ä ""quoted"" note",2026-01-01 00:00:00+00,2026-01-01 00:00:00+00
            """;

    private final GpuAssetCsvDecoder decoder = GpuAssetCsvDecoder.create();

    private DecodedAssets decode(String text) {
        return DecodedAssets.of(decoder, text);
    }

    @Test
    void decode_readsAnExportOfTheTable() {
        assertThat(decode(EXPORT).assets()).containsExactly(DecodedAssets.WHOLE);
    }

    @Test
    void decode_readsTheFileOfASpreadsheet() {
        DecodedAssets decoded = decode("\ufeffModel;UUID;Team;Rack_ID\r\nH100; GPU-1 ;vision;r7\r\n\r\nB200;GPU-2;;");

        assertThat(decoded.refusals()).isEmpty();
        assertThat(decoded.uuids()).containsExactly("GPU-1", "GPU-2");
        GpuAsset first = decoded.assets().get(0);
        assertThat(first.model()).isEqualTo("H100");
        assertThat(first.host().rack()).isEqualTo("r7");
        assertThat(first.tags()).containsEntry("Team", "vision").hasSize(1);
        assertThat(decoded.assets().get(1).tags()).isEmpty();
        assertThat(decode("uuid\tmodel\nGPU-3\tH100\n").uuids()).containsExactly("GPU-3");
    }

    @Test
    void decode_refusesBadRowsAndReadsTheOthers() {
        DecodedAssets decoded = decode("""
                gpu_uuid,memory_gb,warranty_expiry,tags
                GPU-1,80GB,,
                GPU-2,80,,
                ,80,,
                GPU-4,,31.12.2027,
                GPU-5,,2027-02-30,
                GPU-6,-1,,
                GPU-7,,
                "two
                lines",,,
                GPU-8,,,"{""a"":"
                GPU-9,,,[]
                GPU-a\0b,,,
                GPU-10,,,"{""a"": 1, ""b"": null, ""c"": {""d"": [1]}}"
                """);

        assertThat(decoded.uuids()).containsExactly("GPU-2", "two\nlines", "GPU-10");
        assertThat(decoded.assets().get(2).tags())
                .containsEntry("a", "1")
                .containsEntry("c", "{\"d\": [1]}")
                .hasSize(2);
        assertThat(decoded.refusals())
                .containsExactly(
                        "line 2: memory_gb \"80GB\" is not a whole number from 0 to 2147483647",
                        "line 4: gpu_uuid is missing; allowed: the UUID of a GPU",
                        "line 5: warranty_expiry \"31.12.2027\" is not a date, for example 2026-03-31",
                        "line 6: warranty_expiry \"2027-02-30\" is not a date, for example 2026-03-31",
                        "line 7: memory_gb \"-1\" is not a whole number from 0 to 2147483647",
                        "line 8: expected 4 fields, found 3",
                        "line 11: tags \"{\"a\":\": no JSON: \"" + jacksons(decoded)
                                + "\"; allowed: a JSON object such as" + " {\"team\": \"vision\"}",
                        "line 12: tags \"[]\": no JSON object; allowed: a JSON object such as {\"team\": \"vision\"}",
                        "line 13: gpu_uuid has the character U+0000; allowed: text without it");
    }

    /** Returns the words of the JSON library, which are its own. */
    private static String jacksons(DecodedAssets decoded) {
        String reason = decoded.refusals().get(6);
        String before = "no JSON: \"";
        return reason.substring(reason.indexOf(before) + before.length(), reason.indexOf("\"; allowed"));
    }

    @Test
    void decode_namesAQuoteThatIsNeverClosed() {
        DecodedAssets decoded = decode("uuid,notes\nGPU-1,a\nGPU-2,\"open\nGPU-3,b\n");

        assertThat(decoded.uuids()).containsExactly("GPU-1");
        assertThat(decoded.refusals()).containsExactly("line 3: quote opened in line 3 is never closed");
    }

    @Test
    void decode_refusesBytesOfAnotherEncoding() {
        DecodedAssets decoded = DecodedAssets.of(decoder, "uuid,notes\nGPU-1,Gerät\nGPU-2,b\n".getBytes(ISO_8859_1));

        assertThat(decoded.uuids()).containsExactly("GPU-2");
        assertThat(decoded.refusals()).containsExactly("line 2: bytes are not UTF-8");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''                      | column missing: gpu_uuid
            'model,rack_id'         | column missing: gpu_uuid
            'uuid,gpu_uuid'         | column "gpu_uuid" stands twice
            'uuid,Team,Team'        | column "Team" stands twice
            '"uuid'                 | column missing: gpu_uuid
            """)
    void decode_refusesAHeader(String header, String reason) {
        DecodedAssets decoded = decode(header + "\nGPU-1,b,c\n");

        assertThat(decoded.assets()).isEmpty();
        assertThat(decoded.refusals()).containsExactly("end: " + reason);
    }

    @Test
    void decode_readsAllWholeRowsOfGzipThatIsCutOff() throws IOException {
        StringBuilder text = new StringBuilder("uuid,notes\n");
        for (int i = 0; i < 2_000; i++) {
            text.append("GPU-").append(i).append(",").append(i * 31).append('\n');
        }
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(text.toString().getBytes(UTF_8));
        }
        byte[] bytes = packed.toByteArray();

        assertThat(DecodedAssets.of(decoder, bytes).assets()).hasSize(2_000);
        DecodedAssets cut = DecodedAssets.of(decoder, Arrays.copyOf(bytes, bytes.length / 2));
        assertThat(cut.assets()).hasSizeBetween(500, 1_999);
        assertThat(cut.refusals())
                .containsExactly("end: unexpected end of gzip data after line "
                        + (cut.assets().size() + 1));
    }

    @Test
    void decode_ofEveryTruncation_refusesOrReads() {
        byte[] bytes = EXPORT.getBytes(UTF_8);
        for (int length = 0; length < bytes.length; length++) {
            DecodedAssets decoded = DecodedAssets.of(decoder, Arrays.copyOf(bytes, length));

            assertThat(decoded.assets().size() + decoded.refusals().size()).isLessThanOrEqualTo(1);
        }
    }
}
