package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.Aggregator;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.jdbc.ColumnType;
import io.gpufleet.telemetry.jdbc.PostgresTable;
import java.util.function.BiConsumer;

/** The number of samples of each GPU that a sink has really inserted, in the table {@code seen}. */
final class InsertedSamples implements Aggregator<GpuSample, String, InsertedSamples.Seen> {
    static final String CREATE = "CREATE TABLE seen (uuid text PRIMARY KEY, n bigint NOT NULL)";

    static final PostgresTable<Seen> TABLE = PostgresTable.<Seen>builder("seen")
            .key("uuid", ColumnType.TEXT, Seen::uuid)
            .sum("n", ColumnType.BIGINT, Seen::samples)
            .build();

    /** The samples of a GPU. */
    record Seen(String uuid, long samples) {}

    @Override
    public void fold(Delivery<GpuSample> delivery, BiConsumer<? super String, ? super Seen> results) {
        String uuid = delivery.value().subject().uuid();
        results.accept(uuid, new Seen(uuid, 1));
    }

    @Override
    public Seen merge(Seen left, Seen right) {
        return new Seen(left.uuid, left.samples + right.samples);
    }
}
