package io.gpufleet.telemetry.benchmarks.pipeline;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import io.gpufleet.telemetry.jdbc.PostgresSink;
import io.gpufleet.telemetry.jdbc.heartbeat.HeartbeatSink;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The limit of the database without a client: the same statements as the sink's, in the same batches and as many
 * sessions, run by a procedure inside PostgreSQL on rows in unlogged tables, folded and sorted beforehand.
 *
 * <p>Before the first round the sink writes the backlog once, and its statements and rows are noted. Every round runs
 * on a copy of that database with its five tables empty. Only the savepoint around the insert is left out, which a
 * procedure cannot set.
 */
final class ServerLimit implements Contestant {
    static final String NAME = "server limit";

    /** The tables grow from nothing, so a plan that is good at first would not stay good. */
    private static final String PLANS = "plan_cache_mode = force_custom_plan";

    private final BacklogSettings settings;
    private @Nullable Staging staging;

    ServerLimit(BacklogSettings settings) {
        this.settings = settings;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String settings() {
        return (settings.lanes() == 1 ? "1 session" : settings.lanes() + " sessions") + ", the same batches";
    }

    @Override
    public String details() {
        return "staging tables unlogged, a procedure a session with a commit a batch, " + PLANS;
    }

    @Override
    public Figures run(Stage stage) throws Exception {
        Staging staged = staging;
        if (staged == null || staged.stage() != stage) {
            staged = Staging.of(stage, settings);
            staging = staged;
        }
        try (Database database = staged.copy()) {
            Figures figures = measure(staged, database);
            Contents.ofAll(stage.backlog()).requireIn(database, name());
            return figures;
        }
    }

    private static Figures measure(Staging staged, Database database) throws InterruptedException {
        Measurement measurement =
                staged.stage().measure(staged.stage().backlog().records());
        List<Callable<Void>> sessions = new ArrayList<>();
        for (int session = 0; session < staged.batches().size(); session++) {
            sessions.add(session(database, session, staged.batches().get(session)));
        }
        measurement.begin();
        AtOnce.run(sessions);
        measurement.done(staged.stage().backlog().records());
        return measurement.await();
    }

    private static Callable<Void> session(Database database, int session, int batches) {
        return () -> {
            try (Connection connection = database.pool().getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("SET " + PLANS);
                statement.execute("CALL run_session(" + session + ", " + batches + ")");
            }
            return null;
        };
    }

    /** A database with full staging tables and otherwise empty tables. */
    private record Staging(Stage stage, Database template, List<Integer> batches) {

        static Staging of(Stage stage, BacklogSettings settings) throws Exception {
            List<List<Batch<Heartbeat>>> lanes = stage.batches(settings);
            Database template = stage.newDatabase(settings.connections());
            try (Database rehearsal = stage.newDatabase(settings.connections());
                    Connection connection = template.pool().getConnection()) {
                String group = stage.newGroup();
                SinkFeed.open(HeartbeatSink.create(template.pool()), group, lanes);
                StagingTape tape = new StagingTape(connection);
                rehearse(lanes, group, tape, rehearsal);
                tape.finish(group);
            }
            template.pool().close();
            return new Staging(stage, template, lanes.stream().map(List::size).toList());
        }

        private static void rehearse(
                List<List<Batch<Heartbeat>>> lanes, String group, StagingTape tape, Database rehearsal) {
            PostgresSink<Heartbeat> sink = HeartbeatSink.create(PreparedBy.of(rehearsal.pool(), tape::prepare));
            SinkFeed.open(sink, group, lanes);
            IntStream.range(0, lanes.size()).forEach(session -> {
                List<Batch<Heartbeat>> batches = lanes.get(session);
                for (int batch = 0; batch < batches.size(); batch++) {
                    tape.at(session, batch + 1);
                    sink.write(batches.get(batch));
                }
            });
        }

        Database copy() throws SQLException {
            return template.copy();
        }
    }
}
