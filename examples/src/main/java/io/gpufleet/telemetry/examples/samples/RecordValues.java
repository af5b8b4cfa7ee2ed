package io.gpufleet.telemetry.examples.samples;

import io.gpufleet.telemetry.Decoder;
import io.gpufleet.telemetry.gpu.GpuSample;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Function;

/** The values of one record while it is read. Not thread-safe. */
final class RecordValues implements Decoder.Values<GpuSample> {
    private final FileContent content;
    private final Function<GpuSample, List<String>> faults;
    private final NavigableMap<Integer, List<String>> invalid = new TreeMap<>();
    private int index;

    /**
     * Creates the values of a record.
     *
     * @param content takes the samples, and the reasons of the decoder
     * @param faults gives the reasons against a sample that could be read
     */
    RecordValues(FileContent content, Function<GpuSample, List<String>> faults) {
        this.content = content;
        this.faults = faults;
    }

    @Override
    public void accept(GpuSample sample) {
        List<String> reasons = faults.apply(sample);
        if (reasons.isEmpty()) {
            content.add(sample);
        } else {
            invalid.put(index, reasons);
        }
        index++;
    }

    @Override
    public void refuse(String reason) {
        content.refuse(Rejection.of(reason, 1));
        index++;
    }

    /** Returns the reasons against the samples that could be read, by the index of the value. */
    NavigableMap<Integer, List<String>> invalid() {
        return invalid;
    }
}
