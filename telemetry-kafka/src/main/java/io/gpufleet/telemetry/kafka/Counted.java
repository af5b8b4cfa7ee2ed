package io.gpufleet.telemetry.kafka;

/** A number with its noun: {@code 1 batch}, {@code 52 batches}. */
final class Counted {
    private Counted() {}

    static String of(long number, String one, String many) {
        return number + " " + (number == 1 ? one : many);
    }
}
