package io.gpufleet.telemetry.jdbc.gpu;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.gpu.GpuMetricsRow;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.MetricEvent;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.jdbc.PostgresTable;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import java.time.Instant;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.sql.DataSource;

/**
 * The {@link PostgresSink} of wide rows: writes the readings of a GPU at one time into one row of {@code gpu_metrics},
 * those of a MIG instance into {@code gpu_mig_metrics}, and keeps in {@code gpu} when and where each GPU was seen. The
 * tables are those of {@link TelemetrySchema.Builder#gpuSamples()}.
 *
 * <pre>{@code
 * PostgresSink<GpuSample> scrapes = GpuMetricsSink.create(dataSource);
 * PostgresSink<GpuSample> single = GpuMetricsSink.builder(dataSource, WideRows.inGrid(Duration.ofSeconds(30))).build();
 * PostgresSink<GpuSample> both = GpuMetricsSink.addTo(GpuSampleSink.builder(dataSource), WideRows.ofMessages()).build();
 * PostgresSink<MetricEvent> events = GpuMetricsSink.ofEvents(dataSource).build();
 * }</pre>
 *
 * <p>A row of a message or an event fills the blanks of a stored row of the same time, and changes nothing else: what
 * was committed first stays. A row of a {@linkplain WideRows#inGrid grid} has the newest reading of each metric in its
 * cell, whatever the order of the samples.
 *
 * <p><b>MIG.</b> A reading of the whole GPU wins. Else a reading of the device, which all instances repeat, is the
 * largest of one time; the memory is the sum over the instances; and a share of time is null. The instances of a GPU
 * are those that were seen within an hour before the row, in whatever message. The sum is null until all of them have
 * reported, since too small a sum would look like free memory: after an instance is destroyed, up to an hour.
 * {@code gpu_metrics.derived} marks the readings that are not of the whole GPU.
 */
public final class GpuMetricsSink {
    private GpuMetricsSink() {}

    /**
     * Creates a sink of samples for the tables in the search path, with the rows of messages.
     *
     * @param dataSource the source of connections, usually a pool
     * @return a thread-safe sink
     */
    public static PostgresSink<GpuSample> create(DataSource dataSource) {
        return builder(dataSource).build();
    }

    /**
     * Starts from the sink of samples with the rows of messages, to add options and further steps.
     *
     * @param dataSource the source of connections, usually a pool
     * @return a builder
     */
    public static PostgresSink.Builder<GpuSample> builder(DataSource dataSource) {
        return builder(dataSource, WideRows.ofMessages());
    }

    /**
     * Starts from the sink of samples, to add options and further steps.
     *
     * @param dataSource the source of connections, usually a pool
     * @param rows how samples come into rows
     * @return a builder
     */
    public static PostgresSink.Builder<GpuSample> builder(DataSource dataSource, WideRows rows) {
        return addTo(
                PostgresSink.<GpuSample>builder(dataSource)
                        .insertMissing(
                                GpuTables.GPU,
                                d -> Stream.of(d.value().subject().uuid()))
                        .fold(new GpuSightings(), GpuTables.GPUS),
                rows);
    }

    /**
     * Adds wide rows to the sink of samples, for both tables in one transaction. Samples that are stored already are
     * left out of the rows, too, also if they were stored without rows; but those of the same message decide to which
     * row a sample belongs. To get the rows of samples that were stored without, read their topic again as another
     * group with {@link #builder(DataSource, WideRows)}, which has no table of samples and so leaves none out.
     *
     * @param samples the sink of samples
     * @param rows how samples come into rows
     * @return the same builder
     */
    public static PostgresSink.Builder<GpuSample> addTo(PostgresSink.Builder<GpuSample> samples, WideRows rows) {
        requireNonNull(samples, "samples");
        boolean inGrid = requireNonNull(rows, "rows").grid().isPresent();
        Function<Delivery<GpuSample>, Instant> time = new RowTime(rows);
        // The fold of sightings, which comes before, has locked the GPUs: so no other transaction adds an instance
        // between the write of the rows and the sum over them, nor locks the same hours of compacted days in another
        // order.
        PostgresTable<GpuMetricsRow> metrics = GpuMetricsTables.metrics(inGrid);
        return samples.fold(new WideFold(rows, WideFold.Part.GPUS), metrics, time)
                .fold(new WideFold(rows, WideFold.Part.INSTANCES), GpuMetricsTables.instances(inGrid), time)
                .recompute(new WideFold(rows, WideFold.Part.TOUCHED), metrics, MemorySum.UPDATE);
    }

    /**
     * Starts from the sink of events, each of which is a row, to add options and further steps.
     *
     * @param dataSource the source of connections, usually a pool
     * @return a builder
     */
    public static PostgresSink.Builder<MetricEvent> ofEvents(DataSource dataSource) {
        return PostgresSink.<MetricEvent>builder(dataSource)
                .insertMissing(GpuTables.GPU, d -> Stream.of(d.value().gpu().uuid()))
                .fold(new EventSightings(), GpuTables.GPUS)
                .fold(new EventRows(), GpuMetricsTables.metrics(false), EventRows::timeOf);
    }
}
