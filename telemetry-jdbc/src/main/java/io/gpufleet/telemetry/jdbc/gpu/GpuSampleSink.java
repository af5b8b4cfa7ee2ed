package io.gpufleet.telemetry.jdbc.gpu;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import java.util.stream.Stream;
import javax.sql.DataSource;

/**
 * The {@link PostgresSink} of GPU samples: writes every sample once into {@code gpu_sample}, with its GPU, metric and
 * labels, and keeps in {@code gpu} when and where each GPU was seen. The stored rows depend only on the set of samples,
 * not on batches or order, as long as no two samples with one key have different values.
 *
 * <pre>{@code
 * TelemetrySchema.builder(owner).schema("telemetry").gpuSamples().build().install();
 * PostgresSink<GpuSample> sink = GpuSampleSink.builder(dataSource).schema("telemetry").build();
 * }</pre>
 *
 * <p>Of the samples with one GPU, metric, time and series, the first one of a batch, and the first one that is
 * committed, stays. The others change nothing; those with another value are counted as conflicts. The series is part of
 * the key as a hash of 64 bits: two series of one GPU, metric and time with equal hashes would be taken for one, which
 * is practically impossible. Thread-safe.
 */
public final class GpuSampleSink {
    private static final String VALUE = "metric_value";

    private GpuSampleSink() {}

    /**
     * Creates a sink for the tables in the search path.
     *
     * @param dataSource the source of connections, usually a pool
     * @return a thread-safe sink
     */
    public static PostgresSink<GpuSample> create(DataSource dataSource) {
        return builder(dataSource).build();
    }

    /**
     * Starts from the sink of GPU samples, to add options and further steps.
     *
     * @param dataSource the source of connections, usually a pool
     * @return a builder
     */
    public static PostgresSink.Builder<GpuSample> builder(DataSource dataSource) {
        return builder(dataSource, GpuLayout.NUMBERED);
    }

    /**
     * Starts from the sink of GPU samples for tables that were installed in a
     * {@linkplain TelemetrySchema.Builder#gpuSamples(GpuLayout) layout}.
     *
     * @param dataSource the source of connections, usually a pool
     * @param layout the layout of the tables
     * @return a builder
     */
    public static PostgresSink.Builder<GpuSample> builder(DataSource dataSource, GpuLayout layout) {
        PostgresSink.Builder<GpuSample> sink = PostgresSink.<GpuSample>builder(dataSource)
                .insertMissing(GpuTables.GPU, d -> Stream.of(d.value().subject().uuid()))
                .insertMissing(GpuTables.METRIC, d -> Stream.of(d.value().metric()));
        return samples(sink, layout).fold(new GpuSightings(), GpuTables.GPUS);
    }

    private static PostgresSink.Builder<GpuSample> samples(PostgresSink.Builder<GpuSample> sink, GpuLayout layout) {
        return switch (requireNonNull(layout, "layout")) {
            case NUMBERED ->
                sink.insertMissing(
                                GpuTables.LABELS,
                                d -> d.value().subject(),
                                d -> d.value().time())
                        .insertOnce(GpuTables.GPU_SAMPLE, VALUE);
            case FLAT -> sink.insertOnce(GpuTables.GPU_TELEMETRY, VALUE);
        };
    }
}
