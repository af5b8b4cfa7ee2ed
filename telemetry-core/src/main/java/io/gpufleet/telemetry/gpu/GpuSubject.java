package io.gpufleet.telemetry.gpu;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The GPU, MIG instance, link or workload that a reading is of, with its labels. Many samples share one subject. An
 * absent text is the empty text.
 *
 * <p>A sample is identified by the GPU's UUID, its metric, its time and the <b>series</b> of its subject: the labels
 * that distinguish the readings of one GPU, metric and time. Host, slot, model and all other labels are no part of it,
 * so that a GPU that moves, or whose driver is updated, stays one GPU. Immutable.
 */
public final class GpuSubject {
    private static final String MIG_INSTANCE = "gi";
    private static final String NVLINK = "nvlink";
    private static final String NAMESPACE = "namespace";
    private static final String POD = "pod";
    private static final String CONTAINER = "container";
    private static final String VGPU = "vgpu";

    /** The discriminators that {@link Builder#discriminator} takes. */
    private static final List<String> DISCRIMINATORS =
            List.of("clock_event", "health_watch", "nvswitch", "peer_gpu", "window_size_in_ms", "xid");

    private final String uuid;
    private final String migInstance;
    private final String nvlink;
    private final OptionalInt index;
    private final String device;
    private final String pciBusId;
    private final String model;
    private final String migProfile;
    private final String host;
    private final String namespace;
    private final String pod;
    private final String container;
    private final String vgpu;
    private final SortedMap<String, String> discriminators;
    private final Map<String, String> labels;
    private final String series;
    private final String seriesOfCopies;
    private final long seriesKey;

    private GpuSubject(Builder builder) {
        this.uuid = builder.uuid;
        this.migInstance = builder.migInstance;
        this.nvlink = builder.nvlink;
        this.index = builder.index;
        this.device = builder.device;
        this.pciBusId = builder.pciBusId;
        this.model = builder.model;
        this.migProfile = builder.migProfile;
        this.host = builder.host;
        this.namespace = builder.namespace;
        this.pod = builder.pod;
        this.container = builder.container;
        this.vgpu = builder.vgpu;
        this.discriminators = Collections.unmodifiableSortedMap(new TreeMap<>(builder.discriminators));
        this.labels =
                builder.labels.isEmpty() ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(builder.labels));
        this.series = Series.text(withWorkload());
        this.seriesOfCopies = hasWorkload() ? Series.text(withoutWorkload()) : series;
        this.seriesKey = Series.key(series);
    }

    /** Copies a subject with other labels, which are no part of its series. */
    private GpuSubject(GpuSubject other, Map<String, String> labels) {
        this.uuid = other.uuid;
        this.migInstance = other.migInstance;
        this.nvlink = other.nvlink;
        this.index = other.index;
        this.device = other.device;
        this.pciBusId = other.pciBusId;
        this.model = other.model;
        this.migProfile = other.migProfile;
        this.host = other.host;
        this.namespace = other.namespace;
        this.pod = other.pod;
        this.container = other.container;
        this.vgpu = other.vgpu;
        this.discriminators = other.discriminators;
        this.labels = Collections.unmodifiableMap(new LinkedHashMap<>(labels));
        this.series = other.series;
        this.seriesOfCopies = other.seriesOfCopies;
        this.seriesKey = other.seriesKey;
    }

    /** Returns this subject with other labels. */
    GpuSubject withLabels(Map<String, String> others) {
        return new GpuSubject(this, others);
    }

    private SortedMap<String, String> withoutWorkload() {
        SortedMap<String, String> parts = new TreeMap<>(discriminators);
        put(parts, MIG_INSTANCE, migInstance);
        put(parts, NVLINK, nvlink);
        return parts;
    }

    private SortedMap<String, String> withWorkload() {
        SortedMap<String, String> parts = withoutWorkload();
        put(parts, NAMESPACE, namespace);
        put(parts, POD, pod);
        put(parts, CONTAINER, container);
        put(parts, VGPU, vgpu);
        return parts;
    }

    private static void put(Map<String, String> map, String name, String value) {
        if (!value.isEmpty()) {
            map.put(name, value);
        }
    }

    /**
     * Returns a builder of a subject.
     *
     * @param uuid the GPU's UUID as text, not blank
     * @return a builder without any label
     */
    public static Builder builder(String uuid) {
        return new Builder(uuid);
    }

    /**
     * Returns whether a label is one that {@link Builder#discriminator} takes.
     *
     * @param name the name of a label
     * @return false for the parts of the series that have methods of their own
     */
    public static boolean isDiscriminator(String name) {
        return DISCRIMINATORS.contains(requireNonNull(name, "name"));
    }

    /**
     * Returns the GPU's UUID.
     *
     * @return the UUID as it came
     */
    public String uuid() {
        return uuid;
    }

    /**
     * Returns the part of the GPU.
     *
     * @return empty for the whole GPU, {@code gi:7} for a MIG instance, {@code nvlink:3} for a link
     */
    public String instance() {
        if (!nvlink.isEmpty()) {
            return NVLINK + ':' + nvlink;
        }
        return migInstance.isEmpty() ? "" : MIG_INSTANCE + ':' + migInstance;
    }

    /**
     * Returns whether the subject is a MIG instance or a part of one.
     *
     * @return false for a whole GPU
     */
    public boolean isMigInstance() {
        return !migInstance.isEmpty();
    }

    /**
     * Returns the GPU's number on its host, which is no identity: each host has a 0.
     *
     * @return 0 or more, if it is known
     */
    public OptionalInt index() {
        return index;
    }

    /**
     * Returns the name of the device on its host.
     *
     * @return for example {@code nvidia0}
     */
    public String device() {
        return device;
    }

    /**
     * Returns the PCI address.
     *
     * @return for example {@code 00000000:18:00.0}
     */
    public String pciBusId() {
        return pciBusId;
    }

    /**
     * Returns the model.
     *
     * @return for example {@code NVIDIA H100 80GB HBM3}
     */
    public String model() {
        return model;
    }

    /**
     * Returns the profile of the MIG instance.
     *
     * @return for example {@code 1g.5gb}
     */
    public String migProfile() {
        return migProfile;
    }

    /**
     * Returns the host of the GPU.
     *
     * @return its name
     */
    public String host() {
        return host;
    }

    /**
     * Returns the namespace of the workload.
     *
     * @return its name
     */
    public String namespace() {
        return namespace;
    }

    /**
     * Returns the pod of the workload.
     *
     * @return its name
     */
    public String pod() {
        return pod;
    }

    /**
     * Returns the container of the workload.
     *
     * @return its name
     */
    public String container() {
        return container;
    }

    /**
     * Returns the number of the workload's share of a shared GPU.
     *
     * @return a number as text
     */
    public String vgpu() {
        return vgpu;
    }

    /**
     * Returns the other labels that distinguish series, such as {@code xid} and {@code clock_event}.
     *
     * @return values by name, sorted, unmodifiable
     */
    public SortedMap<String, String> discriminators() {
        return discriminators;
    }

    /**
     * Returns all other labels.
     *
     * @return values by name, in the order of arrival, unmodifiable
     */
    public Map<String, String> labels() {
        return labels;
    }

    /**
     * Returns the series: {@code name=value}, sorted by name, separated by semicolons, for each part of MIG instance,
     * link, workload and discriminators that is present. A backslash stands before each backslash, semicolon and equals
     * sign of a value.
     *
     * @return for example {@code gi=7;namespace=ml;pod=train-0}; empty for a whole GPU without a workload
     */
    public String series() {
        return series;
    }

    /**
     * Returns the number that the series is stored as: the first eight bytes, big endian, of the SHA-256 of its UTF-8.
     *
     * @return 0 for the empty series
     */
    public long seriesKey() {
        return seriesKey;
    }

    /** Returns the series without the workload: what the copies of one reading have in common. */
    String seriesOfCopies() {
        return seriesOfCopies;
    }

    boolean hasWorkload() {
        return !(namespace.isEmpty() && pod.isEmpty() && container.isEmpty() && vgpu.isEmpty());
    }

    /** Returns the scope of a reading that has no copies. */
    Scope ownScope() {
        if (!discriminators.isEmpty()) {
            return Scope.SERIES;
        }
        if (!nvlink.isEmpty()) {
            return Scope.LINK;
        }
        return migInstance.isEmpty() ? Scope.WHOLE_GPU : Scope.MIG_INSTANCE;
    }

    private boolean isEqual(GpuSubject other) {
        return seriesKey == other.seriesKey
                && uuid.equals(other.uuid)
                && series.equals(other.series)
                && host.equals(other.host)
                && pciBusId.equals(other.pciBusId)
                && hasAttributesOf(other)
                && List.copyOf(labels.entrySet()).equals(List.copyOf(other.labels.entrySet()));
    }

    private boolean hasAttributesOf(GpuSubject other) {
        return index.equals(other.index)
                && device.equals(other.device)
                && model.equals(other.model)
                && migProfile.equals(other.migProfile);
    }

    @Override
    public boolean equals(Object other) {
        return this == other || (other instanceof GpuSubject subject && isEqual(subject));
    }

    @Override
    public int hashCode() {
        return 31 * uuid.hashCode() + Long.hashCode(seriesKey);
    }

    @Override
    public String toString() {
        return series.isEmpty() ? uuid : uuid + '[' + series + ']';
    }

    /** Builds a {@link GpuSubject}. Not thread-safe. */
    public static final class Builder {
        private final String uuid;
        private final SortedMap<String, String> discriminators = new TreeMap<>();
        private final Map<String, String> labels = new LinkedHashMap<>();
        private String migInstance = "";
        private String nvlink = "";
        private OptionalInt index = OptionalInt.empty();
        private String device = "";
        private String pciBusId = "";
        private String model = "";
        private String migProfile = "";
        private String host = "";
        private String namespace = "";
        private String pod = "";
        private String container = "";
        private String vgpu = "";

        private Builder(String uuid) {
            if (requireNonNull(uuid, "uuid").isBlank()) {
                throw new IllegalArgumentException("uuid: \"" + uuid + "\" is blank");
            }
            this.uuid = uuid;
        }

        /**
         * Sets the MIG instance.
         *
         * @param id the id of the GPU instance (default: empty, the whole GPU)
         * @return this
         */
        public Builder migInstance(String id) {
            this.migInstance = requireNonNull(id, "id");
            return this;
        }

        /**
         * Sets the link.
         *
         * @param number the number of the NVLink (default: empty, no link)
         * @return this
         */
        public Builder nvlink(String number) {
            this.nvlink = requireNonNull(number, "number");
            return this;
        }

        /**
         * Sets the GPU's number on its host.
         *
         * @param number 0 or more (default: not known)
         * @return this
         */
        public Builder index(int number) {
            if (number < 0) {
                throw new IllegalArgumentException("index: " + number + " is not 0 or more");
            }
            this.index = OptionalInt.of(number);
            return this;
        }

        /**
         * Sets the name of the device on its host.
         *
         * @param name a name (default: empty)
         * @return this
         */
        public Builder device(String name) {
            this.device = requireNonNull(name, "name");
            return this;
        }

        /**
         * Sets the PCI address.
         *
         * @param address an address (default: empty)
         * @return this
         */
        public Builder pciBusId(String address) {
            this.pciBusId = requireNonNull(address, "address");
            return this;
        }

        /**
         * Sets the model.
         *
         * @param name a name (default: empty)
         * @return this
         */
        public Builder model(String name) {
            this.model = requireNonNull(name, "name");
            return this;
        }

        /**
         * Sets the profile of the MIG instance.
         *
         * @param profile a profile (default: empty)
         * @return this
         */
        public Builder migProfile(String profile) {
            this.migProfile = requireNonNull(profile, "profile");
            return this;
        }

        /**
         * Sets the host of the GPU.
         *
         * @param name its name (default: empty)
         * @return this
         */
        public Builder host(String name) {
            this.host = requireNonNull(name, "name");
            return this;
        }

        /**
         * Sets the namespace of the workload.
         *
         * @param name its name (default: empty)
         * @return this
         */
        public Builder namespace(String name) {
            this.namespace = requireNonNull(name, "name");
            return this;
        }

        /**
         * Sets the pod of the workload.
         *
         * @param name its name (default: empty)
         * @return this
         */
        public Builder pod(String name) {
            this.pod = requireNonNull(name, "name");
            return this;
        }

        /**
         * Sets the container of the workload.
         *
         * @param name its name (default: empty)
         * @return this
         */
        public Builder container(String name) {
            this.container = requireNonNull(name, "name");
            return this;
        }

        /**
         * Sets the workload's share of a shared GPU.
         *
         * @param number its number (default: empty)
         * @return this
         */
        public Builder vgpu(String number) {
            this.vgpu = requireNonNull(number, "number");
            return this;
        }

        /**
         * Adds a label that distinguishes series; an empty value is none.
         *
         * @param name nvswitch, xid, clock_event, health_watch, peer_gpu or window_size_in_ms
         * @param value its value
         * @return this
         */
        public Builder discriminator(String name, String value) {
            requireNonNull(value, "value");
            if (!isDiscriminator(name)) {
                throw new IllegalArgumentException("name: \"" + name + "\" is not one of " + DISCRIMINATORS);
            }
            put(discriminators, name, value);
            return this;
        }

        /**
         * Adds a label that is none of the others; an empty value is none.
         *
         * @param name its name
         * @param value its value
         * @return this
         */
        public Builder label(String name, String value) {
            put(labels, requireNonNull(name, "name"), requireNonNull(value, "value"));
            return this;
        }

        /**
         * Builds the subject.
         *
         * @return a subject
         */
        public GpuSubject build() {
            return new GpuSubject(this);
        }
    }
}
