package io.gpufleet.telemetry.benchmarks.pipeline;

/**
 * The product's consumer with a sink that does nothing: records are polled, decoded, validated and batched, and no
 * more.
 */
final class ConsumerOnly implements Contestant {
    static final String NAME = "consumer only";

    private final BacklogSettings settings;

    ConsumerOnly(BacklogSettings settings) {
        this.settings = settings;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String settings() {
        return settings.toString();
    }

    @Override
    public Figures run(Stage stage) throws InterruptedException {
        return ConsumerRun.ofPlain(stage, settings, batch -> {});
    }
}
