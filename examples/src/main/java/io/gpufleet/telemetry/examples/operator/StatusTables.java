package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.examples.terminal.Column;
import io.gpufleet.telemetry.examples.terminal.Sparkline;
import io.gpufleet.telemetry.examples.terminal.Table;
import io.gpufleet.telemetry.jdbc.monitor.ConsumerAlert;
import java.nio.charset.Charset;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/** The tables of the groups' state. */
final class StatusTables {
    private static final String LETTERS = """
            SELECT group_id, stage, %s, count(DISTINCT id), max(created_at)
            FROM {dead_letters}, unnest(CASE stage WHEN 'sample' THEN reasons ELSE reasons[1:1] END) AS r(reason)
            WHERE group_id = coalesce(?::text, group_id) AND topic = coalesce(?::text, topic)
                AND created_at > now() - interval '1 day'
            GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3 LIMIT 20""".formatted(LetterCount.kind("r.reason"));

    private static final String REFUSED = """
            SELECT consumer_group_id, sum(samples_rejected)::bigint, sum(samples_repeated)::bigint, max("timestamp")
            FROM {consumer_processing_metrics}
            WHERE consumer_group_id = coalesce(?::text, consumer_group_id) AND "timestamp" > now() - interval '1 hour'
                AND samples_rejected > 0
            GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 20""";

    private static final String GAPS = """
            SELECT group_id, topic, reason, count(*), sum(CASE WHEN from_topic_id = to_topic_id
                THEN greatest(to_offset - from_offset, 0) END)::bigint, max(created_at)
            FROM {consumption_gaps}
            WHERE group_id = coalesce(?::text, group_id) AND topic = coalesce(?::text, topic)
                AND created_at > now() - interval '1 day'
            GROUP BY 1, 2, 3 ORDER BY 6 DESC LIMIT 20""";

    private StatusTables() {}

    static Table groups(List<GroupStatus> groups, LagTrend trend, Duration stuckAfter, Charset charset) {
        Table table = new Table(
                "Groups",
                List.of(
                        Column.text("group"),
                        Column.text("topic"),
                        Column.text("status"),
                        Column.countIfKnown("lag"),
                        Column.countIfKnown("held back").dispensable(2),
                        Column.text("last 15 min").dispensable(4),
                        Column.countIfKnown("members").dispensable(3),
                        Column.count("partitions").dispensable(5),
                        Column.text("moved").dispensable(1),
                        Column.prose("why")));
        groups.forEach(group -> table.add(Arrays.asList(
                group.group(),
                group.topic(),
                group.verdict(stuckAfter),
                Reports.value(group.lag()),
                Reports.value(group.heldBack()),
                Sparkline.of(trend.of(group.group(), group.topic()), charset),
                group.members().count().orElse(null),
                group.partitions().size(),
                Ages.ago(group.unmoved()),
                group.why(stuckAfter))));
        return table;
    }

    static Table letters(Tables tables, Filter filter) throws SQLException {
        return filled(
                new Table(
                        "Dead letters of the last 24 hours, by reason",
                        List.of(
                                Column.text("group"),
                                Column.text("stage"),
                                Column.prose("reason"),
                                Column.count("records"),
                                Column.instant("newest").dispensable(1))),
                tables,
                LETTERS,
                filter);
    }

    static Table refused(Tables tables, Filter filter) throws SQLException {
        Table table = new Table(
                "Values refused in the last hour, as consumers have reported",
                List.of(
                        Column.text("group"),
                        Column.count("values"),
                        Column.count("counted only"),
                        Column.instant("newest").dispensable(1)));
        tables.rows(REFUSED, filter.group().orElse(null)).forEach(table::add);
        return table;
    }

    static Table gaps(Tables tables, Filter filter) throws SQLException {
        return filled(
                new Table(
                        "Gaps of the last 24 hours",
                        List.of(
                                Column.text("group"),
                                Column.text("topic"),
                                Column.text("reason"),
                                Column.count("gaps"),
                                Column.count("passed over"),
                                Column.instant("newest").dispensable(1))),
                tables,
                GAPS,
                filter);
    }

    private static Table filled(Table table, Tables tables, String sql, Filter filter) throws SQLException {
        tables.rows(sql, filter).forEach(table::add);
        return table;
    }

    static Table alarms(List<ConsumerAlert> alerts) {
        Table table = new Table(
                "Services that have settings or report, and need action",
                List.of(
                        Column.text("service"),
                        Column.text("action"),
                        Column.countIfKnown("reported lag"),
                        Column.text("lag status"),
                        Column.text("reported").dispensable(1),
                        Column.prose("recommendation")));
        alerts.forEach(alert -> table.add(Arrays.asList(
                alert.serviceName(),
                alert.actionRequired(),
                Reports.lag(alert.lagStatus(), alert.currentTotalLag()),
                alert.lagStatus(),
                Reports.reported(alert.lagAge()),
                alert.recommendation())));
        return table;
    }
}
