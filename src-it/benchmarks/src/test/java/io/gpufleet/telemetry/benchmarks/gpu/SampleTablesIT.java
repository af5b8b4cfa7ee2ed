package io.gpufleet.telemetry.benchmarks.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.benchmarks.pipeline.Servers;
import io.gpufleet.telemetry.benchmarks.report.Extent;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Small tables of GPU samples, whose rows are counted in the database. Nothing is timed. */
final class SampleTablesIT {
    private static Servers servers;

    @BeforeAll
    static void start() {
        servers = Servers.start();
    }

    @AfterAll
    static void close() {
        servers.close();
    }

    @Test
    void sink_hasAGoalOfEachForm() throws Exception {
        assertThat(SampleSinkTable.measure(servers, Extent.SMOKE, 1).toString())
                .contains("sink only, long, 1 lane / INSERT ... SELECT, long")
                .contains("sink only, wide, 1 lane / INSERT ... SELECT, wide");
    }

    @Test
    void pipeline_hasAGoalOfEachFormAndLane() throws Exception {
        assertThat(SamplePipelineTable.measure(servers, Extent.SMOKE, 1).toString())
                .contains("end to end, long, 1 lane / sink only")
                .contains("end to end, wide, 2 lanes / sink only")
                .contains("end to end, long, 2 lanes / usual service")
                .doesNotContain("not run");
    }

    @Test
    void bytes_hasARowOfEachForm() throws Exception {
        assertThat(SampleBytesTable.measure(servers, Extent.SMOKE).toString().lines())
                .anyMatch(line -> line.startsWith("long"))
                .anyMatch(line -> line.startsWith("wide"));
    }

    @Test
    void lateSamples_areComparedNewAndKnown() throws Exception {
        assertThat(LateSampleTable.measure(servers, Extent.SMOKE, 1).toString().lines())
                .anyMatch(line -> line.startsWith("new"))
                .anyMatch(line -> line.startsWith("known"));
    }

    @Test
    void compaction_hasARowOfEachDistanceAndKind() throws Exception {
        assertThat(CompactionTable.measure(servers, Extent.SMOKE).toString())
                .contains("every 600 s, jittered", "every 1800 s, metrics apart", "every 1800 s, constant");
    }

    @Test
    void ingest_isComparedAtAPaceAndWithoutAPause() throws Exception {
        assertThat(IngestBesideCompaction.measure(servers, Extent.SMOKE).toString())
                .contains("at the pace of 10,000 GPUs", "without a pause");
    }

    @Test
    void questions_areAskedBesideAConsumer() throws Exception {
        assertThat(QueryTable.measure(servers, Extent.SMOKE, Duration.ZERO).toString())
                .contains("latest of a gpu", "month of a metric", "fleet now")
                .doesNotContain("NaN");
    }

    @Test
    void questions_haveTheRowsOfTheFlatTable() throws Exception {
        assertThat(FlatQueryTable.measure(servers, Extent.SMOKE).toString())
                .contains("list of GPUs", "latest of a metric of all GPUs");
    }
}
