package io.gpufleet.telemetry.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.gpufleet.telemetry.jdbc.internal.LockBudget;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Retention without a database: days, limits and options. */
final class RetentionDaysTest {
    @ParameterizedTest
    @CsvSource({
        "2024-03-31T23:59:59.999999999Z, 30, 2024-03-01",
        "2024-04-01T00:00:00Z, 30, 2024-03-02",
        "2024-02-29T23:59:59.999999999Z, 0, 2024-02-29",
        "2024-03-01T00:00:00Z, 0, 2024-03-01",
        "2024-03-01T00:00:00Z, 1, 2024-02-29",
        "2023-03-01T00:00:00Z, 1, 2023-02-28",
        "2000-03-01T12:00:00Z, 1, 2000-02-29",
        "2100-02-28T23:59:59.999999999Z, 1, 2100-02-27",
        "2100-03-01T00:00:00Z, 1, 2100-02-28",
        "2100-03-01T00:00:00Z, 365, 2099-03-01",
        "1970-01-01T00:00:00Z, 1, 1969-12-31"
    })
    void firstKept_countsUtcDays(Instant now, int keepDays, LocalDate first) {
        assertThat(TableRetention.firstKept(now, keepDays)).isEqualTo(first);
    }

    @ParameterizedTest
    @CsvSource({
        "2024-03-01T00:00:00Z, 2024-03-01",
        "2024-03-01T00:00:00.000001Z, 2024-03-02",
        "2024-02-28T23:59:59.999999Z, 2024-02-29",
        "2024-02-29T03:30:00Z, 2024-03-01",
        "2100-02-28T03:30:00Z, 2100-03-01",
        "1969-12-31T03:30:00Z, 1970-01-01"
    })
    void dayFrom_isTheFirstThatBeginsThenOrLater(Instant time, LocalDate day) {
        assertThat(OldDays.dayFrom(time)).isEqualTo(day);
    }

    @Test
    void lockBudget_isSpentOnce() {
        AtomicLong nanos = new AtomicLong(Long.MAX_VALUE);
        LockBudget budget = new LockBudget(Duration.ofMillis(200), nanos::get);
        assertThat(budget.limit("LOCK a")).isEqualTo("SET LOCAL lock_timeout = 200; LOCK a");
        nanos.addAndGet(150_000_000);
        assertThat(budget.limit("LOCK b")).isEqualTo("SET LOCAL lock_timeout = 50; LOCK b");
        nanos.addAndGet(150_000_000);
        assertThat(budget.limit("LOCK c")).isEqualTo("SET LOCAL lock_timeout = 1; LOCK c");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 36_501})
    void keepDays_refusesWhatIsNoNumberOfDays(int days) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().keepDays(days))
                .withMessage("keepDays: " + days + " is not between 0 and 36500");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, Long.MAX_VALUE, Long.MIN_VALUE})
    void every_refusesWhatIsNoInterval(long seconds) {
        Duration interval = Duration.ofSeconds(seconds);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().every(interval))
                .withMessage("every: " + interval + " is not between 1 and 2147483647 milliseconds");
    }

    @Test
    void lockTimeout_refusesZeroWhichWouldBeForEver() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().lockTimeout(Duration.ZERO))
                .withMessageContaining("lockTimeout: PT0S");
    }

    @Test
    void table_refusesOneWithoutAPartitionKey() {
        PostgresTable<String> notPartitioned = PostgresTable.<String>builder("notes")
                .key("note", ColumnType.TEXT, note -> note)
                .build();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().table(notPartitioned))
                .withMessage("table: table \"notes\" is declared without a partitionKey");
    }

    @Test
    void build_withoutKeepDaysIsRefused() {
        assertThatIllegalStateException()
                .isThrownBy(() -> builder().build())
                .withMessageContaining("keepDays: missing");
    }

    @Test
    void build_ofATableWithoutDaysIsRefused() {
        assertThatIllegalStateException()
                .isThrownBy(() -> builder()
                        .keep(partitioned("a", "a_retention"), 1)
                        .table(partitioned("b", "b_retention"))
                        .build())
                .withMessageStartingWith("keepDays: missing; set the number of days to keep of table \"b\"");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 36_501})
    void keep_refusesWhatIsNoNumberOfDays(int days) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().keep(partitioned("a", "a_retention"), days))
                .withMessage("keep: " + days + " is not between 0 and 36500");
    }

    @Test
    void build_refusesTwoTablesWithOneRetentionTable() {
        RetentionJob.Builder builder =
                builder().keep(partitioned("a", "retention"), 1).keep(partitioned("b", "retention"), 2);
        assertThatIllegalStateException()
                .isThrownBy(builder::build)
                .withMessage("keep: table \"a\" and table \"b\" have the same retention table \"retention\"; each"
                        + " needs its own");
    }

    private static PostgresTable<Instant> partitioned(String name, String retention) {
        return PostgresTable.<Instant>builder(name)
                .partitionKey("at", time -> time, retention)
                .build();
    }

    private static RetentionJob.Builder builder() {
        return RetentionJob.builder(new Database("jdbc:postgresql://127.0.0.1:1/none").dataSource());
    }
}
