package io.gpufleet.telemetry.gpu;

import static java.util.Objects.requireNonNull;

import java.util.List;

/** How a reading counts in sums, so that nothing counts twice. The number of a scope is stored. */
public enum Scope {
    /** A reading of the whole GPU; number 0. */
    WHOLE_GPU(0),
    /** A reading of a MIG instance; number 1. */
    MIG_INSTANCE(1),
    /** A reading of a link; number 2. */
    LINK(2),
    /** A workload's copy of the GPU's reading, or its share of it; number 3. */
    WORKLOAD(3),
    /** A reading of another series, such as the count of one Xid; number 4. */
    SERIES(4);

    private static final List<Scope> ALL = List.of(values());

    private final int number;

    Scope(int number) {
        this.number = number;
    }

    /**
     * Returns the number of this scope.
     *
     * @return 0 to 4
     */
    public int number() {
        return number;
    }

    /**
     * Returns the scope of a number.
     *
     * @param number 0 to 4
     * @return the scope
     */
    public static Scope of(int number) {
        if (number < 0 || number >= ALL.size()) {
            throw new IllegalArgumentException("number: " + number + " is not between 0 and " + (ALL.size() - 1));
        }
        return ALL.get(number);
    }

    /**
     * Returns the scope of a sample that is alone in its message.
     *
     * @param subject its subject
     * @return {@link #WORKLOAD} if it is a share of a shared GPU
     */
    public static Scope ofSingle(GpuSubject subject) {
        return requireNonNull(subject, "subject").vgpu().isEmpty() ? subject.ownScope() : WORKLOAD;
    }

    /**
     * Returns the samples of one message with their scopes: of the readings of one GPU, instance, metric and time that
     * differ in their workload only, the one without a pod is the GPU's own, and the others are a workload's. The order
     * of the samples does not matter.
     *
     * @param samples all samples of a message, with any scopes
     * @return the samples in the same order
     */
    public static List<GpuSample> assign(List<GpuSample> samples) {
        return Copies.of(requireNonNull(samples, "samples")).assign(samples);
    }
}
