package io.gpufleet.telemetry.gpu;

/** The reading of a whole GPU that has none of its own, made of those of its MIG instances at one time. */
public enum InstanceTotal {
    /** One sensor, or the last error: the largest of them. */
    LARGEST,
    /** Memory, of which each instance has its own: the sum of them. */
    SUM,
    /** A share of an instance's own: there is none of the GPU. */
    NONE
}
