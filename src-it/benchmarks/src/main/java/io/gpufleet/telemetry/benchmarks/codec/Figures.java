package io.gpufleet.telemetry.benchmarks.codec;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.benchmarks.report.Rounds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;

/** The figures measured by JMH, round by round. Not thread-safe. */
final class Figures {
    private static final String BYTES = "gc.alloc.rate.norm";

    private final Map<Cell, List<Round>> rounds = new HashMap<>();

    /** A cell of the table: a benchmark's method with its parameters. The record alone has no form. */
    record Cell(String method, String form, int pods) {
        static Cell decode(WireForm form, int pods) {
            return new Cell("decode", form.name(), pods);
        }

        static Cell encode(WireForm form, int pods) {
            return new Cell("encode", form.name(), pods);
        }

        static Cell encodeIntoBuffer(WireForm form, int pods) {
            return new Cell("encodeIntoBuffer", form.name(), pods);
        }

        static Cell recordAlone(int pods) {
            return new Cell("recordAlone", "", pods);
        }

        private static Cell of(BenchmarkParams params) {
            String form = params.getParam("form");
            String method = params.getBenchmark();
            return new Cell(
                    method.substring(method.lastIndexOf('.') + 1),
                    form == null ? "" : form,
                    Integer.parseInt(params.getParam("pods")));
        }
    }

    private record Round(double nanos, double bytes) {}

    void add(RunResult result) {
        Cell cell = Cell.of(result.getParams());
        for (BenchmarkResult jvm : result.getBenchmarkResults()) {
            for (IterationResult round : jvm.getIterationResults()) {
                double bytes = requireNonNull(round.getSecondaryResults().get(BYTES), BYTES)
                        .getScore();
                add(cell, round.getPrimaryResult().getScore(), bytes);
            }
        }
    }

    void add(Cell cell, double nanos, double bytes) {
        rounds.computeIfAbsent(cell, added -> new ArrayList<>()).add(new Round(nanos, bytes));
    }

    /** Returns the time of one operation in nanoseconds. */
    Rounds nanos(Cell cell) {
        return of(cell, Round::nanos);
    }

    /** Returns the allocation of one operation in bytes. */
    double bytes(Cell cell) {
        return of(cell, Round::bytes).median();
    }

    private Rounds of(Cell cell, ToDoubleFunction<Round> figure) {
        List<Round> measured = requireNonNull(rounds.get(cell), cell::toString);
        return Rounds.of(measured.stream().mapToDouble(figure).toArray());
    }
}
