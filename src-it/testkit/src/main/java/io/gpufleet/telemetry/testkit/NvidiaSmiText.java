package io.gpufleet.telemetry.testkit;

import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A writer of CSV of nvidia-smi, with local times in UTC. */
final class NvidiaSmiText implements SampleWriter {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu/MM/dd HH:mm:ss.SSS", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final String[] NONE = {
        "[N/A]", "N/A", "", "[Not Supported]", "[Unknown Error]", "[Insufficient Permissions]", "[GPU requires reset]"
    };
    private static final int BYTES_OF_CELL = 16;

    @Override
    public byte[] write(List<SampleRow> rows, int[] places) {
        ByteText text = new ByteText(rows.size() * BYTES_OF_CELL);
        addHeader(text, rows);
        SimulatedGpu gpu = null;
        int line = 1;
        for (int i = 0; i < places.length; i++) {
            if (!rows.get(i).subject().gpu().equals(gpu)) {
                gpu = rows.get(i).subject().gpu();
                line++;
                addGpu(text, rows.get(i));
            }
            places[i] = line;
            text.add(", ").add(cell(rows.get(i), NvidiaSmiForm.INSTANCE.fault(rows.get(i))));
        }
        return text.add('\n').bytes();
    }

    private static void addHeader(ByteText text, List<SampleRow> rows) {
        text.add("timestamp, uuid, index, name, pci.bus_id, driver_version");
        for (SampleRow row : rows) {
            if (row.subject().gpu().equals(rows.get(0).subject().gpu())) {
                text.add(", ").add(NvidiaSmiColumn.of(row.metric()).header());
            }
        }
    }

    private static void addGpu(ByteText text, SampleRow row) {
        SimulatedGpu gpu = row.subject().gpu();
        text.add('\n').add(TIME.format(row.time())).add(", ").add(gpu.uuid());
        text.add(", ").add(gpu.index(), 1).add(", ").add(gpu.model().label);
        text.add(", ").add(gpu.pciBusId()).add(", ").add(SampleSubject.DRIVER_VERSION);
    }

    private static String cell(SampleRow row, @Nullable SampleFault fault) {
        if (fault == null) {
            return NvidiaSmiColumn.of(row.metric()).cell(row);
        }
        boolean isNone = fault == SampleFault.NO_VALUE || fault == SampleFault.ZERO_OF_INSTANCE;
        return isNone ? NONE[Noise.below(NONE.length, Noise.of(row.noise(), 2))] : FaultText.of(row, fault);
    }
}
