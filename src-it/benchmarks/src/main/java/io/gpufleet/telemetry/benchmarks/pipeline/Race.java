package io.gpufleet.telemetry.benchmarks.pipeline;

import java.util.List;
import java.util.function.Consumer;

/**
 * Runs rows in rounds: the first round of all, then the second of all, so that a moment at which the machine is slow
 * strikes all of them.
 */
final class Race {
    private final Scale scale;
    private final List<Contestant> contestants;
    private final Consumer<String> progress;

    /**
     * Prepares a race.
     *
     * @param progress is told what runs
     */
    Race(Scale scale, List<Contestant> contestants, Consumer<String> progress) {
        this.scale = scale;
        this.contestants = contestants;
        this.progress = progress;
    }

    /** Runs all rows with machines of so many devices. */
    void run(Servers servers, int devices, Results results) throws Exception {
        if (scale.warmUpRecords() > 0) {
            round(Stage.of(servers, scale.warmUp(devices), scale.partRecords()), "warm-up", new Results());
        }
        Stage stage = Stage.of(servers, scale.backlog(devices), scale.partRecords());
        for (int round = 1; round <= scale.rounds(); round++) {
            round(stage, "round " + round, results);
        }
    }

    private void round(Stage stage, String round, Results results) throws Exception {
        for (Contestant contestant : contestants) {
            if (contestant.takes(stage.backlog())) {
                Figures figures = contestant.run(stage);
                results.add(contestant.name(), stage.backlog(), figures);
                progress.accept(stage.backlog().devicesText() + ", " + round + ": " + contestant.name() + ", "
                        + Math.round(figures.recordsPerSecond()) + " records/s");
            }
        }
    }
}
