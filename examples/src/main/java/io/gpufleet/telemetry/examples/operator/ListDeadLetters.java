package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.examples.options.DatabaseOptions;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.examples.terminal.Column;
import io.gpufleet.telemetry.examples.terminal.Table;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists dead letters, the newest first. Not thread-safe. */
@Command(
        name = "list",
        description = "Lists dead letters, the newest first, or with --by counts them, the most frequent first.")
final class ListDeadLetters implements Callable<Integer> {
    private static final String SQL = """
            SELECT id, group_id, topic, partition, kafka_offset, stage, record_timestamp, created_at, replayed_at,
                reasons
            FROM {dead_letters}
            WHERE group_id = coalesce(?::text, group_id) AND topic = coalesce(?::text, topic)
                AND stage = coalesce(?::text, stage) AND created_at >= coalesce(?::timestamptz, '-infinity')
            ORDER BY id DESC LIMIT ?""";

    @Mixin
    private final Filter filter = new Filter();

    @Mixin
    private final StageAndTime refused = new StageAndTime();

    @Option(
            names = "--by",
            paramLabel = "<what>",
            description = "Count letters by ${COMPLETION-CANDIDATES}. A letter with several reasons counts for each.")
    private @Nullable LetterCount by;

    @Option(
            names = "--limit",
            paramLabel = "<n>",
            defaultValue = "20",
            description = "The limit of letters (default: ${DEFAULT-VALUE}).")
    private int limit;

    @Mixin
    private final DatabaseOptions database = new DatabaseOptions();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() throws SQLException {
        if (limit < 1) {
            throw new IllegalArgumentException("--limit: " + limit + " is not 1 or more");
        }
        new Tables(database).requireGroup(filter.group());
        Table table = by == null ? table() : by.table();
        for (List<@Nullable Object> row : rows(by == null ? SQL : by.sql())) {
            table.add(row);
        }
        output.print(table);
        return ExitCodes.OK;
    }

    private List<List<@Nullable Object>> rows(String sql) throws SQLException {
        return new Tables(database)
                .rows(
                        sql,
                        filter.group().orElse(null),
                        filter.topic().orElse(null),
                        refused.stage()
                                .map(stage -> stage.name().toLowerCase(Locale.ROOT))
                                .orElse(null),
                        refused.since()
                                .map(time -> OffsetDateTime.ofInstant(time, ZoneOffset.UTC))
                                .orElse(null),
                        limit);
    }

    private static Table table() {
        return new Table(
                "Dead letters, the newest first",
                List.of(
                        Column.number("id"),
                        Column.text("group"),
                        Column.text("topic"),
                        Column.number("partition"),
                        Column.number("offset"),
                        Column.text("stage"),
                        Column.instant("record time").dispensable(2),
                        Column.instant("set aside at"),
                        Column.instant("replayed at").dispensable(1),
                        Column.texts("reasons")));
    }
}
