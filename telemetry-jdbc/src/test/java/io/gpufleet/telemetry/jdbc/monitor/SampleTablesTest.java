package io.gpufleet.telemetry.jdbc.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.PartitionLag;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryEvent.BatchWritten;
import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class SampleTablesTest {
    private final Database database = PostgresVersion.POSTGRES_18.database();

    /** The database was down for an hour. */
    @Test
    void write_storesWhenSamplesWereTaken() {
        long anHourAgo = System.nanoTime() - Duration.ofHours(1).toNanos();
        LagSample lag = new LagSample(anHourAgo, new SourcePartition("t", 0), new PartitionLag(1, 2, Optional.empty()));
        ProcessingSample batch = ProcessingSample.of(
                        anHourAgo, Instant.EPOCH, new BatchWritten(1, 0, Duration.ofMillis(1)))
                .plusRefused(5, 3);

        new SampleTables(database.dataSource(), Optional.empty())
                .write("s", "g", new SampleBuffer.Samples(List.of(lag), List.of(batch), 0));

        for (String table : List.of("consumer_lag_history", "consumer_processing_metrics")) {
            assertThat(database.count(table + " WHERE now() - timestamp BETWEEN interval '1 hour'"
                            + " AND interval '1 hour 1 minute'"))
                    .as(table)
                    .isEqualTo(1);
        }
        assertThat(database.rows("SELECT samples_rejected, samples_repeated FROM consumer_processing_metrics"))
                .containsExactly("5|3");
    }
}
