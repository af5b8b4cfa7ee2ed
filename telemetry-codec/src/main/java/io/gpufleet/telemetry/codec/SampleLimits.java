package io.gpufleet.telemetry.codec;

/**
 * The limits of a message of GPU samples. Immutable.
 *
 * @param messageBytes the most bytes of a message, unpacked
 * @param lineBytes the most bytes of a line, or of a row
 * @param labelBytes the most bytes of a label's value
 * @param labels the most labels of a row
 */
record SampleLimits(int messageBytes, int lineBytes, int labelBytes, int labels) {
    static final SampleLimits DEFAULT = new SampleLimits(16 << 20, 1 << 20, 64 << 10, 128);
}
