package io.gpufleet.telemetry.benchmarks.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** A small round of the rows that need no other product: each checks the contents of the tables. Nothing is timed. */
final class PipelineSmokeIT {

    @Test
    void rows_leaveInTheTablesWhatTheyMust() throws Exception {
        Scale scale = Scale.smoke();
        List<Contestant> rows = List.of(
                new PollOnly(), new ConsumerOnly(scale.product()), new EndToEnd(scale.product()), new UsualConsumer());
        Results results = new Results();
        try (Servers servers = Servers.start()) {
            new Race(scale, rows, (round, row, figures) -> {}).run(servers, 1, results);
        }
        assertThat(rows)
                .allSatisfy(row -> assertThat(results.of(new Results.Key(row.name(), 1), Figures::records))
                        .as(row.name())
                        .isPresent());
    }
}
