package io.gpufleet.telemetry.jdbc.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import io.gpufleet.telemetry.jdbc.TelemetrySchema;
import io.gpufleet.telemetry.jdbc.config.ConsumerConfigLoader;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** The rights that {@link TelemetrySchema} names are enough for reports and settings. */
final class MonitorRightsTest {
    private static final String GRANTS = """
            DO $$ BEGIN CREATE ROLE monitored LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
            GRANT SELECT ON pipeline_consumer_configs TO monitored;
            GRANT SELECT, INSERT, UPDATE, DELETE ON consumer_lag_history, consumer_processing_metrics TO monitored""";

    private final Database database = PostgresVersion.POSTGRES_18.database();

    private PGSimpleDataSource asMonitored() {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(database.url());
        source.setUser("monitored");
        return source;
    }

    @Test
    void tables_canBeWrittenTrimmedAndRead() {
        database.execute(GRANTS);
        database.execute(ConsumerSamples.lag("s", "t/0", 1, "8 days"));
        database.execute(ConsumerSamples.service("s", "max_poll_records = 3"));
        SampleTables tables = new SampleTables(asMonitored(), Optional.empty());
        ProcessingSample batch =
                new ProcessingSample(System.nanoTime(), Instant.now(), 1, 2, 3, Duration.ofMillis(4), 0, 0);

        tables.write("s", "g", new SampleBuffer.Samples(List.of(), List.of(batch), 0));
        tables.trim(Duration.ofDays(7));

        assertThat(database.count("consumer_processing_metrics")).isEqualTo(1);
        assertThat(database.count("consumer_lag_history")).isZero();
        try (ConsumerConfigLoader settings = ConsumerConfigLoader.create(asMonitored())) {
            assertThat(settings.load("s").maxPollRecords()).isEqualTo(3);
        }
    }
}
