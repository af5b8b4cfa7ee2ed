package io.gpufleet.telemetry.testkit;

import io.gpufleet.telemetry.gpu.GpuSubject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The subject of a row of a scrape: a GPU, a MIG instance or a share, with the labels that its exporter gives it.
 * Immutable.
 *
 * @param number its number among those of its host
 * @param gpu its GPU
 * @param moment the GPU at the time of the scrape
 * @param part the part of the GPU
 * @param workload the pod on it
 * @param link the number of the NVLink, empty for none
 * @param host the name of its host
 * @param job the job of its host, empty if there is none
 * @param names the names that its exporter uses
 */
record SampleSubject(
        int number,
        SimulatedGpu gpu,
        GpuMoment moment,
        GpuPart part,
        GpuWorkload workload,
        String link,
        String host,
        String job,
        GpuFleetGenerator.Names names) {
    private static final String DRIVER = "DCGM_FI_DRIVER_VERSION";
    static final String DRIVER_VERSION = "535.129.03";
    private static final String JOB = "hpc_job";

    /** Returns the labels in the exporter's order. */
    Map<String, String> labels() {
        Map<String, String> labels = new LinkedHashMap<>();
        if (!link.isEmpty()) {
            addLabelsOfLink(labels);
            return labels;
        }
        labels.put("gpu", Integer.toString(gpu.index()));
        boolean first = names == GpuFleetGenerator.Names.FIRST_EXPORTERS;
        labels.put(first ? "uuid" : "UUID", gpu.uuid());
        if (first) {
            labels.put("device", gpu.device());
            labels.put("Hostname", host);
            put(labels, "container_name", "pod_namespace", "pod_name");
        } else {
            addLabels(labels);
        }
        others().forEach(labels::put);
        return labels;
    }

    private void addLabelsOfLink(Map<String, String> labels) {
        labels.put("nvlink", link);
        labels.put("gpu", Integer.toString(gpu.index()));
        labels.put("gpu_uuid", gpu.uuid());
        labels.put("pci_bus_id", gpu.pciBusId());
        labels.put("device", gpu.device());
        labels.put("model_name", gpu.model().label);
        labels.put(hostLabel(), host);
    }

    private String hostLabel() {
        return names == GpuFleetGenerator.Names.SINCE_4_6 ? "hostname" : "Hostname";
    }

    private void addLabels(Map<String, String> labels) {
        labels.put("pci_bus_id", gpu.pciBusId());
        labels.put("device", gpu.device());
        labels.put("modelName", gpu.model().label);
        if (!part.isWhole()) {
            labels.put("GPU_I_PROFILE", part.profile());
            labels.put("GPU_I_ID", Integer.toString(part.id()));
        }
        labels.put(hostLabel(), host);
        put(labels, "container", "namespace", "pod");
        if (!workload.vgpu().isEmpty()) {
            labels.put("vgpu", workload.vgpu());
        }
    }

    private void put(Map<String, String> labels, String container, String namespace, String pod) {
        labels.put(container, workload.container());
        labels.put(namespace, workload.namespace());
        labels.put(pod, workload.pod());
    }

    /** Returns the model as the exporter names it. */
    String model() {
        return names == GpuFleetGenerator.Names.FIRST_EXPORTERS ? "" : gpu.model().label;
    }

    /** Returns the labels without a meaning of their own. */
    Map<String, String> others() {
        Map<String, String> others = new LinkedHashMap<>();
        if (!link.isEmpty()) {
            return others;
        }
        others.put(DRIVER, DRIVER_VERSION);
        if (!job.isEmpty()) {
            others.put(JOB, job);
        }
        if (!workload.note().isEmpty()) {
            others.put(GpuWorkload.NOTE, workload.note());
        }
        return others;
    }

    /** Returns the columns of CSV from the number of the GPU to the namespace; no value needs quotation marks. */
    List<String> columns() {
        return List.of(
                Integer.toString(gpu.index()),
                gpu.device(),
                gpu.uuid(),
                model(),
                host,
                workload.container(),
                workload.pod(),
                workload.namespace());
    }

    /** Returns the subject that a decoder reads, without labels. */
    GpuSubject.Builder expected() {
        boolean first = names == GpuFleetGenerator.Names.FIRST_EXPORTERS;
        return GpuSubject.builder(gpu.uuid())
                .index(gpu.index())
                .device(gpu.device())
                .pciBusId(first ? "" : gpu.pciBusId())
                .model(model())
                .migInstance(part.isWhole() ? "" : Integer.toString(part.id()))
                .migProfile(part.profile())
                .nvlink(link)
                .host(host)
                .namespace(workload.namespace())
                .pod(workload.pod())
                .container(workload.container())
                .vgpu(workload.vgpu());
    }
}
