package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.gpu.Readings;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A reader of the subject of a row: whose GPU, host and workload its labels mean. Labels come in two groups, of which
 * the columns of a table win over the labels in one of them; exposition text has only the first group. Not thread-safe.
 */
final class SubjectReader {
    private static final List<String> HOSTS = List.of(
            "exported_Hostname", "exported_hostname", "Hostname", "hostname", "node", "kubernetes_node", "instance");
    private static final List<String> NOT_GPUS = List.of("cpu", "cpucore", "nvswitch");
    private static final String METRIC_NAME = "__name__";
    private static final String POD = "pod";
    private static final String EXPORTED_POD = "exported_pod";

    /** The workload's namespace, pod and container, in the order of trust. */
    private static final List<List<String>> WORKLOADS = List.of(
            List.of("exported_namespace", EXPORTED_POD, "exported_container"),
            List.of("namespace", POD, "container"),
            List.of("pod_namespace", "pod_name", "container_name"));

    private final SampleRules rules;
    private final Optional<String> host;

    private Map<String, String> columns = Map.of();
    private Map<String, String> labels = Map.of();
    private final Set<String> used = new HashSet<>();

    /**
     * Creates a reader for a record.
     *
     * @param host the host of all its GPUs, if it is known
     */
    SubjectReader(SampleRules rules, Optional<String> host) {
        this.rules = rules;
        this.host = host;
    }

    /**
     * Reads the subject of a row.
     *
     * @param first the labels, or the columns, by name
     * @param second the labels beside the columns, which are all kept
     * @return empty if the row is of no GPU
     * @throws CodecException if the row does not say of which GPU it is
     */
    Optional<GpuSubject> read(Map<String, String> first, Map<String, String> second) {
        columns = present(first);
        labels = present(second);
        used.clear();
        String uuid = takeFirst(rules.uuidLabels());
        if (!uuid.isBlank()) {
            return Optional.of(subject(GpuSubject.builder(uuid)));
        }
        if (!isNoGpu()) {
            throw new CodecException("no UUID", 0);
        }
        return rules.keepsOtherDevices() ? Optional.of(subject(GpuSubject.builder(otherDevice()))) : Optional.empty();
    }

    /** Returns the name of a device that is no GPU: its host, and what it is of it. */
    private String otherDevice() {
        StringBuilder name = new StringBuilder(host());
        if (name.length() == 0) {
            throw new CodecException("neither UUID nor host", 0);
        }
        for (String label : NOT_GPUS) {
            if (!value(label).isEmpty()) {
                name.append('/').append(label).append(':').append(value(label));
            }
        }
        return name.toString();
    }

    private static Map<String, String> present(Map<String, String> labels) {
        Map<String, String> present = new LinkedHashMap<>(labels);
        present.values().removeIf(Readings::isAbsent);
        present.remove(METRIC_NAME);
        return present;
    }

    private boolean isNoGpu() {
        return NOT_GPUS.stream().anyMatch(name -> !value(name).isEmpty())
                && value("gpu").isEmpty();
    }

    private GpuSubject subject(GpuSubject.Builder subject) {
        readIndex(subject);
        subject.device(take("device"))
                .pciBusId(take("pci_bus_id"))
                .model(takeFirst(List.of("modelName", "model_name")))
                .migInstance(take("GPU_I_ID"))
                .migProfile(take("GPU_I_PROFILE"))
                .nvlink(take("nvlink"))
                .vgpu(take("vgpu"))
                .host(host());
        readWorkload(subject);
        addOthers(subject);
        return subject.build();
    }

    private void readIndex(GpuSubject.Builder subject) {
        String index = value("gpu");
        boolean isNumber = !index.isEmpty()
                && index.length() < 10
                && index.chars().allMatch(character -> character >= '0' && character <= '9');
        if (isNumber) {
            subject.index(Integer.parseInt(take("gpu")));
        }
    }

    private String host() {
        if (host.isPresent()) {
            return host.get();
        }
        String found = host(columns);
        if (found.isEmpty()) {
            found = host(labels);
        }
        Map<String, String> all = new HashMap<>(labels);
        all.putAll(columns);
        return rules.hostResolver().resolve(Collections.unmodifiableMap(all), found);
    }

    private String host(Map<String, String> group) {
        for (String name : HOSTS) {
            String candidate = group.getOrDefault(name, "");
            String bare = withoutPort(candidate);
            if (!bare.isEmpty() && !isExporter(bare)) {
                return name.equals("instance") ? bare : use(name, candidate);
            }
        }
        return "";
    }

    /** Returns whether a name is that of the exporter's own pod. */
    private boolean isExporter(String candidate) {
        return !value(EXPORTED_POD).isEmpty() && candidate.equals(value(POD));
    }

    /**
     * Returns the host of {@code n1:9400}, {@code [fe80::1]:9400}, {@code fe80::1} or {@code http://n1:9400/metrics}.
     */
    private static String withoutPort(String instance) {
        int scheme = instance.indexOf("://");
        String address = scheme < 0 ? instance : withoutPath(instance.substring(scheme + "://".length()));
        int bracket = address.indexOf(']');
        if (address.startsWith("[") && bracket > 0) {
            return address.substring(1, bracket);
        }
        int colon = address.indexOf(':');
        return colon < 0 || colon < address.lastIndexOf(':') ? address : address.substring(0, colon);
    }

    private static String withoutPath(String address) {
        int slash = address.indexOf('/');
        return slash < 0 ? address : address.substring(0, slash);
    }

    private void readWorkload(GpuSubject.Builder subject) {
        for (Map<String, String> group : List.of(columns, labels)) {
            for (List<String> names : WORKLOADS) {
                if (names.stream().anyMatch(group::containsKey)) {
                    subject.namespace(take(names.get(0), group))
                            .pod(take(names.get(1), group))
                            .container(take(names.get(2), group));
                    return;
                }
            }
        }
    }

    private void addOthers(GpuSubject.Builder subject) {
        labels.forEach(subject::label);
        columns.forEach((name, value) -> {
            if (GpuSubject.isDiscriminator(name)) {
                subject.discriminator(name, value);
            } else if (!used.contains(name)) {
                subject.label(name, value);
            }
        });
        labels.forEach((name, value) -> {
            if (GpuSubject.isDiscriminator(name) && !columns.containsKey(name)) {
                subject.discriminator(name, value);
            }
        });
    }

    private String takeFirst(List<String> names) {
        for (String name : names) {
            if (!value(name).isEmpty()) {
                return take(name);
            }
        }
        return "";
    }

    private String take(String name) {
        return use(name, value(name));
    }

    private String take(String name, Map<String, String> group) {
        return use(name, group.getOrDefault(name, ""));
    }

    private String use(String name, String value) {
        used.add(name);
        return value;
    }

    private String value(String name) {
        String column = columns.getOrDefault(name, "");
        return column.isEmpty() ? labels.getOrDefault(name, "") : column;
    }
}
