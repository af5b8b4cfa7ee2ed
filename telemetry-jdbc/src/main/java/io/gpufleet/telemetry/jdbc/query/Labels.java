package io.gpufleet.telemetry.jdbc.query;

import io.gpufleet.telemetry.jdbc.internal.Identifier;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jdbi.v3.core.Handle;

/**
 * A stored set of labels: where a GPU was, and whose, as of then. Immutable.
 *
 * @param index the number of the GPU on its host
 * @param device the name of the device
 * @param model the model
 * @param hostname the host
 * @param namespace the namespace of the workload
 * @param pod the pod of the workload
 * @param container the container of the workload
 * @param pciBusId the PCI address
 * @param others all other labels
 */
record Labels(
        OptionalInt index,
        String device,
        String model,
        String hostname,
        String namespace,
        String pod,
        String container,
        String pciBusId,
        Map<String, String> others) {
    private static final String BY_NUMBER = """
            SELECT labels_id, gpu_id, device, model_name, hostname, namespace, pod, container, pci_bus_id,
                ARRAY(SELECT key FROM jsonb_each_text(labels) ORDER BY key) AS names,
                ARRAY(SELECT value FROM jsonb_each_text(labels) ORDER BY key) AS texts
            FROM {gpu_labels} WHERE labels_id = ANY (:numbers)""";

    /** Returns sets by their numbers. */
    static Map<Long, Labels> find(Handle handle, Optional<String> schema, Collection<Long> numbers) {
        Map<Long, Labels> found = new HashMap<>();
        handle.createQuery(Identifier.qualifyAll(schema, BY_NUMBER))
                .bindArray("numbers", Long.class, numbers)
                .map((row, context) -> Map.entry(row.getLong(1), of(row)))
                .forEach(set -> found.put(set.getKey(), set.getValue()));
        return found;
    }

    private static Labels of(ResultSet row) throws SQLException {
        int index = row.getInt("gpu_id");
        OptionalInt known = row.wasNull() ? OptionalInt.empty() : OptionalInt.of(index);
        String[] names = (String[]) row.getArray("names").getArray();
        String[] texts = (String[]) row.getArray("texts").getArray();
        Map<String, String> others = new HashMap<>();
        for (int n = 0; n < names.length; n++) {
            others.put(names[n], texts[n]);
        }
        return new Labels(
                known,
                row.getString("device"),
                row.getString("model_name"),
                row.getString("hostname"),
                row.getString("namespace"),
                row.getString("pod"),
                row.getString("container"),
                row.getString("pci_bus_id"),
                others);
    }
}
