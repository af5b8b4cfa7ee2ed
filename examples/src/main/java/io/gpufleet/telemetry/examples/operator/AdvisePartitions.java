package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.examples.options.DatabaseOptions;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.examples.options.KafkaOptions;
import io.gpufleet.telemetry.examples.terminal.Column;
import io.gpufleet.telemetry.examples.terminal.Table;
import io.gpufleet.telemetry.jdbc.monitor.PartitionAdvisor;
import io.gpufleet.telemetry.kafka.topic.KafkaTopicCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Advises on the partitions of topics, and raises them if asked to. Not thread-safe. */
@Command(
        name = "partitions",
        description = {
            "Measures topics for some seconds, and lists those that should have more partitions.",
            "Changes nothing without --apply, after which a key's records may go to another partition."
        })
final class AdvisePartitions implements Callable<Integer> {
    @Parameters(
            arity = "0..*",
            paramLabel = "<topic>",
            description = "Topics to watch in addition; all watched topics are measured.")
    private Set<String> topics = new LinkedHashSet<>();

    @Option(
            names = "--apply",
            paramLabel = "<topic>",
            description = "Raise the partitions of this topic as advised. Repeatable.")
    private Set<String> toApply = new LinkedHashSet<>();

    @Option(
            names = "--seconds",
            paramLabel = "<n>",
            defaultValue = "10",
            description = "The time to measure (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Mixin
    private final DatabaseOptions database = new DatabaseOptions();

    @Mixin
    private final KafkaOptions kafka = new KafkaOptions();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() {
        if (seconds < 1) {
            throw new IllegalArgumentException("--seconds: " + seconds + " is not 1 or more");
        }
        try (KafkaTopicCluster cluster = KafkaTopicCluster.create(kafka.bootstrapServers(), kafka.clientProperties())) {
            PartitionAdvisor.Builder builder =
                    PartitionAdvisor.builder(database.dataSource(), cluster).sampleFor(Duration.ofSeconds(seconds));
            database.schema().ifPresent(builder::schema);
            advise(builder.build());
        }
        return ExitCodes.OK;
    }

    private void advise(PartitionAdvisor advisor) {
        if (!topics.isEmpty()) {
            advisor.watch(topics.toArray(String[]::new));
        }
        Table measured = measured(advisor.measure());
        List<PartitionAdvisor.Change> changes = advisor.recommend();
        Table advice = advice(changes);
        List<String> script = advisor.script();
        List<String> applied = new ArrayList<>();
        try {
            apply(advisor, changes, applied);
        } finally {
            // Printed also after a failure, since some changes are already made.
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("measured", measured.records());
            fields.put("advice", advice.records());
            fields.put("script", script);
            fields.put("applied", applied);
            output.print(lines(measured, advice, script, applied), fields);
        }
    }

    private void apply(PartitionAdvisor advisor, List<PartitionAdvisor.Change> changes, List<String> applied) {
        for (String topic : toApply) {
            if (changes.stream().noneMatch(change -> change.topic().equals(topic))) {
                throw new TelemetryException("No other number of partitions is advised for topic " + topic);
            }
        }
        for (String topic : toApply) {
            advisor.apply(topic);
            applied.add(topic);
        }
    }

    private static List<String> lines(Table measured, Table advice, List<String> script, List<String> applied) {
        return Stream.of(
                        Output.lines(measured),
                        List.of(""),
                        Output.lines(advice),
                        script.isEmpty() ? List.<String>of() : List.of("", "As commands"),
                        script.stream().map(line -> "  " + line).toList(),
                        applied.isEmpty() ? List.<String>of() : List.of("", "Applied: " + String.join(", ", applied)))
                .flatMap(List::stream)
                .toList();
    }

    private static Table measured(List<PartitionAdvisor.Measurement> measurements) {
        Table table = new Table(
                "Measured",
                List.of(Column.text("topic"), Column.number("partitions"), Column.count("events a second")));
        measurements.forEach(measurement -> table.add(Arrays.asList(
                measurement.topic(),
                measurement.partitions().isPresent() ? measurement.partitions().getAsInt() : null,
                Reports.value(measurement.eventsPerSecond()))));
        return table;
    }

    private static Table advice(List<PartitionAdvisor.Change> changes) {
        Table table = new Table(
                "Advice on partitions",
                List.of(
                        Column.text("topic"),
                        Column.number("partitions"),
                        Column.number("recommended"),
                        Column.prose("reason")));
        changes.forEach(change -> table.add(
                List.of(change.topic(), change.currentPartitions(), change.recommendedPartitions(), change.reason())));
        return table;
    }
}
