package io.gpufleet.telemetry.jdbc.query;

import static io.gpufleet.telemetry.jdbc.query.StoredFleet.U;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.Feed;
import io.gpufleet.telemetry.jdbc.GpuLayout;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import io.gpufleet.telemetry.jdbc.gpu.GpuSampleSink;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Questions where samples are in a flat table, which they are not answered from. */
final class FlatSamplesTest {
    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void questions_sayThatTheTableIsFlat(PostgresVersion version) {
        Database database = version.gpuDatabase(GpuLayout.FLAT);
        GpuSample sample =
                StoredFleet.sample(StoredFleet.gpu(U).build(), "DCGM_FI_DEV_GPU_TEMP", 60, "2026-03-04T11:59:30Z");
        Feed.open(GpuSampleSink.builder(database.dataSource(), GpuLayout.FLAT).build(), Feed.P0)
                .add(sample, sample.time())
                .write();
        GpuQueries queries = GpuQueries.create(database.dataSource());

        for (ThrowingCallable question : List.<ThrowingCallable>of(
                () -> queries.gpus(GpuFilter.all()),
                () -> queries.samples(SampleQuery.builder(U).build()),
                () -> queries.latest(LatestQuery.ofGpu(U).build()),
                () -> queries.xidEvents(XidQuery.ofAllGpus().build()),
                () -> queries.aggregate(AggregateQuery.builder(U, "DCGM_FI_DEV_GPU_TEMP", Aggregation.MAX)
                        .build()),
                () -> queries.wide(WideQuery.builder(U).build()),
                queries::metrics,
                () -> queries.fleet(Duration.ofSeconds(30)))) {
            assertThatExceptionOfType(TelemetryException.class)
                    .isThrownBy(question)
                    .withMessageEndingWith(
                            ": samples of GPUs are in a flat table (GpuLayout.FLAT); questions are answered"
                                    + " from samples by numbers (GpuLayout.NUMBERED), to which SampleTables moves them");
        }
        assertThat(queries.hosts()).containsExactly(new GpuCount("node-17", 1));
    }

    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void questions_withoutTables_nameTheMissingOne(PostgresVersion version) {
        GpuQueries queries = GpuQueries.create(version.emptyDatabase().dataSource());

        assertThatExceptionOfType(SinkException.class)
                .isThrownBy(() -> queries.gpus(GpuFilter.all()))
                .withMessageContaining("relation \"gpu\" does not exist");
    }
}
