package io.gpufleet.telemetry.examples.operator;

import static java.util.stream.Collectors.toMap;

import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.examples.terminal.Column;
import io.gpufleet.telemetry.examples.terminal.Table;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The stored positions beside the offsets of the logs. Not thread-safe. */
final class PositionTable {
    private static final String SAME = "same";

    private final ClusterLook look;
    private final Table table = new Table(
            "Positions",
            List.of(
                    Column.text("group"),
                    Column.text("topic"),
                    Column.number("partition"),
                    Column.number("position"),
                    Column.number("beginning").dispensable(3),
                    Column.number("end"),
                    Column.number("lag"),
                    Column.number("held back").dispensable(1),
                    Column.text("log"),
                    Column.instant("updated at").dispensable(2)));

    PositionTable(ClusterLook look) {
        this.look = look;
    }

    Table table() {
        return table;
    }

    /** Returns the reasons why the logs of some partitions are unknown. */
    Collection<String> failures() {
        return look.logs().failures().values();
    }

    /** Adds the partitions of a group in a topic: those with a position, and the others of the topic. */
    void add(String group, String topic, List<StoredPosition> positions) {
        Map<SourcePartition, StoredPosition> stored =
                positions.stream().collect(toMap(StoredPosition::partition, Function.identity()));
        Optional<Topic> found = look.topic(topic);
        List<SourcePartition> existing = found.map(Topic::partitions).orElse(List.of());
        TreeSet<SourcePartition> all = new TreeSet<>(stored.keySet());
        all.addAll(existing);
        for (SourcePartition partition : all) {
            addRow(
                    group,
                    partition,
                    stored.get(partition),
                    found,
                    look.logs().ranges().get(partition));
        }
    }

    private void addRow(
            String group,
            SourcePartition partition,
            @Nullable StoredPosition stored,
            Optional<Topic> topic,
            @Nullable LogRange log) {
        table.add(Arrays.asList(
                group,
                partition.topic(),
                partition.partition(),
                stored == null ? null : stored.position().nextOffset(),
                log == null ? null : log.beginning(),
                log == null ? null : log.end(),
                lag(stored, topic, log),
                log == null ? null : log.heldBack(),
                stored == null ? "no position" : log(stored, topic),
                stored == null ? null : stored.updatedAt()));
    }

    /** Returns the lag; null if the position is in another log, since offsets of two logs cannot be compared. */
    private static @Nullable Long lag(@Nullable StoredPosition stored, Optional<Topic> topic, @Nullable LogRange log) {
        return stored == null || log == null || !log(stored, topic).equals(SAME)
                ? null
                : Long.valueOf(log.end() - stored.position().nextOffset());
    }

    private static String log(StoredPosition stored, Optional<Topic> topic) {
        return topic.map(found -> found.log().equals(stored.position().log()) ? SAME : "another")
                .orElse("no such topic");
    }
}
