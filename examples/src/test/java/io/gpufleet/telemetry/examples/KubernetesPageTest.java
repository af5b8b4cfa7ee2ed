package io.gpufleet.telemetry.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.Health;
import io.gpufleet.telemetry.Health.Concern;
import io.gpufleet.telemetry.Health.Status;
import io.gpufleet.telemetry.Health.Trouble;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The probes on the page about Kubernetes match {@code health()}, and its Java compiles. */
final class KubernetesPageTest {
    private static final Pattern ROW =
            Pattern.compile("(?m)^\\| ([A-Z]+(?:, [A-Z]+)*):.*\\| (passes|fails) \\| (passes|fails) \\|$");

    @Test
    void concerns_failTheProbesThatThePageNames() throws IOException {
        Map<Concern, String> documented = new HashMap<>();
        Snippets.of("docs/kubernetes.md").matches(ROW).forEach(row -> {
            for (String concern : List.of(row.group(1).split(", ", -1))) {
                documented.put(Concern.valueOf(concern), row.group(2) + " " + row.group(3));
            }
        });

        assertThat(documented).containsOnlyKeys(Concern.values());
        documented.forEach((concern, probes) -> {
            Health health = Health.of(new Trouble(concern, "a reason"));
            assertThat(word(health.status() != Status.DOWN) + " " + word(health.isReady()))
                    .as(concern.name())
                    .isEqualTo(probes);
        });
    }

    private static String word(boolean passes) {
        return passes ? "passes" : "fails";
    }

    @Test
    void javaBlocks_compile(@TempDir Path classes) throws IOException {
        assertThat(Snippets.of("docs/kubernetes.md").blocks("java"))
                .hasSize(1)
                .allSatisfy(
                        block -> assertThat(Snippets.complaints(block, classes)).isEmpty());
    }
}
