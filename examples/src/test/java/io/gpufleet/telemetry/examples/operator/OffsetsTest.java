package io.gpufleet.telemetry.examples.operator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.gpufleet.telemetry.LogId;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.testkit.FleetGenerator;
import io.gpufleet.telemetry.testkit.FleetRecord;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Positions are shown and set; every test has its own group, with the test's name. */
@TelemetryStackTest
final class OffsetsTest {
    private static final String ONE = "operator-one";
    private static final SourcePartition P = new SourcePartition(ONE, 0);
    private static final String TWO = "operator-two";
    private static final SourcePartition P0 = new SourcePartition(TWO, 0);
    private static final SourcePartition P1 = new SourcePartition(TWO, 1);
    private static final int RECORDS = 20;
    private static final int DELETED = 2;

    private static final List<FleetRecord> FLEET = FleetGenerator.builder()
            .clients(4)
            .startAgo(Duration.ofHours(1))
            .build()
            .records(RECORDS);

    private static Installation installation;
    private static Map<Integer, Long> ends;
    private static LogId oldLog;
    private static LogId otherCluster;

    @BeforeAll
    static void publish(TelemetryStack stack) {
        installation = new Installation(stack);
        Map<String, String> keepsAll = Map.of("retention.ms", "-1");
        stack.createTopic(ONE, 1, keepsAll);
        stack.createTopic(TWO, 2, keepsAll);
        stack.publish(ONE, FLEET);
        stack.publish(TWO, FLEET);
        stack.kafka().deleteRecordsBefore(ONE, 0, DELETED);
        ends = stack.kafka().endOffsets(TWO);
        oldLog = new LogId(installation.log(ONE).clusterId(), new UUID(1, 2));
        otherCluster = new LogId("another-cluster", new UUID(3, 4));
    }

    private static OperatorRun reset(String topic, String group, String... options) {
        Stream<String> command = Stream.of("offsets", "reset", "--topic", topic, "--group", group);
        return installation.runWithBroker(
                Stream.concat(command, Stream.of(options)).toArray(String[]::new));
    }

    private static OperatorRun execute(String topic, String group, String... options) {
        return reset(
                topic,
                group,
                Stream.concat(Stream.of(options), Stream.of("--execute")).toArray(String[]::new));
    }

    @Test
    void show_isAligned() {
        installation.store("show_isAligned", P, 5);

        String answer = installation
                .runWithBroker("offsets", "show", "--group", "show_isAligned")
                .answer();

        assertThat(answer.replaceAll("[0-9T:.-]+Z", "<time>")).isEqualToNormalizingNewlines("""
                        Positions
                          group           topic         partition  position  beginning  end  lag  held back  log   updated at
                          show_isAligned  operator-one          0         5          2   20   15          0  same  <time>
                        """);
    }

    @Test
    void show_namesPartitionsWithoutPosition() {
        installation.store("show_without", P0, 1);

        JsonNode rows = installation
                .runWithBroker("offsets", "show", "--json", "--group", "show_without")
                .json();

        assertThat(rows).hasSize(2);
        assertThat(rows.get(0).get("position").asLong()).isEqualTo(1);
        assertThat(rows.get(1).get("partition").asInt()).isEqualTo(1);
        assertThat(rows.get(1).get("position").isNull()).isTrue();
        assertThat(rows.get(1).get("log").asText()).isEqualTo("no position");
        assertThat(rows.get(1).get("end").asLong()).isEqualTo(ends.get(1));
    }

    @Test
    void show_inJsonHoldsTheSame() {
        installation.store("show_json", P, 5);
        Instant before = Instant.now().minusSeconds(600);

        JsonNode row = installation
                .runWithBroker("offsets", "show", "--topic", ONE, "--group", "show_json", "--json")
                .json()
                .get(0);

        assertThat(row.fieldNames())
                .toIterable()
                .containsExactly(
                        "group",
                        "topic",
                        "partition",
                        "position",
                        "beginning",
                        "end",
                        "lag",
                        "held_back",
                        "log",
                        "updated_at");
        assertThat(row.get("group").asText()).isEqualTo("show_json");
        assertThat(row.get("beginning").asLong()).isEqualTo(DELETED);
        assertThat(row.get("end").asLong()).isEqualTo(RECORDS);
        assertThat(row.get("lag").asLong()).isEqualTo(RECORDS - 5);
        assertThat(Instant.parse(row.get("updated_at").asText())).isAfter(before);
    }

    @Test
    void show_tellsOfAnotherLogAndOfNone() {
        installation.store("show_logs", P, new Position(oldLog, 5, 0));
        installation.store("show_logs", new SourcePartition("operator-gone", 3), new Position(oldLog, 5, 0));

        String answer = installation
                .runWithBroker("offsets", "show", "--group", "show_logs")
                .answer();

        assertThat(answer)
                .containsPattern("operator-gone +3 +5 +no such topic")
                .containsPattern("operator-one +0 +5 +2 +20 +0 +another");
    }

    @Test
    void show_withoutPositionsSaysSo() {
        installation
                .runWithBroker("offsets", "show", "--group", "absent", "--topic", ONE)
                .assertRefused(ExitCodes.NOT_SO, "No position of group absent of topic operator-one is stored");
    }

    @Test
    void resetBack_leavesNoGap() {
        installation.store("back", P, 15);

        assertThat(execute(ONE, "back", "--to-earliest").answer()).isEqualToNormalizingNewlines("""
                Reset of group back in topic operator-one
                  partition  from  to  passed over  read again  result
                          0    15   2            0          13  moved back
                """);
        assertThat(installation.positions("back")).containsExactly("operator-one-0:2");
        assertThat(installation.gaps("back")).isEmpty();
    }

    @Test
    void resetForward_leavesAGap() {
        installation.store("forward", P, 5);

        JsonNode row = execute(ONE, "forward", "--to-latest", "--json").json().get(0);

        assertThat(row.get("from").asLong()).isEqualTo(5);
        assertThat(row.get("to").asLong()).isEqualTo(RECORDS);
        assertThat(row.get("passed_over").asLong()).isEqualTo(15);
        assertThat(row.get("read_again").asLong()).isZero();
        assertThat(row.get("result").asText()).isEqualTo("moved forward");
        assertThat(installation.positions("forward")).containsExactly("operator-one-0:20");
        assertThat(installation.gaps("forward")).containsExactly("reset operator-one-0:5-20");
        assertThat(installation.run("gaps", "--group", "forward").answer().replaceAll("[0-9T:.-]+Z", "<time>"))
                .isEqualToNormalizingNewlines("""
                        Gaps
                          group    topic         partition  reason  from  to  passed over  log   moved at
                          forward  operator-one          0  reset      5  20           15  same  <time>
                        """);
    }

    @Test
    void resetToOffset_movesEachPartition() {
        installation.store("offset", P0, 1);
        installation.store("offset", P1, 3);

        execute(TWO, "offset", "--to-offset", "2").answer();

        assertThat(installation.positions("offset")).containsExactly("operator-two-0:2", "operator-two-1:2");
        assertThat(installation.gaps("offset")).containsExactly("reset operator-two-0:1-2");
    }

    @Test
    void resetToTime_findsTheFirstRecordOfIt() {
        installation.store("time", P, 5);
        Instant time = FLEET.get(11).timestamp();

        execute(ONE, "time", "--to-time", time.toString()).answer();
        assertThat(installation.positions("time")).containsExactly("operator-one-0:11");

        execute(ONE, "time", "--to-time", time.minusMillis(1).toString()).answer();
        assertThat(installation.positions("time")).containsExactly("operator-one-0:11");

        execute(ONE, "time", "--to-datetime", "-0s").answer();
        assertThat(installation.positions("time")).containsExactly("operator-one-0:20");
    }

    @Test
    void resetOfOnePartition_leavesTheOthers() {
        installation.store("some", P0, 1);
        installation.store("some", P1, 1);

        execute(TWO, "some", "--to-offset", "0", "--partition", "1", "--partition", "1")
                .answer();

        assertThat(installation.positions("some")).containsExactly("operator-two-0:1", "operator-two-1:0");
    }

    @Test
    void resetToTheSamePlace_changesNothing() {
        installation.store("same", P, 7);

        assertThat(execute(ONE, "same", "--to-offset", "7").answer()).contains("is there already");
        assertThat(installation.gaps("same")).isEmpty();
    }

    @Test
    void dryRun_changesNothing() {
        installation.store("dry", P, 7);

        assertThat(reset(ONE, "dry", "--to-latest", "--dry-run").answer()).isEqualToNormalizingNewlines("""
                Reset of group dry in topic operator-one, not done; --execute does it
                  partition  from  to  passed over  read again  result
                          0     7  20           13           0  would move forward
                """);
        assertThat(installation.positions("dry")).containsExactly("operator-one-0:7");
        assertThat(installation.gaps("dry")).isEmpty();
    }

    @Test
    void withoutExecute_onlyThePlanIsShown() {
        installation.store("planned", P, 7);

        assertThat(reset(ONE, "planned", "--to-latest").answer())
                .startsWith("Reset of group planned in topic operator-one, not done; --execute does it");
        reset(ONE, "planned", "--to-latest", "--execute", "--dry-run")
                .assertRefused(ExitCodes.USAGE, "--execute, --dry-run are mutually exclusive");
        assertThat(installation.positions("planned")).containsExactly("operator-one-0:7");
    }

    @Test
    void resetByAShift_staysWithinTheLog() {
        installation.store("shift", P, 7);

        execute(ONE, "shift", "--shift-by", "-3").answer();
        assertThat(installation.positions("shift")).containsExactly("operator-one-0:4");
        execute(ONE, "shift", "--shift-by", "5").answer();
        assertThat(installation.positions("shift")).containsExactly("operator-one-0:9");
        execute(ONE, "shift", "--shift-by", "-9223372036854775808").answer();
        assertThat(installation.positions("shift")).containsExactly("operator-one-0:2");
        execute(ONE, "shift", "--shift-by", "9223372036854775807").answer();
        assertThat(installation.positions("shift")).containsExactly("operator-one-0:20");

        installation.store("shift_of_old", P, new Position(oldLog, 5, 0));
        execute(ONE, "shift_of_old", "--shift-by", "1")
                .assertRefused(ExitCodes.NOT_SO, "stored position of operator-one-0 is in another log");
    }

    @Test
    void resetByADuration_goesToWhatIsNotOlder() {
        for (String[] target :
                List.of(new String[] {"--by-duration", "PT1M"}, new String[] {"--by-duration", "60s"}, new String[] {
                    "--to-datetime", "-1m"
                })) {
            installation.store("recent", P, 7);
            execute(ONE, "recent", target).answer();
            assertThat(installation.positions("recent")).as(target[1]).containsExactly("operator-one-0:20");
        }
        for (String[] target : List.of(
                new String[] {"--by-duration", "2d"},
                new String[] {"--by-duration", "P9999D"},
                new String[] {"--to-datetime", "-2d"},
                new String[] {"--to-datetime", "2020-01-31"},
                new String[] {"--to-datetime", "2020-01-31T12:00"},
                new String[] {"--to-datetime", "2020-01-31T12:00:00+02:00"})) {
            installation.store("old", P, 7);
            execute(ONE, "old", target).answer();
            assertThat(installation.positions("old")).as(target[1]).containsExactly("operator-one-0:2");
        }
    }

    @Test
    void resetToTheNewLog_leavesAGap() {
        installation.store("new_log", P, new Position(oldLog, 5, 0));

        JsonNode row = execute(ONE, "new_log", "--to-earliest", "--json").json().get(0);

        assertThat(row.get("result").asText()).isEqualTo("moved to the topic's new log");
        assertThat(row.get("passed_over").isNull()).isTrue();
        assertThat(installation.rows(
                        "SELECT topic_id::text FROM telemetry.consumer_offsets WHERE group_id = 'new_log'"))
                .containsExactly(installation.log(ONE).topicId().toString());
        assertThat(installation.gaps("new_log")).containsExactly("reset operator-one-0:5-2");
        assertThat(installation.run("gaps", "--group", "new_log").answer()).containsPattern("reset +5 +2 +another +20");
    }

    @Test
    void reset_refusesPositionsOfAnotherCluster() {
        installation.store("elsewhere", P, new Position(otherCluster, 5, 0));

        execute(ONE, "elsewhere", "--to-earliest")
                .assertRefused(
                        ExitCodes.NOT_SO,
                        "Stored position of operator-one-0 belongs to cluster another-cluster, but the brokers are"
                                + " those of cluster");
        assertThat(installation.positions("elsewhere")).containsExactly("operator-one-0:5");
    }

    @Test
    void moveCluster_goesOnByTimeLessTheMargin() {
        installation.store("moved", P, new Position(otherCluster, 500, 0));
        Instant newest = FLEET.get(RECORDS - 3).timestamp();
        installation.execute(
                "UPDATE telemetry.consumer_offsets SET newest_record_at = '" + newest + "' WHERE group_id = 'moved'");
        String[] move = {
            "offsets",
            "move-cluster",
            "--topic",
            ONE,
            "--group",
            "moved",
            "--from",
            "another-cluster",
            "--margin",
            "PT0S"
        };
        int first = firstSince(newest);

        String plan = installation.runWithBroker(move).answer();
        assertThat(plan)
                .startsWith(
                        "Move of group moved in topic operator-one from cluster another-cluster, not done; --execute"
                                + " does it")
                .contains("would move to cluster " + oldLog.clusterId());
        assertThat(moving(move, "--dry-run").answer()).isEqualTo(plan);
        moving(move, "--execute", "--dry-run")
                .assertRefused(ExitCodes.USAGE, "--execute, --dry-run are mutually exclusive");
        assertThat(installation.positions("moved")).containsExactly("operator-one-0:500");

        assertThat(moving(move, "--execute").answer()).contains("moved to cluster " + oldLog.clusterId());
        assertThat(installation.positions("moved")).containsExactly("operator-one-0:" + first);
        assertThat(installation.gaps("moved")).containsExactly("cluster_moved operator-one-0:500-" + first);
        moving(move, "--execute")
                .assertRefused(ExitCodes.NOT_SO, "Stored positions of group moved in topic operator-one belong to");
    }

    private static OperatorRun moving(String[] move, String... more) {
        return installation.runWithBroker(
                Stream.concat(Stream.of(move), Stream.of(more)).toArray(String[]::new));
    }

    private static int firstSince(Instant time) {
        return (int) FLEET.stream()
                .takeWhile(record -> record.timestamp().isBefore(time))
                .count();
    }

    @Test
    void moveCluster_beginsAtTheBeginningWhereTheTimeIsNotKnown() {
        installation.store("moved_all", P0, new Position(otherCluster, 500, 0));
        installation.store("moved_all", P1, new Position(otherCluster, 500, 0));

        installation.runWithBroker(
                "offsets",
                "move-cluster",
                "--topic",
                TWO,
                "--group",
                "moved_all",
                "--from",
                "another-cluster",
                "--execute");

        assertThat(installation.positions("moved_all")).containsExactly("operator-two-0:0", "operator-two-1:0");
    }

    /** The database keeps one position unchanged, as if a consumer had moved it each time. */
    @Test
    void moveCluster_thatIsNotDoneIsNoSuccess() {
        installation.store("half", P0, new Position(otherCluster, 500, 0));
        installation.store("half", P1, new Position(otherCluster, 500, 0));
        installation.execute("""
                CREATE FUNCTION telemetry.keep_half() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
                CREATE TRIGGER half BEFORE UPDATE ON telemetry.consumer_offsets FOR EACH ROW
                WHEN (OLD.group_id = 'half' AND OLD.partition = 0) EXECUTE FUNCTION telemetry.keep_half();
                """);

        OperatorRun run = installation.runWithBroker(
                "offsets", "move-cluster", "--topic", TWO, "--group", "half", "--from", "another-cluster", "--execute");

        run.assertFailed(
                ExitCodes.NOT_SO,
                "Not moved: operator-two-0; a running consumer moved it 5 times meanwhile: try again, or stop the"
                        + " consumer first");
        assertThat(installation.positions("half")).containsExactly("operator-two-0:500", "operator-two-1:0");
    }

    @Test
    void moveCluster_withoutPositionsSaysSo() {
        installation
                .runWithBroker(
                        "offsets", "move-cluster", "--topic", ONE, "--group", "absent", "--from", "another-cluster")
                .assertRefused(ExitCodes.NOT_SO, "No position of group absent in topic operator-one is stored");
    }

    /** The database keeps the position unchanged, as if a consumer had moved it each time. */
    @Test
    void positionThatIsNotMoved_isToldAndNoSuccess() {
        installation.store("stuck", P0, 1);
        installation.store("stuck", P1, 1);
        installation.execute("""
                CREATE FUNCTION telemetry.keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
                CREATE TRIGGER stuck BEFORE UPDATE ON telemetry.consumer_offsets FOR EACH ROW
                WHEN (OLD.group_id = 'stuck' AND OLD.partition = 0) EXECUTE FUNCTION telemetry.keep();
                """);

        OperatorRun run = execute(TWO, "stuck", "--to-offset", "2");

        run.assertFailed(
                ExitCodes.NOT_SO,
                "Not moved: operator-two-0; a running consumer moved it 5 times meanwhile: try again, or stop the"
                        + " consumer first");
        assertThat(run.out()).contains("not moved: a consumer moved it 5 times meanwhile", "moved forward");
        assertThat(installation.positions("stuck")).containsExactly("operator-two-0:1", "operator-two-1:2");
        assertThat(installation.gaps("stuck")).containsExactly("reset operator-two-1:1-2");
    }

    @Test
    void offsetThatIsInNoLog_isRefused() {
        installation.store("outside", P0, 1);
        installation.store("outside", P1, 1);
        long tooFar = Math.min(ends.get(0), ends.get(1)) + 1;

        execute(TWO, "outside", "--to-offset", String.valueOf(tooFar))
                .assertRefused(ExitCodes.NOT_SO, "Offset " + tooFar + " is not in the log of operator-two-");
        execute(ONE, "outside", "--to-offset", "1")
                .assertRefused(ExitCodes.NOT_SO, "Offset 1 is not in the log of operator-one-0, which holds 2 to 20");

        assertThat(installation.positions("outside")).containsExactly("operator-two-0:1", "operator-two-1:1");
    }

    @Test
    void partitionWithoutPosition_isNamed() {
        installation.store("missing", P0, 1);

        execute(TWO, "missing", "--to-latest")
                .assertRefused(
                        ExitCodes.NOT_SO,
                        "No position is stored for operator-two-1: start a consumer of the group, which stores its"
                                + " start, or choose other partitions with --partition");

        assertThat(installation.positions("missing")).containsExactly("operator-two-0:1");
        assertThat(installation.gaps("missing")).isEmpty();
    }

    @Test
    void unknownTopicOrPartition_isRefused() {
        execute("operator-none", "g", "--to-latest").assertRefused(ExitCodes.NOT_SO, "No topic operator-none at ");
        execute("operator/none", "g", "--to-latest")
                .assertRefused(ExitCodes.USAGE, "'--topic': \"operator/none\" is not a name of 1 to 249 letters");
        execute(TWO, "g", "--to-latest", "--partition", "2")
                .assertRefused(ExitCodes.NOT_SO, "--partition 2: topic operator-two has the partitions 0 to 1");
        execute(TWO, "g", "--to-latest", "--partition", "-1").assertRefused(ExitCodes.NOT_SO, "--partition -1: topic");
        assertThat(installation.positions("g")).isEmpty();
    }
}
