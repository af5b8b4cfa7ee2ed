package io.gpufleet.telemetry.examples.operator;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;
import static java.util.stream.Collectors.toSet;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.examples.options.DatabaseOptions;
import io.gpufleet.telemetry.examples.options.ExitCodes;
import io.gpufleet.telemetry.examples.options.KafkaOptions;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Shows the positions of groups. Not thread-safe. */
@Command(
        name = "show",
        description = "Shows the stored positions, the offsets of the logs, and the lag.",
        footer =
                "The log is 'same' if the topic has the id that is stored with the position; 'another' means that the topic "
                        + "was recreated, and the position is in the old log. Held back are the records after an open"
                        + " transaction: kafka-transactions.sh describe-producers shows its producer.%n")
final class ShowOffsets implements Callable<Integer> {
    @Mixin
    private final Filter filter = new Filter();

    @Mixin
    private final DatabaseOptions database = new DatabaseOptions();

    @Mixin
    private final KafkaOptions kafka = new KafkaOptions();

    @Mixin
    private final Output output = new Output();

    @Override
    public Integer call() throws SQLException {
        List<StoredPosition> stored = StoredPosition.read(new Tables(database), filter);
        if (stored.isEmpty()) {
            throw new TelemetryException(
                    "No position" + filter + " is stored: a consumer stores its positions when it starts");
        }
        try (Cluster cluster = Cluster.connect(kafka)) {
            PositionTable positions = new PositionTable(cluster.look(
                    List.of(),
                    stored.stream()
                            .map(position -> position.partition().topic())
                            .collect(toSet())));
            stored.stream()
                    .collect(groupingBy(StoredPosition::groupAndTopic, LinkedHashMap::new, toList()))
                    .forEach((names, together) -> positions.add(names.get(0), names.get(1), together));
            output.print(positions.table());
            if (!positions.failures().isEmpty()) {
                throw new TelemetryException("Unknown: " + String.join("; ", positions.failures()));
            }
        }
        return ExitCodes.OK;
    }
}
