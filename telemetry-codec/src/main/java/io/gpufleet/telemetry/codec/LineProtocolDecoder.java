package io.gpufleet.telemetry.codec;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.gpu.GpuMetric;
import io.gpufleet.telemetry.gpu.GpuSample;
import java.nio.ByteBuffer;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedSet;

/**
 * A reader of InfluxDB's line protocol, the form of {@code influx_inspect export} and of Telegraf. Each field that is a
 * metric is a sample, of the GPU that the tags tell.
 *
 * <pre>{@code
 * DCGM_FI_DEV_GPU_TEMP,UUID=GPU-…,gpu=0,Hostname=node-031 value=41 1772366400250000000
 * prometheus,UUID=GPU-…,gpu=0 DCGM_FI_DEV_GPU_TEMP=41,DCGM_FI_DEV_GPU_UTIL=97 1772366400250000000
 * nvidia_smi,host=node-031,index=0,name=NVIDIA\ H100,uuid=GPU-… temperature_gpu=41i,power_draw=112.25 1772366400250000000
 * }</pre>
 *
 * <p>A field is a metric if its name has a prefix of metrics ({@code DCGM_}, {@code dcgm_}); the measurement is one if
 * it has such a prefix and its field is named {@code value}, {@code v}, {@code gauge} or {@code counter}. Of Telegraf's
 * measurement {@code nvidia_smi} the fields are read that are metrics of nvidia-smi, with {@code index} and
 * {@code name} as the tags of the GPU's number and model. The tag {@code host} is the host, if no other tag is. All
 * other tags are labels, as in {@link ExpositionTextDecoder}. {@link Builder#metric} and {@link Builder#label} say
 * more.
 *
 * <p>A number is one whatever its type is: {@code 71i}, {@code 71u}, {@code 71}, {@code 71.0} and {@code 7.1e1} are the
 * same value. A text or a flag in the place of a number is refused with the number of its line. Times are whole
 * nanoseconds since 1970, unless {@link Builder#precision} says otherwise; what is finer than a microsecond is cut, not
 * rounded, so that two lines may get one time: the sink stores the first and counts the other as a duplicate or a
 * conflict. A line without a time has that of the scrape. Comments, and the statements at the head of an export, are
 * passed by. A text in quotation marks may go over the end of a line; one that is never closed, or not within the
 * longest line, costs the line in which it begins.
 *
 * <p>A last line without a line feed is refused, as it may be a part of a line only; see
 * {@link SampleDecoderBuilder#acceptOpenEnd}. Limits: a message of 16 MiB, a line of 1 MiB, a tag value of 64 KiB, 128
 * tags of a line. Text in gzip is unpacked. Thread-safe. Source: InfluxDB 1.8 and 2.7, line protocol reference.
 */
public final class LineProtocolDecoder implements GpuSampleDecoder {
    private final SampleDecoding decoding;

    LineProtocolDecoder(SampleRules rules, LineProtocolRules names) {
        this.decoding = new SampleDecoding(
                rules, (ofRecord, context, text) -> new LineProtocolReading(ofRecord, names, context, text));
    }

    /**
     * Returns a decoder with the default options.
     *
     * @return a thread-safe decoder
     */
    public static LineProtocolDecoder create() {
        return builder().build();
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
     * Returns the refused lines as plain text of at most 64 KiB.
     *
     * @param source the bytes of the record
     * @param indexes the indexes of the refused values
     * @return the lines; {@code source} if the rest of it cannot be read
     */
    @Override
    public byte[] excerpt(byte[] source, SortedSet<Integer> indexes) {
        return decoding.excerpt(source, indexes);
    }

    @Override
    public Map<Integer, String> places(byte[] source, SortedSet<Integer> indexes) {
        return decoding.places(source, indexes);
    }

    /** Builds a {@link LineProtocolDecoder}. Not thread-safe. */
    public static final class Builder extends SampleDecoderBuilder<Builder> {
        private final Map<String, GpuMetric> metrics = new HashMap<>();
        private final Map<String, String> labels = new HashMap<>();
        private ChronoUnit precision = ChronoUnit.NANOS;

        private Builder() {}

        @Override
        Builder self() {
            return this;
        }

        /**
         * Reads a field of a measurement as a metric, whatever their names are.
         *
         * @param measurement the measurement
         * @param field the name of the field
         * @param metric the name of the metric, such as {@code DCGM_FI_DEV_GPU_TEMP}
         * @return this
         */
        public Builder metric(String measurement, String field, String metric) {
            metrics.put(
                    LineProtocolRules.key(requireNonNull(measurement, "measurement"), requireNonNull(field, "field")),
                    GpuMetric.named(requireNonNull(metric, "metric")));
            return this;
        }

        /**
         * Reads a tag as a label of another name.
         *
         * @param tag the name of the tag
         * @param label the name of the label, such as {@code UUID}, {@code Hostname}, {@code gpu} or {@code pod}
         * @return this
         */
        public Builder label(String tag, String label) {
            labels.put(requireNonNull(tag, "tag"), requireNonNull(label, "label"));
            return this;
        }

        /**
         * Sets the unit of times.
         *
         * @param unit nanoseconds, microseconds, milliseconds or seconds (default: nanoseconds)
         * @return this
         */
        public Builder precision(ChronoUnit unit) {
            if (!LineProtocolRules.PRECISIONS.contains(requireNonNull(unit, "unit"))) {
                throw new IllegalArgumentException("precision: " + unit + " is not Nanos, Micros, Millis or Seconds");
            }
            this.precision = unit;
            return this;
        }

        /**
         * Builds the decoder.
         *
         * @return a thread-safe decoder
         */
        public LineProtocolDecoder build() {
            return new LineProtocolDecoder(new SampleRules(this), new LineProtocolRules(metrics, labels, precision));
        }
    }
}
