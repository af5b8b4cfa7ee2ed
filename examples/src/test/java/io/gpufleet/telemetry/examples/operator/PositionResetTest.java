package io.gpufleet.telemetry.examples.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.LogId;
import io.gpufleet.telemetry.Position;
import io.gpufleet.telemetry.PositionChange;
import io.gpufleet.telemetry.SinkContext;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TransactionalSink;
import io.gpufleet.telemetry.examples.operator.PositionReset.Outcome;
import io.gpufleet.telemetry.testkit.TelemetryStack;
import io.gpufleet.telemetry.testkit.TelemetryStackTest;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A consumer moves positions between the look and the change of a reset. */
@TelemetryStackTest
final class PositionResetTest {
    private static final LogId LOG = new LogId("a-cluster", new UUID(4, 2));
    private static final SourcePartition P0 = new SourcePartition("t", 0);
    private static final SourcePartition P1 = new SourcePartition("t", 1);
    private static final Position TARGET = new Position(LOG, 100, -1);

    private static Installation installation;

    @BeforeAll
    static void install(TelemetryStack stack) {
        installation = new Installation(stack);
    }

    /** The sink of a group whose consumer moves the first partition by one before each of some changes. */
    private static final class BusySink implements TransactionalSink<Object> {
        private final TransactionalSink<Object> sink;
        private final Position[] moves;
        private int next;

        BusySink(String group, Position... moves) {
            this.sink = installation.sink(group);
            this.moves = moves;
        }

        @Override
        public Map<SourcePartition, Position> change(Collection<PositionChange> changes) {
            if (next < moves.length) {
                Optional<Position> seen =
                        Optional.of(sink.positions(List.of(P0)).get(P0));
                sink.change(List.of(new PositionChange(P0, seen, moves[next++], Optional.empty())));
            }
            return sink.change(changes);
        }

        @Override
        public Map<SourcePartition, Position> positions(Collection<SourcePartition> partitions) {
            return sink.positions(partitions);
        }

        @Override
        public void open(SinkContext context) {
            sink.open(context);
        }

        @Override
        public void write(Batch<Object> batch) {
            sink.write(batch);
        }
    }

    private static List<Outcome> reset(String group, Position... meanwhile) {
        installation.store(group, P0, at(10));
        installation.store(group, P1, at(10));
        return new PositionReset(new BusySink(group, meanwhile), PositionResetTest::targets).run(List.of(P0, P1));
    }

    private static Map<SourcePartition, Position> targets(Collection<SourcePartition> partitions) {
        return partitions.stream().collect(Collectors.toMap(Function.identity(), partition -> TARGET));
    }

    private static Position at(long offset) {
        return new Position(LOG, offset, 7);
    }

    @Test
    void consumerThatMovedMeanwhile_isLookedAtAgain() {
        List<Outcome> outcomes = reset("meanwhile", at(11), at(12));

        assertThat(outcomes)
                .containsExactly(
                        new Outcome(new PositionMove(P0, at(12), TARGET), 3, true),
                        new Outcome(new PositionMove(P1, at(10), TARGET), 1, true));
        assertThat(installation.positions("meanwhile")).containsExactly("t-0:100", "t-1:100");
        assertThat(installation.gaps("meanwhile")).containsExactly("reset t-1:10-100", "reset t-0:12-100");
    }

    @Test
    void consumerThatCameThereByItself_leavesNoGap() {
        List<Outcome> outcomes = reset("by_itself", at(100));

        assertThat(outcomes.get(0)).isEqualTo(new Outcome(new PositionMove(P0, at(100), TARGET), 2, true));
        assertThat(installation.gaps("by_itself")).containsExactly("reset t-1:10-100");
    }

    @Test
    void consumerThatMovesEachTime_isGivenUp() {
        List<Outcome> outcomes = reset("busy", at(11), at(12), at(13), at(14), at(15), at(16));

        assertThat(outcomes)
                .containsExactly(
                        new Outcome(new PositionMove(P0, at(14), TARGET), PositionReset.ATTEMPTS, false),
                        new Outcome(new PositionMove(P1, at(10), TARGET), 1, true));
        assertThat(installation.positions("busy")).containsExactly("t-0:15", "t-1:100");
        assertThat(installation.gaps("busy")).containsExactly("reset t-1:10-100");
    }

    @Test
    void table_tellsWhatAConsumerDidMeanwhile() {
        ResetTable table = new ResetTable("Reset");
        table.addOutcome(new Outcome(new PositionMove(P0, at(12), TARGET), 3, true));
        table.addOutcome(new Outcome(new PositionMove(P1, at(14), TARGET), PositionReset.ATTEMPTS, false));

        assertThat(table.table().lines())
                .containsExactly(
                        "Reset",
                        "  partition  from   to  passed over  read again  result",
                        "          0    12  100           88           0  moved forward, after a consumer had moved it"
                                + " meanwhile",
                        "          1    14  100           86           0  not moved: a consumer moved it 5 times"
                                + " meanwhile");
    }
}
