package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.examples.options.DatabaseOptions;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.examples.options.KafkaOptions;
import io.gpufleet.telemetry.examples.terminal.Column;
import io.gpufleet.telemetry.examples.terminal.Table;
import io.gpufleet.telemetry.jdbc.DeadLetterReplayer;
import io.gpufleet.telemetry.jdbc.ReplayResult;
import io.gpufleet.telemetry.kafka.producer.OriginalTopic;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Replays dead letters. Not thread-safe. */
@Command(
        name = "replay",
        description = {
            "Replays dead letters of a group that were not replayed yet: through the pipeline of heartbeats or of"
                    + " GPU samples, exactly once, or back to their topic, at least once.",
            "Letters that are refused again stay. Exit code 1 if there are any."
        })
final class ReplayDeadLetters implements Callable<Integer> {
    private static final String OF_FILES =
            "SELECT 1 WHERE EXISTS (SELECT FROM {dead_letters} WHERE group_id = ? AND cluster_id = 'files')";

    @Mixin
    private final GroupOption group = new GroupOption();

    @Mixin
    private final LetterFilter filter = new LetterFilter();

    @Option(
            names = "--to-topic",
            description = "Send the records back to their topics and partitions instead, with their timestamps.")
    private boolean toTopic;

    @Option(names = "--dry-run", description = "Only print the number of letters that would be replayed.")
    private boolean dryRun;

    @ArgGroup(exclusive = false)
    private final KafkaOptions kafka = new KafkaOptions();

    @Mixin
    private final DatabaseOptions database = new DatabaseOptions();

    @Mixin
    private final ReplayPipeline pipeline = new ReplayPipeline();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() throws SQLException {
        if (dryRun) {
            long letters = replayer().count();
            requireGroup(letters);
            return announce(letters);
        }
        ReplayResult result = toTopic ? toTopic() : pipeline.replay(group.name(), filter.selection(), database);
        requireFound(result);
        requireGroup(result.replayed() + result.stillRefused());
        print(result);
        return result.stillRefused() == 0 ? ExitCodes.OK : ExitCodes.NOT_SO;
    }

    private int announce(long letters) {
        Table table = new Table(
                "Dead letters of group " + group.name() + ", not replayed (dry run)",
                List.of(Column.count("would be replayed")));
        table.add(List.of(letters));
        output.print(Output.lines(table), table.records().get(0));
        return ExitCodes.OK;
    }

    private DeadLetterReplayer<Object> replayer() {
        return ReplayPipeline.replayer(group.name(), filter.selection(), database)
                .build();
    }

    private ReplayResult toTopic() throws SQLException {
        String servers = kafka.bootstrapServersIfGiven()
                .orElseThrow(() -> new IllegalArgumentException("--to-topic: needs --bootstrap-server"));
        try (OriginalTopic topic = OriginalTopic.create(servers, kafka.clientProperties())) {
            requireTopics();
            return replayer().to(topic);
        }
    }

    /** Refuses letters of files, whose names stand for no topic, even if there is one of the same name. */
    private void requireTopics() throws SQLException {
        if (!new Tables(database).rows(OF_FILES, group.name()).isEmpty()) {
            throw new IllegalArgumentException("--to-topic: group " + group.name() + " has dead letters of files, which"
                    + " came from no topic; leave it out to replay them into the tables");
        }
    }

    private void requireGroup(long letters) throws SQLException {
        if (letters == 0) {
            new Tables(database).requireGroup(Optional.of(group.name()));
        }
    }

    private void requireFound(ReplayResult result) {
        filter.id().filter(id -> result.replayed() + result.stillRefused() == 0).ifPresent(id -> {
            throw new TelemetryException("No dead letter " + id + " of group " + group.name()
                    + " to replay; dead-letters show has the time of its replay");
        });
    }

    private void print(ReplayResult result) {
        Table counts = counts(result);
        Table reasons = reasons(result);
        List<String> lines = new ArrayList<>(Output.lines(counts));
        Table refusals = refusals(result);
        if (refusals.size() > 0) {
            lines.addAll(Output.lines(reasons));
            lines.addAll(Output.lines(refusals));
        }
        Map<String, Object> fields = new LinkedHashMap<>(counts.records().get(0));
        fields.put("reasons", reasons.records());
        fields.put("refusals", refusals.records());
        output.print(lines, fields);
    }

    private Table counts(ReplayResult result) {
        Table counts = new Table(
                "Dead letters of group " + group.name()
                        + (toTopic ? ", back to their topics" : ", through the pipeline"),
                List.of(Column.count("replayed"), Column.count("duplicates"), Column.count("still refused")));
        counts.add(List.of(result.replayed(), result.duplicates(), result.stillRefused()));
        return counts;
    }

    private static Table reasons(ReplayResult result) {
        Table reasons = new Table(
                "Reasons of these refusals, the most frequent first",
                List.of(Column.count("letters"), Column.prose("reason")));
        result.reasons().forEach(reason -> reasons.add(List.of(reason.count(), reason.text())));
        return reasons;
    }

    private static Table refusals(ReplayResult result) {
        Table refusals = new Table(
                "Letters refused again, the first 100",
                List.of(
                        Column.text("topic"),
                        Column.count("partition"),
                        Column.count("offset"),
                        Column.prose("reason")));
        result.refusals()
                .forEach(letter -> refusals.add(List.of(
                        letter.partition().topic(), letter.partition().partition(), letter.offset(), letter.reason())));
        return refusals;
    }
}
