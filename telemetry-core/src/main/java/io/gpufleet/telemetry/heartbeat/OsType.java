package io.gpufleet.telemetry.heartbeat;

/** The operating system of a pod. The order of the constants is the index on the wire. */
public enum OsType {
    /** macOS, index 0. */
    MACOS,
    /** Windows, index 1. */
    WINDOWS,
    /** Linux, index 2. */
    LINUX,
    /** Android, index 3. */
    ANDROID,
    /** iOS, index 4. */
    IOS,
    /** Not known, index 5. */
    NONE
}
