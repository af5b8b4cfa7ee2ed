package io.gpufleet.telemetry.benchmarks.growth;

import io.gpufleet.telemetry.benchmarks.pipeline.BacklogSettings;
import io.gpufleet.telemetry.benchmarks.pipeline.Figures;
import io.gpufleet.telemetry.benchmarks.pipeline.Servers;
import io.gpufleet.telemetry.benchmarks.pipeline.TableProgram;
import io.gpufleet.telemetry.benchmarks.report.Extent;
import io.gpufleet.telemetry.benchmarks.report.Rounds;
import io.gpufleet.telemetry.benchmarks.report.Table;
import java.util.List;

/**
 * The program that measures the speed as the fleet grows, and as its heartbeats pile up, in each layout of the table.
 */
public final class GrowthTable {
    private static final int LANES = 2;
    private static final List<Layout> ALL = List.of(Layout.values());
    private static final List<Layout> PARTITIONED =
            ALL.stream().filter(Layout::isPartitionedByDay).toList();

    private final Extent extent;
    private final Growth growth;
    private final Table table = new Table(
            "layout",
            "clients",
            "stored before",
            "records/s",
            "spread",
            "of the first",
            "server CPU s/M",
            "bytes each");

    private GrowthTable(Servers servers, Extent extent) {
        this.extent = extent;
        this.growth = new Growth(
                servers,
                new BacklogSettings(LANES, extent.choose(500, 5_000, 40_000)),
                extent.choose(2_000, 40_000, 400_000),
                extent.choose(1, 3, 5));
    }

    /**
     * Runs the program.
     *
     * @param arguments the extent
     */
    public static void main(String[] arguments) throws Exception {
        TableProgram.run(
                "End to end with more clients, and with more heartbeats stored: 1 device, " + LANES + " lanes",
                GrowthTable::measure,
                arguments);
    }

    static Table measure(Servers servers, Extent extent) throws Exception {
        GrowthTable growth = new GrowthTable(servers, extent);
        growth.addClients();
        for (Layout layout : extent.choose(ALL, PARTITIONED, ALL)) {
            growth.addStored(layout);
        }
        return growth.table;
    }

    private void addClients() throws Exception {
        double first = 0;
        for (int clients : extent.choose(
                List.of(100, 1_000), List.of(1_000, 10_000), List.of(1_000, 10_000, 100_000, 1_000_000))) {
            first = add(Layout.ONE_TABLE, clients, 0, first);
        }
    }

    private void addStored(Layout layout) throws Exception {
        int clients = extent.choose(100, 1_000, 10_000);
        double first = 0;
        for (int stored :
                extent.choose(List.of(1_000), List.of(10_000, 100_000), List.of(1_000_000, 10_000_000, 30_000_000))) {
            first = add(layout, clients, stored, first);
        }
    }

    /** Adds a row, and returns the speed of the first of its kind. */
    private double add(Layout layout, int clients, int stored, double first) throws Exception {
        Growth.Outcome outcome = growth.measure(layout, clients, stored, extent.choose(1_000, 10_000, 1_000_000));
        Rounds rate = Rounds.of(outcome.rounds(), Figures::recordsPerSecond);
        System.out.println(layout + ", " + Table.number(clients, 0) + " clients, " + Table.number(stored, 0)
                + " stored: " + Table.number(rate.median(), 0) + " records/s");
        double base = first == 0 ? rate.median() : first;
        table.add(
                layout.toString(),
                Table.number(clients, 0),
                Table.number(stored, 0),
                Table.number(rate.median(), 0),
                rate.spreadText(),
                Table.number(rate.median() / base, 2),
                Table.number(
                        Rounds.of(outcome.rounds(), Figures::serverCpuSecondsPerMillion)
                                .median(),
                        1),
                Table.number((double) outcome.bytes(), 0));
        return base;
    }
}
