package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.gpu.GpuAsset;
import io.gpufleet.telemetry.gpu.GpuReading;
import io.gpufleet.telemetry.gpu.MetricEvent;
import io.gpufleet.telemetry.gpu.MetricEvent.Gpu;
import io.gpufleet.telemetry.gpu.MetricEvent.Host;
import io.gpufleet.telemetry.gpu.MetricEvent.Quality;
import io.gpufleet.telemetry.gpu.ThrottleReasons;
import java.time.Instant;
import java.time.LocalDate;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The values of the members of a metric event that are no readings. Not thread-safe. */
final class EventValues {
    private final Map<EventField, Object> values = new EnumMap<>(EventField.class);
    private boolean hasQuality;

    /** Takes the values of an event. */
    static EventValues of(MetricEvent event) {
        EventValues values = new EventValues();
        values.set(EventField.SCHEMA_VERSION, event.schemaVersion());
        values.set(EventField.EVENT_TYPE, event.eventType());
        values.set(EventField.TIMESTAMP, event.time());
        values.set(EventField.COLLECTION_TIMESTAMP, event.collectionTime());
        values.set(EventField.DRIVER_VERSION, event.driverVersion());
        values.set(EventField.THROTTLE_REASONS, reasons(event));
        values.take(event.gpu());
        values.take(event.host());
        values.take(event.quality());
        event.asset().ifPresent(values::take);
        return values;
    }

    /** Returns the names of the reasons, none if there is no mask of them. */
    static List<String> reasons(MetricEvent event) {
        OptionalLong mask = event.count(GpuReading.THROTTLE_REASONS);
        return mask.isPresent() && mask.getAsLong() >= 0 ? new ThrottleReasons(mask.getAsLong()).names() : List.of();
    }

    private void take(Gpu gpu) {
        set(EventField.GPU_UUID, gpu.uuid());
        set(EventField.GPU_ID, gpu.id());
        gpu.index().ifPresent(index -> set(EventField.DEVICE_INDEX, (Integer) index));
        set(EventField.PCI_BUS_ID, gpu.pciBusId());
        set(EventField.GPU_NAME, gpu.name());
        set(EventField.ARCHITECTURE, gpu.architecture());
        set(EventField.COMPUTE_CAPABILITY, gpu.computeCapability());
    }

    private void take(Host host) {
        set(EventField.HOSTNAME, host.hostname());
        set(EventField.CLUSTER, host.cluster());
        set(EventField.RACK, host.rack());
        set(EventField.DATACENTER, host.datacenter());
    }

    private void take(Quality quality) {
        quality.collectionLatencyMs().ifPresent(latency -> set(EventField.COLLECTION_LATENCY, (Double) latency));
        set(EventField.STALE, quality.stale());
        quality.sampleCount().ifPresent(count -> set(EventField.SAMPLE_COUNT, (Long) count));
        set(EventField.ERROR, quality.error());
        set(EventField.VALIDATION_TIMESTAMP, quality.validationTime());
        set(EventField.VALIDATION_VERSION, quality.validationVersion());
        set(EventField.VALIDATION_PASSED, quality.validationPassed());
        set(EventField.QUALITY_FLAGS, quality.flags());
        set(EventField.ENRICHMENT_TIMESTAMP, quality.enrichmentTime());
        set(EventField.ENRICHMENT_VERSION, quality.enrichmentVersion());
        set(EventField.ASSET_FOUND, quality.assetFound());
    }

    private void take(GpuAsset asset) {
        set(EventField.ASSET_UUID, asset.uuid());
        set(EventField.ASSET_MODEL, asset.model());
        set(EventField.ASSET_ARCHITECTURE, asset.architecture());
        set(EventField.ASSET_COMPUTE_CAPABILITY, asset.computeCapability());
        asset.memoryGb().ifPresent(memory -> set(EventField.ASSET_MEMORY, (Integer) memory));
        set(EventField.ASSET_HOSTNAME, asset.host().hostname());
        set(EventField.ASSET_RACK, asset.host().rack());
        set(EventField.ASSET_CLUSTER, asset.host().cluster());
        set(EventField.ASSET_DATACENTER, asset.host().datacenter());
        set(EventField.ASSET_PCI_BUS_ID, asset.pciBusId());
        set(EventField.ASSET_REGION, asset.region());
        set(EventField.ASSET_PURCHASED, asset.purchased());
        set(EventField.ASSET_DEPLOYED, asset.deployed());
        set(EventField.ASSET_WARRANTY, asset.warrantyUntil());
        set(EventField.ASSET_END, asset.expectedEnd());
        set(EventField.ASSET_SLA_TIER, asset.slaTier());
        set(EventField.ASSET_PRIORITY, asset.priority());
        set(EventField.ASSET_TAGS, asset.tags());
        set(EventField.ASSET_NOTES, asset.notes());
    }

    private void set(EventField field, Optional<?> value) {
        value.ifPresent(present -> set(field, present));
    }

    /** Sets a value of the field's kind; an empty text, list or map is none. */
    void set(EventField field, Object value) {
        if (!isEmpty(field.kind(), value)) {
            values.put(field, value);
            hasQuality |= field.isRemark();
        }
    }

    /** Asks for the kind first: whether a text is also a list takes longer to find out. */
    private static boolean isEmpty(EventField.Kind kind, Object value) {
        return switch (kind) {
            case TEXT, CODE -> value instanceof String text && text.isEmpty();
            case TEXTS -> value instanceof List<?> list && list.isEmpty();
            case TAGS -> value instanceof Map<?, ?> map && map.isEmpty();
            case TIME, DATE, INTEGER, LONG, NUMBER, FLAG -> false;
        };
    }

    /** Returns the value of a field, if it has one. */
    @Nullable
    Object get(EventField field) {
        return values.get(field);
    }

    /**
     * Sets an event's members to these values.
     *
     * @param asset whether there is an asset
     */
    MetricEvent.Builder into(MetricEvent.Builder event, boolean asset) {
        event.gpu(gpu())
                .host(host(EventField.HOSTNAME, EventField.CLUSTER, EventField.RACK, EventField.DATACENTER))
                .schemaVersion(text(EventField.SCHEMA_VERSION))
                .eventType(text(EventField.EVENT_TYPE))
                .driverVersion(text(EventField.DRIVER_VERSION));
        if (get(EventField.TIMESTAMP) instanceof Instant time) {
            event.time(time);
        }
        if (get(EventField.COLLECTION_TIMESTAMP) instanceof Instant time) {
            event.collectionTime(time);
        }
        if (hasQuality) {
            event.quality(quality());
        }
        return asset ? event.asset(Optional.of(asset())) : event;
    }

    private Gpu gpu() {
        return new Gpu(
                text(EventField.GPU_UUID),
                text(EventField.GPU_ID),
                integer(EventField.DEVICE_INDEX),
                text(EventField.PCI_BUS_ID),
                text(EventField.GPU_NAME),
                text(EventField.ARCHITECTURE),
                text(EventField.COMPUTE_CAPABILITY));
    }

    private Host host(EventField name, EventField cluster, EventField rack, EventField datacenter) {
        return new Host(text(name), text(cluster), text(rack), text(datacenter));
    }

    private Quality quality() {
        return new Quality(
                get(EventField.COLLECTION_LATENCY) instanceof Double latency
                        ? OptionalDouble.of(latency)
                        : OptionalDouble.empty(),
                value(EventField.STALE, Boolean.class),
                get(EventField.SAMPLE_COUNT) instanceof Long count ? OptionalLong.of(count) : OptionalLong.empty(),
                text(EventField.ERROR),
                value(EventField.VALIDATION_TIMESTAMP, Instant.class),
                text(EventField.VALIDATION_VERSION),
                value(EventField.VALIDATION_PASSED, Boolean.class),
                flags(),
                value(EventField.ENRICHMENT_TIMESTAMP, Instant.class),
                text(EventField.ENRICHMENT_VERSION),
                value(EventField.ASSET_FOUND, Boolean.class));
    }

    private List<String> flags() {
        return get(EventField.QUALITY_FLAGS) instanceof List<?> flags
                ? flags.stream().map(String::valueOf).toList()
                : List.of();
    }

    private GpuAsset asset() {
        String own = text(EventField.ASSET_UUID);
        return new GpuAsset(
                own.isBlank() ? text(EventField.GPU_UUID) : own,
                text(EventField.ASSET_MODEL),
                text(EventField.ASSET_ARCHITECTURE),
                text(EventField.ASSET_COMPUTE_CAPABILITY),
                integer(EventField.ASSET_MEMORY),
                host(
                        EventField.ASSET_HOSTNAME,
                        EventField.ASSET_CLUSTER,
                        EventField.ASSET_RACK,
                        EventField.ASSET_DATACENTER),
                text(EventField.ASSET_PCI_BUS_ID),
                text(EventField.ASSET_REGION),
                value(EventField.ASSET_PURCHASED, LocalDate.class),
                value(EventField.ASSET_DEPLOYED, LocalDate.class),
                value(EventField.ASSET_WARRANTY, LocalDate.class),
                value(EventField.ASSET_END, LocalDate.class),
                text(EventField.ASSET_SLA_TIER),
                text(EventField.ASSET_PRIORITY),
                tags(),
                text(EventField.ASSET_NOTES));
    }

    private Map<String, String> tags() {
        Map<String, String> tags = new LinkedHashMap<>();
        if (get(EventField.ASSET_TAGS) instanceof Map<?, ?> map) {
            map.forEach((name, value) -> tags.put(String.valueOf(name), String.valueOf(value)));
        }
        return tags;
    }

    String text(EventField field) {
        return get(field) instanceof String text ? text : "";
    }

    private OptionalInt integer(EventField field) {
        return get(field) instanceof Integer number ? OptionalInt.of(number) : OptionalInt.empty();
    }

    private <V> Optional<V> value(EventField field, Class<V> type) {
        return Optional.ofNullable(type.cast(get(field)));
    }
}
