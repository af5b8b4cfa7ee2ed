package io.gpufleet.telemetry.integration.moving;

import static io.gpufleet.telemetry.integration.moving.History.at;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A service that follows the guide away from its old consumer keeps its tables, and nothing counts twice. */
@TelemetryStackTest
final class MovingIT {
    private static final Instant FIRST = at("01-01T00");
    private static final Instant COPY_FROM = at("01-03T00");
    private static final Instant COPY_TO = at("01-06T00");
    private static final Instant TOPIC_BEGINS = at("01-05T06");
    private static final Instant STOP = at("01-08T12");
    private static final Instant LAST = at("01-09T00");

    @TempDir
    Path classes;

    @Test
    void sideBySide_mendsTheDaysOfTheTopic(TelemetryStack stack) throws Throwable {
        try (MovingService service = service(stack, "side-by-side")) {
            service.publish(TOPIC_BEGINS, STOP);
            service.liveThrough(FIRST, STOP);
            assertThat(look(service)).matches("2026-01-02 12:00:00 2026-01-01 0 0 [1-9]\\d*");
            service.install("'2026-01-03', '2026-01-06'");
            service.copy();
            service.takeOverTheRest();
            service.prove();
            service.publish(STOP, LAST);
            service.oldConsumer().consume(STOP, LAST);
            service.consumeSideBySide();

            Expectation expected = new Expectation(service);
            service.prove();
            expected.heartbeats(expected.copied(COPY_FROM, COPY_TO), service.good(TOPIC_BEGINS));
            expected.oldDays("2026-01-03");
            expected.oldDevices("2026-01-05");
            expected.devices(service.good(COPY_TO), "2026-01-06");
            expected.states();
            assertThat(service.database().rows("SELECT reason FROM telemetry.consumption_gaps"))
                    .isEmpty();
        }
    }

    /** Copied while the old consumer runs, and again after its stop; it has written more than it has committed. */
    @Test
    void inItsPlace_goesOnWhereTheGroupStandsAndBack(TelemetryStack stack) throws Throwable {
        Instant committed = at("01-08T06");
        try (MovingService service = service(stack, "in-its-place")) {
            service.publish(TOPIC_BEGINS, committed);
            service.commitTheEnd();
            service.publish(committed, STOP);
            service.liveThrough(FIRST, committed);
            service.install("'2026-01-03', '2026-01-08'");
            service.copy();
            service.oldConsumer().consume(committed, STOP);
            service.database().execute(MovingGuide.sql("A large table", 1));
            service.copy();
            service.takeOverTheRest();
            service.prove();
            service.publish(STOP, LAST);
            service.consumeInItsPlace();

            Expectation expected = new Expectation(service);
            service.prove();
            expected.heartbeats(expected.copied(COPY_FROM, STOP), service.good(committed));
            expected.oldDays("2026-01-03");
            expected.oldDevices("2026-01-08");
            expected.oneDeviceAsOftenAsItsClient("2026-01-08");
            expected.states();
            assertThat(service.database().rows("SELECT reason FROM telemetry.consumption_gaps"))
                    .containsOnly("adopted");
            goBack(service);
        }
    }

    @ParameterizedTest
    @EnumSource
    void sql_runsAsItStandsThere(PostgresVersion version, TelemetryStack stack) throws Throwable {
        List<String> blocks = MovingGuide.sql();
        int switched = 1 + indexOf(blocks, "CREATE VIEW public.heartbeat");
        try (MovingService service =
                MovingService.create(stack, version.newDatabase(stack), "moving-sql-" + version, classes)) {
            service.liveThrough(FIRST, STOP);
            service.installPartitioned("'2026-01-03', '2026-01-06'");
            service.database().execute("DROP TABLE telemetry.moving");
            blocks.subList(0, switched).forEach(service.database()::execute);
            service.prove();
            Expectation expected = new Expectation(service);
            expected.heartbeats(expected.copied(COPY_FROM, COPY_TO), List.of());
            expected.viewsOfTheOldTables();
            blocks.subList(switched, blocks.size()).forEach(service.database()::execute);
            expected.oldDays("2026-01-03");
            expected.oldDevices("2026-01-06");
        }
    }

    private static int indexOf(List<String> blocks, String text) {
        return IntStream.range(0, blocks.size())
                .filter(index -> blocks.get(index).contains(text))
                .findFirst()
                .orElseThrow();
    }

    private static void goBack(MovingService service) {
        service.database().execute(MovingGuide.sql("Switch the dashboards", 1));
        service.database().execute(MovingGuide.sql("Go back", 0));
        service.database().execute(MovingGuide.sql("Go back", 1));
        assertThat(service.database().rows("""
                        SELECT client_id, "timestamp" FROM telemetry.heartbeat
                        EXCEPT SELECT client_id, "timestamp" FROM public.heartbeat""")).isEmpty();
        assertThat(service.database().rows("""
                        SELECT client_id, date, total_heartbeats, avg_cpu_usage, total_network_in_bytes, last_heartbeat
                        FROM telemetry.client_daily_stats WHERE date >= '2026-01-03'
                        EXCEPT
                        SELECT client_id, date, total_heartbeats, avg_cpu_usage, total_network_in_bytes, last_heartbeat
                        FROM public.client_daily_stats""")).isEmpty();
        service.oldConsumer().consume(STOP, LAST);
    }

    @Test
    void inItsPlace_afterACommitBeforeTheWriteLosesWhatLiesBetween(TelemetryStack stack) throws Throwable {
        try (MovingService service = stoppedAfterACommit(stack, "committed-too-early")) {
            service.consumeInItsPlace();
            service.prove();
            Expectation expected = new Expectation(service);
            expected.heartbeats(expected.copied(COPY_FROM, STOP), List.of());
            assertThat(service.good(STOP)).as("lost").isNotEmpty();
        }
    }

    @Test
    void byTime_readsWhatWasCommittedAndNotWritten(TelemetryStack stack) throws Throwable {
        Instant dayOfTheStop = at("01-08T00");
        try (MovingService service = stoppedAfterACommit(stack, "by-time")) {
            service.commitByTime(dayOfTheStop);
            service.consumeInItsPlace();
            service.prove();
            Expectation expected = new Expectation(service);
            expected.heartbeats(expected.copied(COPY_FROM, STOP), service.good(dayOfTheStop));
            expected.oneDeviceAsOftenAsItsClient("2026-01-08");
            expected.states();
        }
    }

    /** The old consumer has committed all records, but stopped before it wrote the last of them. */
    private MovingService stoppedAfterACommit(TelemetryStack stack, String topic) throws Throwable {
        MovingService service = service(stack, topic);
        service.publish(TOPIC_BEGINS, LAST);
        service.commitTheEnd();
        service.liveThrough(FIRST, STOP);
        service.install("'2026-01-03', 'infinity'");
        service.copy();
        service.takeOverTheRest();
        return service;
    }

    @Test
    void partitionedByDay_setsAsideTheDaysThatHaveOnlyStatistics(TelemetryStack stack) throws Throwable {
        Instant copyFrom = at("01-04T00");
        try (MovingService service = service(stack, "statistics-only")) {
            service.publish(at("01-02T12"), LAST);
            service.liveThrough(FIRST, STOP);
            service.installPartitioned("'2026-01-04', '2026-01-06'");
            service.makeDays();
            service.copy();
            service.takeOverTheRest();
            service.prove();
            service.consumeSideBySide();

            Expectation expected = new Expectation(service);
            service.prove();
            expected.heartbeats(expected.copied(copyFrom, COPY_TO), service.good(copyFrom));
            expected.oldDays("2026-01-04");
            expected.oldDevices("2026-01-04");
            assertThat(service.database()
                            .rows("SELECT count(*) FROM telemetry.dead_letters"
                                    + " WHERE reasons[1] LIKE 'beyond retention: %'"))
                    .containsExactly(String.valueOf(
                            service.good(FIRST).size() - service.good(copyFrom).size()));
        }
    }

    /** The recomputation of the guide is necessary: the old counts do not match the heartbeats. */
    @Test
    void oldCounts_breakTheInvariant(TelemetryStack stack) throws Throwable {
        try (MovingService service = service(stack, "old-counts")) {
            service.liveThrough(FIRST, STOP);
            service.install("'2026-01-03', 'infinity'");
            service.copy();
            service.prove();
            service.database().execute("DELETE FROM telemetry.client_daily_stats");
            service.database().execute("UPDATE telemetry.heartbeat_retention SET kept_from = 'infinity'");
            service.takeOverTheRest();
            service.database().execute("UPDATE telemetry.heartbeat_retention SET kept_from = '2026-01-03'");

            assertThatThrownBy(service::prove)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("Invariant does not hold")
                    .hasMessageContaining("2026-01-03: total_heartbeats is ");
        }
    }

    @Test
    void foreignDays_areSeen(TelemetryStack stack) throws Exception {
        try (MovingService service = service(stack, "foreign-days")) {
            service.liveThrough(FIRST, at("01-02T00"));
            service.database().execute("UPDATE client_daily_stats SET date = '2025-12-31' WHERE id % 2 = 0");
            assertThat(look(service)).matches(".* 2025-12-31 0 [1-9]\\d* [1-9]\\d*");
        }
    }

    /** The old consumer has stored the time of its own clock: no heartbeat is copied. */
    @Test
    void foreignTimes_areSeenAndNotCopied(TelemetryStack stack) throws Throwable {
        try (MovingService service = service(stack, "foreign-times")) {
            service.publish(TOPIC_BEGINS, LAST);
            service.liveThrough(FIRST, STOP);
            service.database()
                    .execute("UPDATE heartbeat SET \"timestamp\" = \"timestamp\" + interval '7 microseconds'");
            assertThat(look(service)).matches("2026-01-02 12:00:00.000007 2026-01-01 [1-9]\\d* 0 [1-9]\\d*");
            service.installPartitioned("'2026-01-06', '2026-01-06'");
            service.copy();
            service.takeOverTheRest();
            service.consumeSideBySide();

            Expectation expected = new Expectation(service);
            service.prove();
            expected.heartbeats(List.of(), service.good(COPY_TO));
            expected.oldDays("2026-01-06");
            expected.oldDevices("2026-01-06");
            expected.devices(service.good(COPY_TO), "2026-01-06");
        }
    }

    private static String look(MovingService service) {
        return service.database().rows(MovingGuide.sql("Look", 0)).get(0);
    }

    private MovingService service(TelemetryStack stack, String name) throws IOException {
        return MovingService.create(stack, stack.newDatabase(), "moving-" + name, classes);
    }
}
