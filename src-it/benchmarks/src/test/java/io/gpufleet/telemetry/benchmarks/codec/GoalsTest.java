package io.gpufleet.telemetry.benchmarks.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.gpufleet.telemetry.benchmarks.codec.Figures.Cell;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class GoalsTest {
    private final Figures figures = new Figures();

    @BeforeEach
    void measure_everythingInAHundredNanosecondsAndBytes() {
        for (int pods : CodecRun.PODS) {
            for (WireForm form : WireForm.values()) {
                figures.add(Cell.decode(form, pods), 100, 100);
                figures.add(Cell.encodeIntoBuffer(form, pods), 100, 0.004);
            }
            figures.add(Cell.recordAlone(pods), 100, 99.996);
        }
    }

    @Test
    void speed_isComparedByTheMedians() {
        Cell kryo = Cell.decode(WireForm.KRYO, 1);
        figures.add(kryo, 700, 100);
        figures.add(kryo, 9_000, 100);

        assertThat(lines())
                .contains(
                        "fixed: decode no slower than SBE 1 1.00 x met",
                        "fixed: decode at least 2 x faster than Fory 1 1.00 x missed",
                        "fixed: decode at least 7 x faster than Kryo 1 7.00 x met",
                        "fixed: decode at least 7 x faster than Kryo 8 1.00 x missed");
    }

    @Test
    void allocation_isMetWhereNotAByteIsLeft() {
        assertThat(lines())
                .contains(
                        "fixed: decode allocates nothing beside the record 1 0 B met",
                        "varint: encode into a buffer allocates nothing 8 0 B met");
    }

    @Test
    void allocation_isMissedByOneObject() {
        figures.add(Cell.decode(WireForm.VARINT, 8), 100, 132);
        figures.add(Cell.encodeIntoBuffer(WireForm.FIXED, 1), 100, 48);

        assertThat(lines())
                .contains(
                        "varint: decode allocates nothing beside the record 8 16 B missed",
                        "fixed: encode into a buffer allocates nothing 1 24 B missed");
    }

    private String lines() {
        return Goals.of(figures).toString().replaceAll(" +", " ");
    }
}
