package io.gpufleet.telemetry.gpu;

import static java.util.Objects.requireNonNull;

import java.time.LocalDate;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The operator's knowledge of a GPU: a row of {@code gpu_assets}. An absent text is the empty text. Immutable.
 *
 * @param uuid the GPU's UUID
 * @param model the model
 * @param architecture the architecture, for example {@code Hopper}
 * @param computeCapability the compute capability, for example {@code 9.0}
 * @param memoryGb the memory in GB
 * @param place its place
 * @param purchased the date of the purchase
 * @param deployed the date of the deployment
 * @param warrantyUntil the end of the warranty
 * @param expectedEnd the expected end of its life
 * @param slaTier the tier of the service-level agreement
 * @param priority the priority
 * @param tags any texts by name
 * @param notes any text
 */
public record GpuAsset(
        String uuid,
        String model,
        String architecture,
        String computeCapability,
        OptionalInt memoryGb,
        Place place,
        Optional<LocalDate> purchased,
        Optional<LocalDate> deployed,
        Optional<LocalDate> warrantyUntil,
        Optional<LocalDate> expectedEnd,
        String slaTier,
        String priority,
        Map<String, String> tags,
        String notes) {

    /**
     * The place of a GPU.
     *
     * @param hostname its host
     * @param pciBusId its PCI address
     * @param rackId the rack of the host
     * @param clusterId the cluster of the host
     * @param datacenter the data center
     * @param region the region of the data center
     */
    public record Place(
            String hostname, String pciBusId, String rackId, String clusterId, String datacenter, String region) {
        /** Nothing is known. */
        public static final Place UNKNOWN = new Place("", "", "", "", "", "");

        /**
         * Checks the components.
         *
         * @param hostname as the component
         * @param pciBusId as the component
         * @param rackId as the component
         * @param clusterId as the component
         * @param datacenter as the component
         * @param region as the component
         */
        public Place {
            requireNonNull(hostname, "hostname");
            requireNonNull(pciBusId, "pciBusId");
            requireNonNull(rackId, "rackId");
            requireNonNull(clusterId, "clusterId");
            requireNonNull(datacenter, "datacenter");
            requireNonNull(region, "region");
        }
    }

    /**
     * Checks the components.
     *
     * @param uuid as the component
     * @param model as the component
     * @param architecture as the component
     * @param computeCapability as the component
     * @param memoryGb as the component
     * @param place as the component
     * @param purchased as the component
     * @param deployed as the component
     * @param warrantyUntil as the component
     * @param expectedEnd as the component
     * @param slaTier as the component
     * @param priority as the component
     * @param tags as the component
     * @param notes as the component
     */
    public GpuAsset {
        if (requireNonNull(uuid, "uuid").isBlank()) {
            throw new IllegalArgumentException("uuid: \"" + uuid + "\" is blank");
        }
        requireNonNull(model, "model");
        requireNonNull(architecture, "architecture");
        requireNonNull(computeCapability, "computeCapability");
        requireNonNull(memoryGb, "memoryGb");
        requireNonNull(place, "place");
        requireNonNull(purchased, "purchased");
        requireNonNull(deployed, "deployed");
        requireNonNull(warrantyUntil, "warrantyUntil");
        requireNonNull(expectedEnd, "expectedEnd");
        requireNonNull(slaTier, "slaTier");
        requireNonNull(priority, "priority");
        tags = Collections.unmodifiableMap(new LinkedHashMap<>(tags));
        requireNonNull(notes, "notes");
    }

    /**
     * Returns an asset of which only model and place are known.
     *
     * @param uuid the GPU's UUID
     * @param model the model
     * @param place its place
     * @return an asset
     */
    public static GpuAsset of(String uuid, String model, Place place) {
        return new GpuAsset(
                uuid,
                model,
                "",
                "",
                OptionalInt.empty(),
                place,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                "",
                "",
                Map.of(),
                "");
    }
}
