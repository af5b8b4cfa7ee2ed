package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.gpu.GpuAsset;
import io.gpufleet.telemetry.gpu.MetricEvent;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The fields of an asset by the names of their columns in {@code gpu_assets}, as texts, and the asset that they make.
 * Fields that are not known are tags. Not thread-safe.
 */
final class AssetFields {
    static final String UUID = "gpu_uuid";
    static final String MODEL = "model";
    static final String ARCHITECTURE = "architecture";
    static final String COMPUTE_CAPABILITY = "compute_capability";
    static final String MEMORY = "memory_gb";
    static final String HOST = "hostname";
    static final String PCI_ADDRESS = "pci_bus_id";
    static final String RACK = "rack_id";
    static final String CLUSTER = "cluster_id";
    static final String DATACENTER = "datacenter";
    static final String REGION = "region";
    static final String PURCHASED = "purchase_date";
    static final String DEPLOYED = "deployment_date";
    static final String WARRANTY = "warranty_expiry";
    static final String END = "expected_eol";
    static final String SLA_TIER = "sla_tier";
    static final String PRIORITY = "priority";
    static final String NOTES = "notes";

    /** The field of the tags themselves, as an object. */
    static final String TAGS = "tags";

    private static final List<String> KNOWN = List.of(
            UUID,
            MODEL,
            ARCHITECTURE,
            COMPUTE_CAPABILITY,
            MEMORY,
            HOST,
            PCI_ADDRESS,
            RACK,
            CLUSTER,
            DATACENTER,
            REGION,
            PURCHASED,
            DEPLOYED,
            WARRANTY,
            END,
            SLA_TIER,
            PRIORITY,
            NOTES,
            TAGS);

    /** What the table adds to a row by itself. */
    private static final List<String> IGNORED = List.of("created_at", "updated_at");

    private static final int MOST_YEAR = 9999;

    private final Map<String, String> fields = new HashMap<>();
    private final Map<String, String> tags = new LinkedHashMap<>();

    /** Returns the known name of a field; a name that is not known unchanged. */
    static String name(String written) {
        String name = written.strip().toLowerCase(Locale.ROOT);
        String known = name.equals("uuid") ? UUID : name;
        return KNOWN.contains(known) || IGNORED.contains(known) ? known : written.strip();
    }

    /**
     * Adds a field; a blank one is absent.
     *
     * @param name a name as {@link #name} returns it
     * @throws CodecException if the text cannot be stored
     */
    void put(String name, String value) {
        String text = storable(name, value.strip());
        if (text.isEmpty() || IGNORED.contains(name)) {
            return;
        }
        if (KNOWN.contains(name)) {
            fields.put(name, text);
        } else {
            tags.put(storable(Quotation.of(name), name), text);
        }
    }

    /**
     * Adds a tag.
     *
     * @throws CodecException if the text cannot be stored
     */
    void tag(String name, String value) {
        tags.put(storable(TAGS, name), storable(TAGS, value));
    }

    /** Refuses what no database of PostgreSQL takes. */
    private static String storable(String name, String text) {
        for (int i = 0; i < text.length(); ) {
            int character = text.codePointAt(i);
            if (character == 0 || Character.getType(character) == Character.SURROGATE) {
                throw refuse(String.format(
                        Locale.ROOT, "%s has the character U+%04X; allowed: text without it", name, character));
            }
            i += Character.charCount(character);
        }
        return text;
    }

    /**
     * Returns the asset.
     *
     * @throws CodecException if it has no UUID, or a field is not what it must be
     */
    GpuAsset asset() {
        if (text(UUID).isEmpty()) {
            throw refuse(UUID + " is missing; allowed: the UUID of a GPU");
        }
        return new GpuAsset(
                text(UUID),
                text(MODEL),
                text(ARCHITECTURE),
                text(COMPUTE_CAPABILITY),
                memory(),
                new MetricEvent.Host(text(HOST), text(CLUSTER), text(RACK), text(DATACENTER)),
                text(PCI_ADDRESS),
                text(REGION),
                date(PURCHASED),
                date(DEPLOYED),
                date(WARRANTY),
                date(END),
                text(SLA_TIER),
                text(PRIORITY),
                tags,
                text(NOTES));
    }

    private String text(String name) {
        return fields.getOrDefault(name, "");
    }

    private OptionalInt memory() {
        String text = text(MEMORY);
        if (text.isEmpty()) {
            return OptionalInt.empty();
        }
        try {
            int memory = Integer.parseInt(text);
            if (memory >= 0) {
                return OptionalInt.of(memory);
            }
        } catch (NumberFormatException noNumber) {
            // Refused below, like a negative one.
        }
        throw refuse(MEMORY + " " + Quotation.of(text) + " is not a whole number from 0 to " + Integer.MAX_VALUE);
    }

    private Optional<LocalDate> date(String name) {
        String text = text(name);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            LocalDate date = LocalDate.parse(text);
            if (date.getYear() >= 1 && date.getYear() <= MOST_YEAR) {
                return Optional.of(date);
            }
        } catch (DateTimeException noDate) {
            // Refused below, like one of another millennium.
        }
        throw refuse(name + " " + Quotation.of(text) + " is not a date, for example 2026-03-31");
    }

    static CodecException refuse(String reason) {
        return new CodecException(reason, 0);
    }
}
