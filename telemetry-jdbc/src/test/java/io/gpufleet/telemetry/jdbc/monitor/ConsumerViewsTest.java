package io.gpufleet.telemetry.jdbc.monitor;

import static io.gpufleet.telemetry.jdbc.monitor.ConsumerSamples.batch;
import static io.gpufleet.telemetry.jdbc.monitor.ConsumerSamples.lag;
import static io.gpufleet.telemetry.jdbc.monitor.ConsumerSamples.service;
import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.jdbc.Database;
import io.gpufleet.telemetry.jdbc.PostgresVersion;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The views of stored samples; every test has a service of its own in the database that they share. */
@ParameterizedClass
@EnumSource(PostgresVersion.class)
final class ConsumerViewsTest {
    private static final String NOW = "0 s";
    private static final AtomicInteger SERVICES = new AtomicInteger();

    private static Database database;

    private final String name = "service-" + SERVICES.incrementAndGet();

    @Parameter
    PostgresVersion version;

    @BeforeParameterizedClassInvocation
    static void install(PostgresVersion version) {
        database = version.database();
    }

    @ParameterizedTest
    @CsvSource({
        "0, HEALTHY, none",
        "100, HEALTHY, none",
        "101, WATCH, MONITOR",
        "1000, WATCH, MONITOR",
        "1001, WARNING, INVESTIGATE",
        "10000, WARNING, INVESTIGATE",
        "10001, CRITICAL, IMMEDIATE_ACTION"
    })
    void lagStatus_hasItsEdges(long waiting, String status, String action) {
        report(lag(name, "t/0", waiting, NOW));

        assertThat(monitor("current_total_lag, lag_status")).isEqualTo(waiting + "|" + status);
        assertThat(action()).isEqualTo(action);
    }

    @ParameterizedTest
    @CsvSource({
        "300000, 150000, GOOD, none",
        "300000, 150001, MARGINAL, INVESTIGATE",
        "300000, 240000, MARGINAL, INVESTIGATE",
        "300000, 240001, TOO_SLOW, IMMEDIATE_ACTION",
        "100001, 50000, GOOD, none",
        "100001, 50001, MARGINAL, INVESTIGATE",
        "100001, 80000, MARGINAL, INVESTIGATE",
        "100001, 80001, TOO_SLOW, IMMEDIATE_ACTION"
    })
    void processingSpeed_hasItsEdges(int interval, long millis, String speed, String action) {
        report(service(name, "max_poll_interval_ms = " + interval), lag(name, "t/0", 0, NOW));
        report(batch(name, 100, 0, millis, NOW));

        assertThat(monitor("processing_speed, avg_processing_time_ms, max_poll_interval_ms"))
                .isEqualTo(speed + "|" + millis + "|" + interval);
        assertThat(action()).isEqualTo(action);
    }

    @ParameterizedTest
    @CsvSource({
        "0, none",
        "5, none",
        "6, MONITOR",
        "10, MONITOR",
        "11, INVESTIGATE",
        "20, INVESTIGATE",
        "21, IMMEDIATE_ACTION"
    })
    void errorRate_hasItsEdges(int failed, String action) {
        report(lag(name, "t/0", 50, NOW), batch(name, 40, failed / 2, 10, NOW));
        report(batch(name, 60, failed - failed / 2, 10, NOW));

        assertThat(Double.parseDouble(monitor("error_rate"))).isEqualTo(failed / 100.0);
        assertThat(action()).isEqualTo(action);
    }

    @ParameterizedTest
    @CsvSource({
        "10001, 49, 0, 1, Raise max_poll_records",
        "10000, 49, 0, 1, Fine",
        "10001, 50, 0, 1, Fine",
        "10001, 49, 49, 300000, Raise max_poll_records",
        "10000, 49, 49, 240001, Lower max_poll_records",
        "10000, 49, 49, 240000, Check the processing",
        "0, 9, 9, 240001, Lower max_poll_records",
        "0, 9, 9, 1, Check the processing",
        "50, 100, 11, 1, Check the processing",
        "50, 100, 10, 1, Fine",
        "9, 9, 0, 1, Use fewer resources",
        "10, 9, 0, 1, Fine",
        "9, 10, 0, 1, Fine"
    })
    void recommendation_isTheFirstThatFits(long waiting, int size, int failed, long millis, String begin) {
        report(lag(name, "t/0", waiting, NOW), batch(name, size, failed, millis, NOW));

        assertThat(monitor("recommendation")).startsWith(begin);
    }

    @Test
    void currentLag_ofSixPartitionsIsTheirSumHoweverManyBatchesThereAre() {
        for (int i = 0; i < 6; i++) {
            report(lag(name, "t/" + i, 1000, NOW), batch(name, 10, 0, 5, NOW));
        }
        assertThat(monitor("current_total_lag, avg_lag, max_lag, avg_batch_size, lag_status"))
                .isEqualTo("6000|1000|1000|10|WARNING");
    }

    @Test
    void currentLag_isThatOfTheNewestSampleOfEachPartition() {
        report(lag(name, "t/0", 40, "1 s"), lag(name, "t/0", 9000, "1 minute"), lag(name, "t/1", 2, "2 s"));
        report(lag(name, "t/1", 7000, "3 s"), lag(name, "u/1", 500, "10 s"));

        assertThat(monitor("current_total_lag, max_lag, lag_status")).isEqualTo("542|9000|WATCH");
    }

    @Test
    void currentLag_ofSamplesOfOneMomentIsThatOfTheLastOne() {
        report(lag(name, "t/0", 40, "1 s") + ";" + lag(name, "t/0", 41, "1 s"));

        assertThat(monitor("current_total_lag")).isEqualTo("41");
    }

    @Test
    void currentLag_knowsNothingOfWhatIsOlderThanFiveMinutes() {
        report(lag(name, "t/0", 20_000, "6 minutes"), lag(name, "t/1", 3, "4 minutes 50 seconds"));

        assertThat(monitor("current_total_lag, lag_status, max_lag")).isEqualTo("3|UNKNOWN|20000");
    }

    @Test
    void aServiceThatWentSilent_isUnknownAndAnAlert() {
        report(lag(name, "t/0", 20_000, "6 minutes"), batch(name, 10, 0, 5, "6 minutes"));

        assertThat(monitor("current_total_lag, lag_status, processing_speed, recommendation"))
                .isEqualTo("null|UNKNOWN|GOOD|Look at the service: it has not reported for 6 minutes");
        assertThat(action()).isEqualTo("IMMEDIATE_ACTION");
    }

    @ParameterizedTest
    @CsvSource({
        "19 seconds, HEALTHY, none",
        "21 seconds, UNKNOWN, IMMEDIATE_ACTION",
        "56 seconds, UNKNOWN, IMMEDIATE_ACTION",
        "3 hours, UNKNOWN, IMMEDIATE_ACTION"
    })
    void lagStatus_isNoBetterThanItsReportIsNew(String age, String status, String action) {
        report(lag(name, "t/0", 0, age));

        assertThat(monitor("lag_status")).isEqualTo(status);
        assertThat(action()).isEqualTo(action);
    }

    /** The column keeps the reported value; status, age and advice show that it is out of date. */
    @ParameterizedTest
    @CsvSource({
        "35 seconds, 35 seconds; its lag was 0 at",
        "80 seconds, 80 seconds; its lag was 0 at",
        "130 seconds, 2 minutes; its lag was 0 at",
        "90 minutes, 90 minutes",
        "3 hours, 3 hours",
        "3 days, 3 days"
    })
    void advice_saysWhatALagWasThatIsNotKnownAnyMore(String age, String words) {
        report(service(name, ""), lag(name, "t/0", 0, age));

        assertThat(monitor("recommendation")).startsWith("Look at the service: it has not reported for " + words);
        assertThat(monitor("lag_age_seconds >= extract(epoch FROM interval '" + age + "')"))
                .isEqualTo("t");
    }

    @Test
    void aPartitionThatIsNotReported_makesTheWholeUnknown() {
        report(lag(name, "t/0", 0, NOW), lag(name, "t/1", 0, "40 seconds"));

        assertThat(monitor("lag_status, recommendation"))
                .startsWith("UNKNOWN|Look at the service: it has not reported all its partitions for 40 seconds");
        assertThat(action()).isEqualTo("IMMEDIATE_ACTION");
    }

    @Test
    void aServiceThatNeverReported_isUnknownAndAnAlert() {
        report(service(name, "max_poll_records = 7"));

        assertThat(monitor("consumer_group_id, current_total_lag, avg_lag, max_lag, last_lag_at, lag_status"))
                .isEqualTo(name + "-group|null|0|0|null|UNKNOWN");
        assertThat(monitor("avg_processing_time_ms, processing_speed, avg_batch_size, max_poll_records,"
                        + " batch_efficiency_percent, avg_messages_per_second, error_rate"))
                .isEqualTo("null|UNKNOWN|null|7|null|null|null");
        assertThat(monitor("recommendation")).isEqualTo("Look at the service: it has never reported its lag");
        assertThat(action()).isEqualTo("IMMEDIATE_ACTION");
    }

    @Test
    void aServiceWithoutARow_hasTheDefaultsAsLongAsItReports() {
        report(batch(name, 25, 0, 12, "59 minutes"));
        assertThat(monitor("consumer_group_id, max_poll_records, max_poll_interval_ms, batch_efficiency_percent"))
                .isEqualTo(name + "-group|100|300000|25");

        database.execute("UPDATE consumer_processing_metrics SET timestamp = now() - interval '61 minutes'"
                + " WHERE service_name = '" + name + "'");
        assertThat(database.rows("SELECT * FROM v_consumer_performance_monitor WHERE service_name = '" + name + "'"))
                .isEmpty();
    }

    @Test
    void whatARowDoesNotSet_isTheDefault() {
        report("INSERT INTO pipeline_consumer_configs (service_name) VALUES ('" + name + "')");
        assertThat(monitor("consumer_group_id, max_poll_records, max_poll_interval_ms"))
                .isEqualTo(name + "-consumer-group|100|300000");

        report(batch(name, 25, 0, 12, NOW));
        assertThat(monitor("consumer_group_id")).as("as it reports").isEqualTo(name + "-group");
    }

    @Test
    void means_areOfTheLastHour() {
        report(service(name, ""), lag(name, "t/0", 30, "59 minutes"), lag(name, "t/0", 10, NOW));
        report(lag(name, "t/0", 9999, "61 minutes"), batch(name, 999, 999, 999, "61 minutes"));
        report(batch(name, 10, 1, 20, "59 minutes"), batch(name, 30, 0, 40, NOW));

        assertThat(monitor("avg_lag, max_lag, avg_processing_time_ms, avg_batch_size, batch_efficiency_percent,"
                        + " avg_messages_per_second, error_rate"))
                .isEqualTo("20|30|30|20|20|20|0.025");
    }

    @Test
    void views_neverReadAWholeHistory() {
        database.execute("INSERT INTO consumer_lag_history (service_name, consumer_group_id, topic, partition,"
                + " consumer_offset, log_end_offset, lag, timestamp) SELECT 'many-' || n % 50, 'g', 't', n % 6, 0, 1, 1,"
                + " now() - n * interval '15 seconds' FROM generate_series(1, 40000) AS n");
        database.execute("INSERT INTO consumer_processing_metrics (service_name, consumer_group_id, batch_size,"
                + " messages_processed, processing_time_ms, timestamp) SELECT 'many-' || n % 50, 'g', 1, 1, 1,"
                + " now() - n * interval '15 seconds' FROM generate_series(1, 40000) AS n");
        database.execute("ANALYZE consumer_lag_history, consumer_processing_metrics");

        for (String from : List.of(
                "v_consumer_performance_monitor",
                "v_consumer_performance_monitor WHERE service_name = 'many-3'",
                "v_consumer_alerts",
                "v_consumer_performance_history WHERE service_name = 'many-3'")) {
            assertThat(database.rows("EXPLAIN SELECT * FROM " + from))
                    .as(from)
                    .noneMatch(line -> line.contains("Seq Scan on consumer_"));
        }
    }

    @Test
    void history_isByHoursInUtcWhateverTheSessionsZone() {
        String hours = name.replace('-', '_');
        report(
                lag(name, "t/0", 30, NOW),
                lag(name, "t/1", 10, NOW),
                batch(name, 10, 1, 20, NOW),
                batch(name, 30, 3, 60, NOW));
        report(lag(name, "t/0", 5, "6 days"), batch(name, 1, 0, 1, "8 days"));
        database.execute("CREATE TABLE " + hours + " AS SELECT * FROM v_consumer_performance_history"
                + " WHERE service_name = '" + name + "'");

        assertThat(database.rows("SELECT extract(minute FROM timestamp)::int, sum(messages_processed)"
                        + ", sum(messages_failed), max(error_rate) FROM " + hours + " GROUP BY 1"))
                .containsExactly("0|36|4|0.1");
        assertThat(database.rows("SELECT avg_lag, max_lag, avg_processing_time_ms, avg_batch_size,"
                        + " avg_messages_per_second FROM " + hours + " ORDER BY timestamp"))
                .containsExactly("5|5|null|null|null", "20|30|40|20|20");
    }

    /** Stores samples of one moment. */
    private static void report(String... statements) {
        database.execute(String.join(";", statements));
    }

    private String monitor(String columns) {
        return database.row(
                "SELECT " + columns + " FROM v_consumer_performance_monitor WHERE service_name = '" + name + "'");
    }

    private String action() {
        List<String> found =
                database.rows("SELECT action_required FROM v_consumer_alerts WHERE service_name = '" + name + "'");
        return found.isEmpty() ? "none" : found.get(0);
    }
}
