package io.gpufleet.telemetry.gpu;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * All readings of a GPU at one time, version 1.0 or 1.1. Any reading may be missing; missing is not 0. An absent text
 * is the empty text.
 *
 * <p>An event as it was read may lack required members, or have members of the wrong kind: {@link #faults()} lists
 * them, and {@link MetricEventValidator} refuses such an event with all of its faults. Members that the SDK does not
 * know are kept. Immutable.
 */
public final class MetricEvent {
    /** The version of events with errors, violations and limits. */
    public static final String VERSION = "1.1";

    /** The type of all events. */
    public static final String TYPE = "gpu_metric_sample";

    /**
     * A fault of one member of an event.
     *
     * @param field the place in the JSON, for example {@code metrics.health.gpu_temp_c}
     * @param code its kind: missing, type, range, format, old or future
     * @param detail the value and what is allowed, may be empty
     */
    public record Fault(String field, String code, String detail) {
        /**
         * Checks the components.
         *
         * @param field as the component
         * @param code as the component
         * @param detail as the component
         */
        public Fault {
            requireNonNull(field, "field");
            requireNonNull(code, "code");
            requireNonNull(detail, "detail");
        }

        /**
         * Returns the fault of a required member that is absent, null or blank.
         *
         * @param field the place in the JSON
         * @return a fault
         */
        public static Fault missing(String field) {
            return new Fault(field, "missing", "");
        }

        /**
         * Returns the fault of a value of another kind than its member.
         *
         * @param field the place in the JSON
         * @param detail the value and what is allowed
         * @return a fault
         */
        public static Fault type(String field, String detail) {
            return new Fault(field, "type", detail);
        }

        /**
         * Returns the fault of a time that is not an RFC 3339 time with its offset.
         *
         * @param field the place in the JSON
         * @param detail the text and what is allowed
         * @return a fault
         */
        public static Fault format(String field, String detail) {
            return new Fault(field, "format", detail);
        }

        static Fault range(String field, String detail) {
            return new Fault(field, "range", detail);
        }

        static Fault old(String field, String detail) {
            return new Fault(field, "old", detail);
        }

        static Fault future(String field, String detail) {
            return new Fault(field, "future", detail);
        }

        /** Returns the fault as the reason of a dead letter. */
        @Override
        public String toString() {
            return field + ": " + code + (detail.isEmpty() ? "" : ", " + detail);
        }
    }

    /**
     * The GPU of an event.
     *
     * @param uuid the UUID
     * @param id another id of the collector's
     * @param index the number on its host
     * @param pciBusId the PCI address
     * @param name the model
     * @param architecture the architecture, for example {@code Hopper}
     * @param computeCapability the compute capability, for example {@code 9.0}
     */
    public record Gpu(
            String uuid,
            String id,
            OptionalInt index,
            String pciBusId,
            String name,
            String architecture,
            String computeCapability) {
        /**
         * Checks the components.
         *
         * @param uuid as the component
         * @param id as the component
         * @param index as the component
         * @param pciBusId as the component
         * @param name as the component
         * @param architecture as the component
         * @param computeCapability as the component
         */
        public Gpu {
            requireNonNull(uuid, "uuid");
            requireNonNull(id, "id");
            requireNonNull(index, "index");
            requireNonNull(pciBusId, "pciBusId");
            requireNonNull(name, "name");
            requireNonNull(architecture, "architecture");
            requireNonNull(computeCapability, "computeCapability");
        }

        /**
         * Returns a GPU of which only the UUID is known.
         *
         * @param uuid the UUID
         * @return a GPU
         */
        public static Gpu of(String uuid) {
            return new Gpu(uuid, "", OptionalInt.empty(), "", "", "", "");
        }
    }

    /**
     * The host of an event.
     *
     * @param hostname its name
     * @param cluster its cluster
     * @param rack its rack
     * @param datacenter its data center
     */
    public record Host(String hostname, String cluster, String rack, String datacenter) {
        /**
         * Checks the components.
         *
         * @param hostname as the component
         * @param cluster as the component
         * @param rack as the component
         * @param datacenter as the component
         */
        public Host {
            requireNonNull(hostname, "hostname");
            requireNonNull(cluster, "cluster");
            requireNonNull(rack, "rack");
            requireNonNull(datacenter, "datacenter");
        }

        /**
         * Returns a host of which only the name is known.
         *
         * @param hostname its name
         * @return a host
         */
        public static Host of(String hostname) {
            return new Host(hostname, "", "", "");
        }
    }

    /**
     * The remarks of collector, validator and enricher about an event.
     *
     * @param collectionLatencyMs the duration of the collection in milliseconds
     * @param stale whether the readings are of an earlier collection
     * @param sampleCount the number of samples that the readings were made of
     * @param error the error of the collection
     * @param validationTime the time of the validation
     * @param validationVersion the version of the validator
     * @param validationPassed its verdict
     * @param flags doubts, by the names of {@link QualityFlag} in lower case or others
     * @param enrichmentTime the time of the enrichment
     * @param enrichmentVersion the version of the enricher
     * @param assetFound whether an asset was found; absent if none was looked for, or the look-up failed
     */
    public record Quality(
            OptionalDouble collectionLatencyMs,
            Optional<Boolean> stale,
            OptionalLong sampleCount,
            String error,
            Optional<Instant> validationTime,
            String validationVersion,
            Optional<Boolean> validationPassed,
            List<String> flags,
            Optional<Instant> enrichmentTime,
            String enrichmentVersion,
            Optional<Boolean> assetFound) {
        /** No remark. */
        public static final Quality NONE = new Quality(
                OptionalDouble.empty(),
                Optional.empty(),
                OptionalLong.empty(),
                "",
                Optional.empty(),
                "",
                Optional.empty(),
                List.of(),
                Optional.empty(),
                "",
                Optional.empty());

        /**
         * Checks the components.
         *
         * @param collectionLatencyMs as the component
         * @param stale as the component
         * @param sampleCount as the component
         * @param error as the component
         * @param validationTime as the component
         * @param validationVersion as the component
         * @param validationPassed as the component
         * @param flags as the component
         * @param enrichmentTime as the component
         * @param enrichmentVersion as the component
         * @param assetFound as the component
         */
        public Quality {
            requireNonNull(collectionLatencyMs, "collectionLatencyMs");
            requireNonNull(stale, "stale");
            requireNonNull(sampleCount, "sampleCount");
            requireNonNull(error, "error");
            requireNonNull(validationTime, "validationTime");
            requireNonNull(validationVersion, "validationVersion");
            requireNonNull(validationPassed, "validationPassed");
            flags = List.copyOf(flags);
            requireNonNull(enrichmentTime, "enrichmentTime");
            requireNonNull(enrichmentVersion, "enrichmentVersion");
            requireNonNull(assetFound, "assetFound");
        }

        /**
         * Returns this with one more flag.
         *
         * @param flag a doubt
         * @return this if the flag is there
         */
        public Quality with(QualityFlag flag) {
            String name = flag.text();
            if (flags.contains(name)) {
                return this;
            }
            List<String> more = new ArrayList<>(flags);
            more.add(name);
            return new Quality(
                    collectionLatencyMs,
                    stale,
                    sampleCount,
                    error,
                    validationTime,
                    validationVersion,
                    validationPassed,
                    more,
                    enrichmentTime,
                    enrichmentVersion,
                    assetFound);
        }

        /**
         * Returns this with the remarks of an enricher.
         *
         * @param time the time of the enrichment
         * @param version the version of the enricher
         * @param found whether an asset was found
         * @return a quality with all other remarks of this
         */
        public Quality enriched(Instant time, String version, boolean found) {
            return new Quality(
                    collectionLatencyMs,
                    stale,
                    sampleCount,
                    error,
                    validationTime,
                    validationVersion,
                    validationPassed,
                    flags,
                    Optional.of(requireNonNull(time, "time").truncatedTo(ChronoUnit.MICROS)),
                    version,
                    Optional.of(found));
        }
    }

    private final String schemaVersion;
    private final String eventType;
    private final Optional<Instant> time;
    private final Optional<Instant> collectionTime;
    private final Gpu gpu;
    private final Host host;
    private final String driverVersion;
    private final Map<GpuReading, Number> readings;
    private final Quality quality;
    private final Optional<GpuAsset> asset;
    private final Map<String, String> unknown;
    private final List<Fault> faults;

    private MetricEvent(Builder builder) {
        this.schemaVersion = builder.schemaVersion;
        this.eventType = builder.eventType;
        this.time = builder.time;
        this.collectionTime = builder.collectionTime;
        this.gpu = builder.gpu;
        this.host = builder.host;
        this.driverVersion = builder.driverVersion;
        this.readings = new EnumMap<>(builder.readings);
        this.quality = builder.quality;
        this.asset = builder.asset;
        this.unknown = Collections.unmodifiableMap(new LinkedHashMap<>(builder.unknown));
        this.faults = List.copyOf(builder.faults);
    }

    /**
     * Returns a builder of an event of version {@value #VERSION} without readings.
     *
     * @param gpu the GPU
     * @param host its host
     * @return a builder
     */
    public static Builder builder(Gpu gpu, Host host) {
        return new Builder(gpu, host);
    }

    /**
     * Returns a builder that starts with all that this event has.
     *
     * @return a builder
     */
    public Builder toBuilder() {
        Builder builder = new Builder(gpu, host);
        builder.schemaVersion = schemaVersion;
        builder.eventType = eventType;
        builder.time = time;
        builder.collectionTime = collectionTime;
        builder.driverVersion = driverVersion;
        builder.readings.putAll(readings);
        builder.quality = quality;
        builder.asset = asset;
        builder.unknown.putAll(unknown);
        builder.faults.addAll(faults);
        return builder;
    }

    /**
     * Returns the version of the event.
     *
     * @return {@code 1.0} or {@code 1.1}; any text as it came
     */
    public String schemaVersion() {
        return schemaVersion;
    }

    /**
     * Returns the type of the event.
     *
     * @return {@value #TYPE}; any text as it came
     */
    public String eventType() {
        return eventType;
    }

    /**
     * Returns the time of the readings.
     *
     * @return a time cut to microseconds; absent only if it could not be read
     */
    public Optional<Instant> time() {
        return time;
    }

    /**
     * Returns the time of the collection.
     *
     * @return a time cut to microseconds
     */
    public Optional<Instant> collectionTime() {
        return collectionTime;
    }

    /**
     * Returns the GPU.
     *
     * @return the GPU
     */
    public Gpu gpu() {
        return gpu;
    }

    /**
     * Returns the host.
     *
     * @return the host
     */
    public Host host() {
        return host;
    }

    /**
     * Returns the version of the driver.
     *
     * @return for example {@code 535.129.03}
     */
    public String driverVersion() {
        return driverVersion;
    }

    /**
     * Returns whether a reading is there.
     *
     * @param reading a reading
     * @return false if it is missing
     */
    public boolean has(GpuReading reading) {
        return readings.containsKey(requireNonNull(reading, "reading"));
    }

    /**
     * Returns the value of a reading.
     *
     * @param reading a reading
     * @return the value in the unit of the event, none if it is missing
     */
    public OptionalDouble value(GpuReading reading) {
        Number number = readings.get(requireNonNull(reading, "reading"));
        return number == null ? OptionalDouble.empty() : OptionalDouble.of(number.doubleValue());
    }

    /**
     * Returns the value of a whole reading, exact to the last digit.
     *
     * @param reading a {@linkplain GpuReading#isWhole() whole} reading
     * @return the value, none if it is missing
     */
    public OptionalLong count(GpuReading reading) {
        requireWhole(reading);
        Number number = readings.get(reading);
        return number == null ? OptionalLong.empty() : OptionalLong.of(number.longValue());
    }

    private static void requireWhole(GpuReading reading) {
        if (!requireNonNull(reading, "reading").isWhole()) {
            throw new IllegalArgumentException("reading: " + reading + " is not a whole number");
        }
    }

    /**
     * Returns the remarks of the stages before.
     *
     * @return the quality
     */
    public Quality quality() {
        return quality;
    }

    /**
     * Returns the asset of the GPU.
     *
     * @return the asset, none if the event was not enriched or the GPU has none
     */
    public Optional<GpuAsset> asset() {
        return asset;
    }

    /**
     * Returns the members that the SDK does not know.
     *
     * @return JSON texts by place, in the order of arrival, unmodifiable
     */
    public Map<String, String> unknown() {
        return unknown;
    }

    /**
     * Returns the faults that were found when the event was read.
     *
     * @return the faults in the order of the event
     */
    public List<Fault> faults() {
        return faults;
    }

    private List<Object> parts() {
        return List.of(
                schemaVersion,
                eventType,
                time,
                collectionTime,
                gpu,
                host,
                driverVersion,
                readings,
                quality,
                asset,
                unknown,
                faults);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof MetricEvent event && parts().equals(event.parts());
    }

    @Override
    public int hashCode() {
        return Objects.hash(gpu, time, readings);
    }

    @Override
    public String toString() {
        return "MetricEvent[" + gpu.uuid() + ", " + time.map(Instant::toString).orElse("no time") + ", " + readings
                + "]";
    }

    /** Builds a {@link MetricEvent}. Not thread-safe. */
    public static final class Builder {
        private final Map<GpuReading, Number> readings = new EnumMap<>(GpuReading.class);
        private final Map<String, String> unknown = new LinkedHashMap<>();
        private final List<Fault> faults = new ArrayList<>();
        private String schemaVersion = VERSION;
        private String eventType = TYPE;
        private Optional<Instant> time = Optional.empty();
        private Optional<Instant> collectionTime = Optional.empty();
        private Gpu gpu;
        private Host host;
        private String driverVersion = "";
        private Quality quality = Quality.NONE;
        private Optional<GpuAsset> asset = Optional.empty();

        private Builder(Gpu gpu, Host host) {
            this.gpu = requireNonNull(gpu, "gpu");
            this.host = requireNonNull(host, "host");
        }

        /**
         * Sets the version.
         *
         * @param version any text (default: {@value MetricEvent#VERSION})
         * @return this
         */
        public Builder schemaVersion(String version) {
            this.schemaVersion = requireNonNull(version, "version");
            return this;
        }

        /**
         * Sets the type.
         *
         * @param type any text (default: {@value MetricEvent#TYPE})
         * @return this
         */
        public Builder eventType(String type) {
            this.eventType = requireNonNull(type, "type");
            return this;
        }

        /**
         * Sets the time of the readings.
         *
         * @param instant a time, which is cut to microseconds
         * @return this
         */
        public Builder time(Instant instant) {
            this.time = Optional.of(requireNonNull(instant, "instant").truncatedTo(ChronoUnit.MICROS));
            return this;
        }

        /**
         * Sets the time of the collection.
         *
         * @param instant a time, which is cut to microseconds
         * @return this
         */
        public Builder collectionTime(Instant instant) {
            this.collectionTime = Optional.of(requireNonNull(instant, "instant").truncatedTo(ChronoUnit.MICROS));
            return this;
        }

        /**
         * Sets the GPU.
         *
         * @param newGpu a GPU
         * @return this
         */
        public Builder gpu(Gpu newGpu) {
            this.gpu = requireNonNull(newGpu, "newGpu");
            return this;
        }

        /**
         * Sets the host.
         *
         * @param newHost a host
         * @return this
         */
        public Builder host(Host newHost) {
            this.host = requireNonNull(newHost, "newHost");
            return this;
        }

        /**
         * Sets the version of the driver.
         *
         * @param version a version (default: empty)
         * @return this
         */
        public Builder driverVersion(String version) {
            this.driverVersion = requireNonNull(version, "version");
            return this;
        }

        /**
         * Sets a reading.
         *
         * @param reading a reading that is measured
         * @param value a finite number in the unit of the event
         * @return this
         */
        public Builder value(GpuReading reading, double value) {
            if (requireNonNull(reading, "reading").isWhole()) {
                throw new IllegalArgumentException("reading: " + reading + " is a whole number, use count");
            }
            if (!Double.isFinite(value)) {
                throw new IllegalArgumentException("value: " + value + " is not finite");
            }
            readings.put(reading, value);
            return this;
        }

        /**
         * Sets a reading.
         *
         * @param reading a {@linkplain GpuReading#isWhole() whole} reading
         * @param value a number in the unit of the event
         * @return this
         */
        public Builder count(GpuReading reading, long value) {
            requireWhole(reading);
            readings.put(reading, value);
            return this;
        }

        /**
         * Takes a reading away.
         *
         * @param reading a reading
         * @return this
         */
        public Builder without(GpuReading reading) {
            readings.remove(requireNonNull(reading, "reading"));
            return this;
        }

        /**
         * Sets the remarks of the stages before.
         *
         * @param newQuality the quality (default: no remark)
         * @return this
         */
        public Builder quality(Quality newQuality) {
            this.quality = requireNonNull(newQuality, "newQuality");
            return this;
        }

        /**
         * Sets the asset of the GPU.
         *
         * @param newAsset the asset (default: none)
         * @return this
         */
        public Builder asset(Optional<GpuAsset> newAsset) {
            this.asset = requireNonNull(newAsset, "newAsset");
            return this;
        }

        /**
         * Adds a member that the SDK does not know.
         *
         * @param path its place in the JSON
         * @param json its value as JSON
         * @return this
         */
        public Builder unknown(String path, String json) {
            unknown.put(requireNonNull(path, "path"), requireNonNull(json, "json"));
            return this;
        }

        /**
         * Adds a fault of the event as it was read.
         *
         * @param fault a fault
         * @return this
         */
        public Builder fault(Fault fault) {
            faults.add(requireNonNull(fault, "fault"));
            return this;
        }

        /**
         * Builds the event.
         *
         * @return an event
         */
        public MetricEvent build() {
            return new MetricEvent(this);
        }
    }
}
