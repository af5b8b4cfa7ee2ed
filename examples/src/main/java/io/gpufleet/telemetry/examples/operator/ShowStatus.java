package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.examples.options.DatabaseOptions;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.examples.options.KafkaOptions;
import io.gpufleet.telemetry.examples.options.TimeSpan;
import io.gpufleet.telemetry.examples.terminal.Table;
import io.gpufleet.telemetry.jdbc.monitor.ConsumerAlert;
import java.nio.charset.Charset;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows the current state of all groups. Not thread-safe. */
@Command(
        name = "status",
        description = {
            "Shows the state of every group: its positions, from the database; its members and its true lag, from the"
                    + " brokers; its dead letters and gaps; and the services that need action.",
            "Exit code 1 if a group is dead, stuck or unknown, or a service needs action at once."
        },
        footer = {
            "DEAD: the group has no members. STUCK: records wait in a partition whose position has not moved for"
                    + " --stuck-after, nor between two looks. UNKNOWN: no answer, or the topic was recreated."
                    + " BEHIND: more than 10,000 records wait.",
            "A dead letter of some values of a record counts once for each of its reasons.",
            "Values counted only repeat the fault of a dead letter of the last day, in another record.",
            "The last 15 minutes are as reported by a ConsumerMonitor, a character a minute; ? is a minute without a"
                    + " report.%n"
        })
final class ShowStatus implements Callable<Integer> {
    private static final String NOT_REPORTED = "Values refused, services and the last 15 minutes are not shown: the"
            + " tables of consumer configs are not installed. gpu-consumer and heartbeat-consumer install them at their"
            + " start, as does TelemetrySchema with consumerConfigs()";
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(5);

    @Mixin
    private final Filter filter = new Filter();

    @Mixin
    private final DatabaseOptions database = new DatabaseOptions();

    @Mixin
    private final KafkaOptions kafka = new KafkaOptions();

    @Mixin
    private final Output output = new Output();

    @Option(
            names = "--stuck-after",
            paramLabel = "<time>",
            defaultValue = "2m",
            converter = TimeSpan.class,
            description = "The longest standstill of a position while records wait, as 30s or 2m (default: 2m).")
    private Duration stuckAfter = Duration.ZERO;

    @Mixin
    private final Watch watch = new Watch();

    @Override
    public Integer call() throws SQLException, InterruptedException {
        try (Cluster cluster = Cluster.connect(kafka)) {
            Tables tables = new Tables(database);
            StatusReader reader = new StatusReader(tables, filter, cluster);
            return watch.run(output, () -> show(reader, tables) ? ExitCodes.NOT_SO : ExitCodes.OK);
        }
    }

    private boolean show(StatusReader reader, Tables tables) throws SQLException, InterruptedException {
        List<GroupStatus> groups =
                new SecondLook(reader::read, () -> Thread.sleep(BETWEEN_LOOKS.toMillis())).groups(stuckAfter);
        if (groups.isEmpty()) {
            throw new TelemetryException(
                    "No position" + filter + " is stored: a consumer stores its positions when it starts");
        }
        boolean reported = tables.installed().contains(Capability.CONSUMER_CONFIGS);
        List<ConsumerAlert> alerts = reported ? alerts() : List.of();
        Map<String, Table> shown = new LinkedHashMap<>();
        LagTrend trend = reported ? LagTrend.read(tables) : LagTrend.none();
        shown.put("groups", StatusTables.groups(groups, trend, stuckAfter, charset()));
        shown.put("dead_letters", StatusTables.letters(tables, filter));
        if (reported) {
            shown.put("refused_values", StatusTables.refused(tables, filter));
        }
        shown.put("gaps", StatusTables.gaps(tables, filter));
        if (reported) {
            shown.put("services", StatusTables.alarms(alerts));
        }
        print(shown, reported);
        return groups.stream().anyMatch(group -> group.verdict(stuckAfter).isAlarming())
                || Reports.code(alerts) != ExitCodes.OK;
    }

    private List<ConsumerAlert> alerts() {
        return Reports.of(database).alerts().stream()
                .filter(alert -> filter.group().map(alert.groupId()::equals).orElse(true))
                .toList();
    }

    private void print(Map<String, Table> tables, boolean reported) {
        String time = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        List<String> lines = new ArrayList<>();
        lines.add("State at " + time + ": positions in " + database + ", members and logs at " + kafka);
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("looked_at", time);
        tables.forEach((name, table) -> {
            lines.add("");
            lines.addAll(Output.lines(table));
            json.put(name, table.records());
        });
        if (!reported) {
            lines.addAll(List.of("", NOT_REPORTED));
        }
        json.put("not_installed", reported ? List.of() : List.of("consumer_configs"));
        output.print(lines, json);
    }

    private static Charset charset() {
        String name = System.getProperty("stdout.encoding", System.getProperty("native.encoding", "US-ASCII"));
        return Charset.isSupported(name) ? Charset.forName(name) : Charset.defaultCharset();
    }
}
