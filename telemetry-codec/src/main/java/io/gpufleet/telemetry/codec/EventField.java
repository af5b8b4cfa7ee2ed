package io.gpufleet.telemetry.codec;

/**
 * A member of a metric event that is no reading: its place in the JSON, and what it holds. In the order of the JSON.
 */
enum EventField {
    SCHEMA_VERSION("schema_version", Kind.TEXT),
    EVENT_TYPE("event_type", Kind.TEXT),
    TIMESTAMP("timestamp", Kind.TIME),
    COLLECTION_TIMESTAMP("collection_timestamp", Kind.TIME),
    GPU_UUID("gpu.gpu_uuid", Kind.TEXT),
    GPU_ID("gpu.gpu_id", Kind.CODE),
    DEVICE_INDEX("gpu.device_index", Kind.INTEGER),
    PCI_BUS_ID("gpu.pci_bus_id", Kind.TEXT),
    GPU_NAME("gpu.name", Kind.TEXT),
    ARCHITECTURE("gpu.architecture", Kind.TEXT),
    COMPUTE_CAPABILITY("gpu.compute_capability", Kind.CODE),
    HOSTNAME("host.hostname", Kind.TEXT),
    CLUSTER("host.cluster", Kind.TEXT),
    RACK("host.rack", Kind.TEXT),
    DATACENTER("host.datacenter", Kind.TEXT),
    DRIVER_VERSION("driver_version", Kind.TEXT),
    THROTTLE_REASONS("metrics.health.throttle_reasons_decoded", Kind.TEXTS),
    COLLECTION_LATENCY("quality.collection_latency_ms", Kind.NUMBER),
    STALE("quality.stale", Kind.FLAG),
    SAMPLE_COUNT("quality.sample_count", Kind.LONG),
    ERROR("quality.error", Kind.TEXT),
    VALIDATION_TIMESTAMP("quality.validation_timestamp", Kind.TIME),
    VALIDATION_VERSION("quality.validation_version", Kind.TEXT),
    VALIDATION_PASSED("quality.validation_passed", Kind.FLAG),
    QUALITY_FLAGS("quality.quality_flags", Kind.TEXTS),
    ENRICHMENT_TIMESTAMP("quality.enrichment_timestamp", Kind.TIME),
    ENRICHMENT_VERSION("quality.enrichment_version", Kind.TEXT),
    ASSET_FOUND("quality.asset_metadata_found", Kind.FLAG),
    ASSET_UUID("asset.gpu_uuid", Kind.TEXT),
    ASSET_MODEL("asset.model", Kind.TEXT),
    ASSET_ARCHITECTURE("asset.architecture", Kind.TEXT),
    ASSET_COMPUTE_CAPABILITY("asset.compute_capability", Kind.CODE),
    ASSET_MEMORY("asset.memory_gb", Kind.INTEGER),
    ASSET_HOSTNAME("asset.hostname", Kind.TEXT),
    ASSET_PCI_BUS_ID("asset.pci_bus_id", Kind.TEXT),
    ASSET_RACK("asset.rack_id", Kind.TEXT),
    ASSET_CLUSTER("asset.cluster_id", Kind.TEXT),
    ASSET_DATACENTER("asset.datacenter", Kind.TEXT),
    ASSET_REGION("asset.region", Kind.TEXT),
    ASSET_PURCHASED("asset.purchase_date", Kind.DATE),
    ASSET_DEPLOYED("asset.deployment_date", Kind.DATE),
    ASSET_WARRANTY("asset.warranty_expiry", Kind.DATE),
    ASSET_END("asset.expected_eol", Kind.DATE),
    ASSET_SLA_TIER("asset.sla_tier", Kind.TEXT),
    ASSET_PRIORITY("asset.priority", Kind.CODE),
    ASSET_TAGS("asset.tags", Kind.TAGS),
    ASSET_NOTES("asset.notes", Kind.TEXT);

    /** What a member holds, and the type of its value in Java. */
    enum Kind {
        /** A {@code String}. */
        TEXT("a text"),
        /** A {@code String}, written as text or as a number. */
        CODE("a text"),
        /** An {@code Instant}. */
        TIME("an RFC 3339 time with an offset, for example 2026-03-01T12:00:00Z"),
        /** A {@code LocalDate}. */
        DATE("a date"),
        /** An {@code Integer} of 0 or more. */
        INTEGER("a whole number of 0 or more"),
        /** A {@code Long}. */
        LONG("a whole number"),
        /** A {@code Double}. */
        NUMBER("a number"),
        /** A {@code Boolean}. */
        FLAG("true or false"),
        /** A list of {@code String}. */
        TEXTS("a list of texts"),
        /** A map of {@code String} by {@code String}. */
        TAGS("an object of texts");

        private final String allowed;

        Kind(String allowed) {
            this.allowed = allowed;
        }

        /** Returns what is allowed, for an error. */
        String allowed() {
            return allowed;
        }
    }

    private final String path;
    private final Kind kind;
    private final boolean remark;
    private final boolean checked;

    EventField(String path, Kind kind) {
        this.path = path;
        this.kind = kind;
        this.remark = path.startsWith("quality.");
        this.checked = !remark && !path.startsWith("asset.");
    }

    String path() {
        return path;
    }

    Kind kind() {
        return kind;
    }

    /** Returns whether a value of another kind is a fault; remarks and assets are kept as they came. */
    boolean isChecked() {
        return checked;
    }

    /** Returns whether the member is a remark of a stage. */
    boolean isRemark() {
        return remark;
    }
}
