package io.gpufleet.telemetry.testkit;

/**
 * Numbers that look random and depend on nothing but their arguments, so that any scrape of a fleet can be computed
 * without those before it. Source: the finalizer of SplitMix64.
 */
final class Noise {
    private static final long STEP = 0x9e3779b97f4a7c15L;
    private static final int MANTISSA = 53;

    private Noise() {}

    /** Returns 64 bits that depend on a seed and a number. */
    static long of(long seed, long number) {
        long bits = seed + STEP * (number + 1);
        bits = (bits ^ (bits >>> 30)) * 0xbf58476d1ce4e5b9L;
        bits = (bits ^ (bits >>> 27)) * 0x94d049bb133111ebL;
        return bits ^ (bits >>> 31);
    }

    /** Returns a number from 0 to below a bound. */
    static int below(int bound, long noise) {
        return (int) (((noise >>> 32) * bound) >>> 32);
    }

    /** Returns a number from a range, both ends included. */
    static int between(int least, int most, long noise) {
        return least + below(most - least + 1, noise);
    }

    /** Returns true for a share of all noise. */
    static boolean isWithin(double share, long noise) {
        return share > 0 && (noise >>> (Long.SIZE - MANTISSA)) * 0x1.0p-53 < share;
    }
}
