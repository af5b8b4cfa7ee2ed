package io.gpufleet.telemetry.benchmarks.pipeline;

import java.util.List;

/**
 * The race of all rows in rounds: the first round of all, then the second of all, so that a slow moment of the machine
 * affects all of them.
 */
final class Race {
    private final Scale scale;
    private final List<Contestant> contestants;
    private final Watch watch;

    /** A receiver of each finished round. */
    @FunctionalInterface
    interface Watch {
        void ran(String round, Contestant contestant, Figures figures) throws Exception;
    }

    Race(Scale scale, List<Contestant> contestants, Watch watch) {
        this.scale = scale;
        this.contestants = contestants;
        this.watch = watch;
    }

    /** Runs all rows with machines of a number of devices. */
    void run(Servers servers, int devices, Results results) throws Exception {
        if (scale.warmUpRecords() > 0) {
            try (Stage stage = Stage.of(servers, scale.warmUp(devices), scale.partRecords())) {
                round(stage, "warm-up", new Results());
            }
        }
        try (Stage stage = Stage.of(servers, scale.backlog(devices), scale.partRecords())) {
            for (int round = 1; round <= scale.rounds(); round++) {
                round(stage, "round " + round, results);
            }
        }
    }

    private void round(Stage stage, String round, Results results) throws Exception {
        for (Contestant contestant : contestants) {
            if (contestant.takes(stage.backlog())) {
                Figures figures = contestant.run(stage);
                results.add(contestant.name(), stage.backlog(), figures);
                watch.ran(stage.backlog().devicesText() + ", " + round, contestant, figures);
            }
        }
    }
}
