package io.gpufleet.telemetry.testkit;

import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.MetricEvent;
import io.gpufleet.telemetry.gpu.ScrapeHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A message of a simulated GPU fleet as sent to Kafka, with its right reading: the samples that a consumer must store,
 * and what it must leave out or refuse.
 *
 * <p>Key and value are not copied and must not be changed. Immutable under that rule; thread-safe.
 */
public final class GpuFleetRecord implements TestRecord {
    private final MessageForm form;
    private final String host;
    private final byte[] key;
    private final byte[] value;
    private final Instant time;
    private final List<SampleRow> rows;
    private final int[] places;
    private volatile @Nullable ExpectedReading expected;

    GpuFleetRecord(MessageForm form, SampleWriter writer, byte[] key, Instant time, List<SampleRow> rows) {
        this.form = form;
        this.host = rows.get(0).subject().host();
        this.key = key;
        this.time = time;
        this.rows = rows;
        this.places = new int[rows.size()];
        this.value = writer.write(rows, places);
    }

    /**
     * Returns the host of the GPUs.
     *
     * @return its name
     */
    public String host() {
        return host;
    }

    /**
     * Returns the key: the UUID of the GPU, or the name of the host if the message is of all of its GPUs.
     *
     * @return the bytes themselves
     */
    @Override
    public byte[] key() {
        return key;
    }

    /**
     * Returns the value.
     *
     * @return the bytes themselves, as sent
     */
    @Override
    public byte[] value() {
        return value;
    }

    /**
     * Returns the time of the scrape.
     *
     * @return a time in whole milliseconds
     */
    @Override
    public Instant timestamp() {
        return time;
    }

    /**
     * Returns the header {@link ScrapeHeaders#TIME}.
     *
     * @return one header
     */
    @Override
    public List<SourceRecord.Header> headers() {
        byte[] millis = Long.toString(time.toEpochMilli()).getBytes(StandardCharsets.US_ASCII);
        return List.of(new SourceRecord.Header(ScrapeHeaders.TIME, millis));
    }

    /**
     * Returns the samples of the message.
     *
     * @return the samples in the order of their rows, unmodifiable; none of a metric event
     */
    public List<GpuSample> samples() {
        return expected().samples();
    }

    /**
     * Returns the event of the message.
     *
     * @return the event of a message of {@link GpuFleetGenerator.Form#METRIC_EVENT}, which has no samples
     */
    public Optional<MetricEvent> event() {
        return expected().event();
    }

    /**
     * Returns the reasons for which rows of the message are refused.
     *
     * @return for example {@code line 3: label set not closed}, in the order of the rows, unmodifiable
     */
    public List<String> refusals() {
        return expected().refusals();
    }

    /**
     * Returns the number of readings without a value.
     *
     * @return 0 or more
     */
    public int noValues() {
        return expected().noValues();
    }

    /**
     * Returns the number of samples whose other labels cannot be read.
     *
     * @return 0 or more; 0 for exposition text, where such a row is refused
     */
    public int unreadableLabels() {
        return expected().unreadableLabels();
    }

    private ExpectedReading expected() {
        ExpectedReading known = expected;
        if (known == null) {
            known = form.expected(time, rows, places);
            expected = known;
        }
        return known;
    }

    @Override
    public String toString() {
        return rows.size() + " rows of " + host + " at " + time;
    }
}
