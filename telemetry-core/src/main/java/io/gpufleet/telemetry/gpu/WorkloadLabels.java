package io.gpufleet.telemetry.gpu;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.Enricher;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The enricher that names a sample's workload in the same labels on every cluster: {@code job}, {@code user} and
 * {@code project}. dcgm-exporter writes the job of a cluster into {@code hpc_job}; for other labels the host says what
 * they mean.
 *
 * <pre>{@code
 * Enricher<GpuSample> workload = WorkloadLabels.builder()
 *         .user("slurm_user")
 *         .project("slurm_account", "team")
 *         .build();
 * }</pre>
 *
 * <p>A label takes its new name; of several with one meaning the one named first, and the others stay. A label that has
 * the new name already, such as Prometheus' {@code job} of the scrape, moves to {@code scrape_job}, {@code scrape_user}
 * or {@code scrape_project}. Without such a label a sample stays as it is. None of these labels is a part of a series,
 * so samples keep their identity. An event ({@link MetricEvent}) has no labels. Immutable.
 */
public final class WorkloadLabels implements Enricher<GpuSample> {
    private static final String JOB = "job";
    private static final String USER = "user";
    private static final String PROJECT = "project";
    private static final String FORMER = "scrape_";

    private final Map<String, List<String>> sources;

    private WorkloadLabels(Builder builder) {
        this.sources = new LinkedHashMap<>(builder.sources);
    }

    /**
     * Returns an enricher that makes {@code hpc_job} the job.
     *
     * @return a thread-safe enricher
     */
    public static WorkloadLabels standard() {
        return builder().build();
    }

    /**
     * Returns a builder that makes {@code hpc_job} the job.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public List<Delivery<GpuSample>> enrich(List<Delivery<GpuSample>> deliveries) {
        // Many samples share one subject; to compare subjects would cost more than to name them.
        IdentityHashMap<GpuSubject, Optional<GpuSubject>> named = new IdentityHashMap<>();
        return deliveries.stream()
                .map(delivery -> named.computeIfAbsent(delivery.value().subject(), this::named)
                        .map(subject -> delivery.withValue(delivery.value().withSubject(subject)))
                        .orElse(delivery))
                .toList();
    }

    /** Returns a subject with other labels, none if it has no label to rename. */
    private Optional<GpuSubject> named(GpuSubject subject) {
        Map<String, String> labels = new LinkedHashMap<>(subject.labels());
        sources.forEach((name, candidates) -> rename(labels, name, candidates));
        return labels.equals(subject.labels()) ? Optional.empty() : Optional.of(subject.withLabels(labels));
    }

    private static void rename(Map<String, String> labels, String name, List<String> candidates) {
        for (String candidate : candidates) {
            String value = labels.get(candidate);
            if (value != null) {
                labels.remove(candidate);
                String former = labels.put(name, value);
                if (former != null) {
                    labels.put(FORMER + name, former);
                }
                return;
            }
        }
    }

    /** Builds {@link WorkloadLabels}. Not thread-safe. */
    public static final class Builder {
        private final Map<String, List<String>> sources = new LinkedHashMap<>();

        private Builder() {
            sources.put(JOB, List.of("hpc_job"));
        }

        /**
         * Sets the labels that are the job.
         *
         * @param labels their names, the first one wins; none for no job (default: hpc_job)
         * @return this
         */
        public Builder job(String... labels) {
            return set(JOB, labels);
        }

        /**
         * Sets the labels that are the user.
         *
         * @param labels their names, the first one wins (default: none)
         * @return this
         */
        public Builder user(String... labels) {
            return set(USER, labels);
        }

        /**
         * Sets the labels that are the project.
         *
         * @param labels their names, the first one wins (default: none)
         * @return this
         */
        public Builder project(String... labels) {
            return set(PROJECT, labels);
        }

        private Builder set(String name, String... labels) {
            List<String> checked = new ArrayList<>();
            for (String label : requireNonNull(labels, "labels")) {
                if (requireNonNull(label, "labels").isBlank() || label.equals(name)) {
                    throw new IllegalArgumentException(
                            "labels: \"" + label + "\" cannot become " + name + "; allowed: the name of another label");
                }
                checked.add(label);
            }
            sources.put(name, checked);
            return this;
        }

        /**
         * Builds the enricher.
         *
         * @return a thread-safe enricher
         */
        public WorkloadLabels build() {
            return new WorkloadLabels(this);
        }
    }
}
