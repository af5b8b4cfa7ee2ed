package io.gpufleet.telemetry.codec;

import com.fasterxml.jackson.core.JsonGenerator;
import io.gpufleet.telemetry.gpu.GpuAsset;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.LocalDate;
import java.util.Map;
import java.util.Optional;

/** The writing of an asset as a JSON object, without what is absent. */
final class AssetJsonWriting {
    private AssetJsonWriting() {}

    static byte[] bytes(GpuAsset asset) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JsonReading.FACTORY.createGenerator(bytes)) {
            write(json, asset);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }

    private static void write(JsonGenerator json, GpuAsset asset) throws IOException {
        json.writeStartObject();
        write(json, AssetFields.UUID, asset.uuid());
        write(json, AssetFields.MODEL, asset.model());
        write(json, AssetFields.ARCHITECTURE, asset.architecture());
        write(json, AssetFields.COMPUTE_CAPABILITY, asset.computeCapability());
        if (asset.memoryGb().isPresent()) {
            json.writeNumberField(AssetFields.MEMORY, asset.memoryGb().getAsInt());
        }
        write(json, AssetFields.HOST, asset.host().hostname());
        write(json, AssetFields.PCI_ADDRESS, asset.pciBusId());
        write(json, AssetFields.RACK, asset.host().rack());
        write(json, AssetFields.CLUSTER, asset.host().cluster());
        write(json, AssetFields.DATACENTER, asset.host().datacenter());
        write(json, AssetFields.REGION, asset.region());
        write(json, AssetFields.PURCHASED, asset.purchased());
        write(json, AssetFields.DEPLOYED, asset.deployed());
        write(json, AssetFields.WARRANTY, asset.warrantyUntil());
        write(json, AssetFields.END, asset.expectedEnd());
        write(json, AssetFields.SLA_TIER, asset.slaTier());
        write(json, AssetFields.PRIORITY, asset.priority());
        write(json, asset.tags());
        write(json, AssetFields.NOTES, asset.notes());
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, String name, String text) throws IOException {
        if (!text.isEmpty()) {
            json.writeStringField(name, text);
        }
    }

    private static void write(JsonGenerator json, String name, Optional<LocalDate> date) throws IOException {
        if (date.isPresent()) {
            json.writeStringField(name, date.get().toString());
        }
    }

    private static void write(JsonGenerator json, Map<String, String> tags) throws IOException {
        if (tags.isEmpty()) {
            return;
        }
        json.writeObjectFieldStart(AssetFields.TAGS);
        for (Map.Entry<String, String> tag : tags.entrySet()) {
            json.writeStringField(tag.getKey(), tag.getValue());
        }
        json.writeEndObject();
    }
}
