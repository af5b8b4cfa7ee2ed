package io.gpufleet.telemetry.gpu;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A row that is being filled. Belongs to one thread. */
final class RowDraft {
    final String uuid;
    final String instance;
    final long micros;
    final long[] values;
    long present;
    long derived;
    int @Nullable [] offsets;
    String profile = "";
    int quality;
    Optional<Boolean> validationPassed = Optional.empty();
    OptionalDouble collectionLatencyMs = OptionalDouble.empty();

    RowDraft(String uuid, String instance, long micros) {
        this.uuid = uuid;
        this.instance = instance;
        this.micros = micros;
        this.values = new long[WideColumn.count()];
    }

    /** Puts a value; one that the column cannot hold is left out, and the row is flagged. */
    void put(WideColumn column, OptionalLong bits, boolean isDerived) {
        if (bits.isEmpty()) {
            addQuality(QualityFlag.OUT_OF_RANGE.bit());
            return;
        }
        values[column.number()] = bits.getAsLong();
        present |= column.bit();
        derived |= isDerived ? column.bit() : 0;
    }

    /** Makes the row one of a grid. */
    void inGrid() {
        if (offsets == null) {
            offsets = new int[values.length];
        }
    }

    /** Takes a reading of a cell if it wins over the one that is there; see {@link #put} for others. */
    void offer(WideColumn column, OptionalLong bits, boolean isDerived, int offset) {
        inGrid();
        if (bits.isEmpty()) {
            addQuality(QualityFlag.OUT_OF_RANGE.bit());
        } else {
            offer(column, bits.getAsLong(), isDerived, offset);
        }
    }

    void offer(WideColumn column, long value, boolean isDerived, int offset) {
        boolean isEmpty = (present & column.bit()) == 0;
        if (isEmpty || wins(column, value, isDerived, offset)) {
            values[column.number()] = value;
            present |= column.bit();
            derived = isDerived ? derived | column.bit() : derived & ~column.bit();
            if (offsets != null) {
                offsets[column.number()] = offset;
            }
        }
    }

    private boolean wins(WideColumn column, long value, boolean isDerived, int offset) {
        boolean wasDerived = (derived & column.bit()) != 0;
        if (wasDerived != isDerived) {
            return wasDerived;
        }
        boolean isLarger = column.type().compare(value, values[column.number()]) > 0;
        if (offsets == null) {
            return isDerived && isLarger;
        }
        int newer = Integer.compare(offset, offsets[column.number()]);
        return newer > 0 || (newer == 0 && isLarger);
    }

    void addQuality(int bits) {
        quality |= bits;
    }

    void profile(String name) {
        profile = name.compareTo(profile) > 0 ? name : profile;
    }

    GpuMetricsRow build() {
        return new GpuMetricsRow(this);
    }
}
