package io.gpufleet.telemetry.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.PartitionLag;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryEvent;
import io.gpufleet.telemetry.kafka.metrics.MicrometerTelemetry;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page of all meters matches the registry. */
final class MetersPageTest {
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `telemetry\\..*\\|$");

    /** Tags whose values come from the host. */
    private static final Set<String> OPEN_TAGS = Set.of("topic", "partition", "table");

    @Test
    void meters_areThoseOfTheRegistry() throws IOException {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        MicrometerTelemetry telemetry = MicrometerTelemetry.create(registry);
        SourcePartition partition = new SourcePartition("topic", 0);
        PartitionLag lag = new PartitionLag(0, 1, Optional.empty());
        telemetry.on(new TelemetryEvent.PartitionsAssigned(Set.of(partition)));
        telemetry.on(new TelemetryEvent.LagMeasured(Instant.EPOCH, Map.of(partition, lag)));
        telemetry.on(new TelemetryEvent.RowsLeftOut("client_daily_stats", 1));

        List<String> rows = Page.of(Snippets.ROOT.resolve("docs/meters.md"))
                .text()
                .lines()
                .filter(ROW.asMatchPredicate())
                .toList();

        assertThat(rows).isEqualTo(expected(registry));
    }

    /** Returns a row for each name, in their order. */
    private static List<String> expected(SimpleMeterRegistry registry) {
        Map<String, Meter.Id> ids = new TreeMap<>();
        Map<String, Map<String, Set<String>>> tags = new TreeMap<>();
        for (Meter meter : registry.getMeters()) {
            Meter.Id id = meter.getId();
            ids.put(id.getName(), id);
            Map<String, Set<String>> ofName = tags.computeIfAbsent(id.getName(), name -> new TreeMap<>());
            for (Tag tag : id.getTags()) {
                ofName.computeIfAbsent(tag.getKey(), key -> new TreeSet<>()).add(tag.getValue());
            }
        }
        return ids.values().stream().map(id -> row(id, tags.get(id.getName()))).toList();
    }

    private static String row(Meter.Id id, Map<String, Set<String>> tags) {
        List<String> words = tags.entrySet().stream()
                .map(tag -> "`" + tag.getKey() + "`"
                        + (OPEN_TAGS.contains(tag.getKey()) ? "" : ": " + String.join(", ", tag.getValue())))
                .toList();
        String type = id.getType().name().toLowerCase(Locale.ROOT).replace('_', ' ');
        String unit = Objects.requireNonNullElse(id.getBaseUnit(), "");
        return String.join(
                " | ", "| `" + id.getName() + "`", type, String.join("; ", words), unit, id.getDescription() + " |");
    }
}
