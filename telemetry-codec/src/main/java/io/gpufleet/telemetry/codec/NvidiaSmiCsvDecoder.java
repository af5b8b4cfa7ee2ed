package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.gpu.GpuSample;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.SortedSet;

/**
 * A reader of the output of {@code nvidia-smi --query-gpu=… --format=csv}, with or without {@code nounits}: all
 * readings of a GPU in a row, behind a header that names the columns in any order.
 *
 * <pre>{@code
 * timestamp, uuid, index, name, temperature.gpu, utilization.gpu [%], power.draw [W], pstate
 * 2026/03/01 12:00:00.250, GPU-…, 0, NVIDIA H100 80GB HBM3, 44, [N/A], 81.37 W, P0
 * }</pre>
 *
 * <p>Needed are {@code timestamp}, {@code uuid} and, as the times are local, a {@linkplain SampleDecoderBuilder#zone
 * zone}: without one the record is refused. Read are the columns of temperatures, utilization, memory, power, clocks,
 * fan, performance state, PCIe, clock reasons, ECC errors, retired pages, remapped rows and MIG mode, as the metrics of
 * DCGM that they are; {@code index}, {@code name}, {@code pci.bus_id}, {@code serial}, {@code driver_version} and
 * {@code vbios_version} describe the GPU. Other columns are ignored; of two columns of one metric the first one counts.
 * A header that stands again is the header of the rows behind it.
 *
 * <p>A cell without a value, such as {@code [Not Supported]}, is counted and left out. One that is no number, or in
 * another unit than its column, is refused with line and column; the other cells of its row are read. A row without a
 * UUID, with a time that is none, or of another width is refused. A last row without the end of a line is refused,
 * since a text that was cut off looks the same; see {@link SampleDecoderBuilder#acceptOpenEnd}.
 *
 * <p>Needs the library {@code de.siegmar:fastcsv}. Limits: a message of 16 MiB, a row of 1 MiB, 1,000 columns, a label
 * value of 64 KiB. Thread-safe. Source: {@code nvidia-smi --help-query-gpu}.
 */
public final class NvidiaSmiCsvDecoder implements GpuSampleDecoder {
    private final SampleDecoding decoding;

    NvidiaSmiCsvDecoder(SampleRules rules) {
        CsvCells.requireLibrary();
        this.decoding = new SampleDecoding(rules, CsvReading::ofNvidiaSmi);
    }

    /**
     * Returns a builder with the default options.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public void decode(ByteBuffer source, ScrapeContext context, Values<? super GpuSample> values) {
        decoding.decode(source, context, values);
    }

    /**
     * Returns the rows with refused cells, each behind its header, as plain text of at most 64 KiB.
     *
     * @param source the bytes of the record
     * @param indexes the indexes of the refused values
     * @return the rows; {@code source} if the rest of it cannot be read
     */
    @Override
    public byte[] excerpt(byte[] source, SortedSet<Integer> indexes) {
        return decoding.excerpt(source, indexes);
    }

    @Override
    public Map<Integer, String> places(byte[] source, SortedSet<Integer> indexes) {
        return decoding.places(source, indexes);
    }

    /** Builds an {@link NvidiaSmiCsvDecoder}. Not thread-safe. */
    public static final class Builder extends SampleDecoderBuilder<Builder> {
        private Builder() {}

        @Override
        Builder self() {
            return this;
        }

        /**
         * Builds the decoder.
         *
         * @return a thread-safe decoder
         * @throws IllegalStateException if the library is not there
         */
        public NvidiaSmiCsvDecoder build() {
            return new NvidiaSmiCsvDecoder(new SampleRules(this));
        }
    }
}
