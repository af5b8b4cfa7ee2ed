package io.gpufleet.telemetry.benchmarks.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class OptionsTest {

    @Test
    void nothing_asksForTheQuickTableOfAllRows() {
        Options options = Options.parse();
        assertThat(options.scale()).isEqualTo(Scale.quick());
        List<Contestant> rows = Rows.of(Scale.quick().product());
        assertThat(options.select(rows)).isEqualTo(rows);
    }

    @Test
    void rows_areSelectedByTheirNames() {
        Options options = Options.parse("full", "rows=end-to-end,Spring,ours-heartbeat-only");
        assertThat(options.select(Rows.of(Scale.quick().product())))
                .extracting(Contestant::name)
                .containsExactly("end to end", "Spring", "ours, heartbeat only");
    }

    @Test
    void scale_isChanged() {
        Scale scale = Options.parse("full", "devices=8", "records=100", "rounds=7", "batch=10")
                .scale();
        assertThat(scale.records()).isEqualTo(Map.of(8, 100));
        assertThat(scale.rounds()).isEqualTo(7);
        assertThat(scale.product()).isEqualTo(new BacklogSettings(2, 10));
        assertThat(scale.clients()).isEqualTo(Scale.full().clients());
    }

    @Test
    void whatIsNotKnown_isRefused() {
        assertThatThrownBy(() -> Options.parse("row=x")).hasMessageContaining("row is none of");
        assertThatThrownBy(() -> Options.parse("huge").scale()).hasMessageContaining("huge is none of");
        assertThatThrownBy(() ->
                        Options.parse("rows=sink").select(Rows.of(Scale.quick().product())))
                .hasMessageContaining("[sink] are not all among");
    }
}
