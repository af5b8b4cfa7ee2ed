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
 * @param host its host, with rack, cluster and data center
 * @param pciBusId its PCI address
 * @param region the region of the data center
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
        MetricEvent.Host host,
        String pciBusId,
        String region,
        Optional<LocalDate> purchased,
        Optional<LocalDate> deployed,
        Optional<LocalDate> warrantyUntil,
        Optional<LocalDate> expectedEnd,
        String slaTier,
        String priority,
        Map<String, String> tags,
        String notes) {

    /**
     * Checks the components.
     *
     * @param uuid as the component
     * @param model as the component
     * @param architecture as the component
     * @param computeCapability as the component
     * @param memoryGb as the component
     * @param host as the component
     * @param pciBusId as the component
     * @param region as the component
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
        requireNonNull(host, "host");
        requireNonNull(pciBusId, "pciBusId");
        requireNonNull(region, "region");
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
     * Returns an asset of which only model and host are known.
     *
     * @param uuid the GPU's UUID
     * @param model the model
     * @param host its host, with rack, cluster and data center
     * @return an asset
     */
    public static GpuAsset of(String uuid, String model, MetricEvent.Host host) {
        return new GpuAsset(
                uuid,
                model,
                "",
                "",
                OptionalInt.empty(),
                host,
                "",
                "",
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
