package io.gpufleet.telemetry.jdbc.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.gpufleet.telemetry.codec.SampleJsonDecoder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/** The names of fields and labels that a host gives to columns. */
final class FlatColumnsTest {
    private static SampleTables.Builder tables() {
        PGSimpleDataSource source = new PGSimpleDataSource();
        return SampleTables.builder(source, GpuSampleSink.create(source), SampleJsonDecoder.create());
    }

    @ParameterizedTest
    @CsvSource({
        "valu, value",
        "valuee, value",
        "volue, value",
        "VALUE, value",
        "ID, id",
        "Pod, pod",
        "hostname, Hostname",
        "modelname, modelName",
        "UUID, uuid",
        "gpuid, gpu_id",
        "label_raw, labels_raw",
        "ts, timestamp",
        "metric_value, value",
        "metric, metric_name",
        "gpu_uuid, uuid"
    })
    void column_refusesANameNearAField(String name, String field) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tables().column(name, "metric_value"))
                .withMessage("column: " + name + " is no field; did you mean " + field + "? Fields are id, timestamp,"
                        + " metric_name, value, uuid, gpu_id, device, modelName, Hostname, container, pod, namespace,"
                        + " pci_bus_id, labels_raw; a label has a name unlike these");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rack", "job", "pid", "ip", "node", "volumes", "value_at", "GPU_I_ID"})
    void column_takesAnyOtherNameAsALabel(String name) {
        SampleTables.Builder tables = tables();
        assertThat(tables.column(name, "rack").columns).containsEntry(name, "rack");
    }

    @Test
    void column_refusesAFieldGivenTwice() {
        SampleTables.Builder tables = tables().column("value", "a");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tables.column("value", "b"))
                .withMessage("column: value is column a already, and cannot be column b, too");
        assertThat(tables.columns).containsEntry("value", "a");
    }
}
