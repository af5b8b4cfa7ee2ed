package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.heartbeat.EngineType;
import io.gpufleet.telemetry.heartbeat.OsType;
import java.util.List;

/**
 * The rules of a decoder beyond the bytes: the limit of pods, the enum constant of each index, and whether trailing
 * bytes are allowed.
 */
final class DecodingRules {
    /** The default limit of pods in a heartbeat. */
    static final int DEFAULT_MAX_PODS = 1024;

    private final int maxPods;
    private final List<EngineType> engineTypes;
    private final boolean trailingBytes;

    DecodingRules(int maxPods, List<EngineType> engineTypes, boolean trailingBytes) {
        this.maxPods = maxPods;
        this.engineTypes = engineTypes;
        this.trailingBytes = trailingBytes;
    }

    /** Refuses a heartbeat that a decoder would refuse. */
    void requirePods(int count) {
        if (count > maxPods) {
            throw new IllegalArgumentException("pods: " + count + " are more than the limit of " + maxPods);
        }
    }

    /** Returns the largest number of bytes that a heartbeat can take of the remaining ones. */
    int mostBytes(int header, int pod, int left) {
        return (int) Math.min(left, header + (long) maxPods * pod);
    }

    /**
     * Proves that a number of pods is allowed and that its bytes can exist.
     *
     * @param count the decoded number, unsigned
     * @param offset the offset of the number
     * @param podBytes the fewest bytes of a pod
     * @param left the number of bytes behind it
     * @return the number
     */
    int checkPods(long count, int offset, int podBytes, int left) {
        if (Long.compareUnsigned(count, maxPods) > 0) {
            throw new CodecException(
                    "n: " + Long.toUnsignedString(count) + " pods are more than the limit of " + maxPods, offset);
        }
        if (count * podBytes > left) {
            throw new CodecException(
                    "n: " + count + " pods need " + count * podBytes + " bytes or more, " + left + " left", offset);
        }
        return (int) count;
    }

    /**
     * Proves that no bytes are left behind a heartbeat, unless trailing bytes are allowed.
     *
     * @param end the index behind the heartbeat
     * @param length the number of bytes
     */
    void checkEnd(int end, int length) {
        if (end < length && !trailingBytes) {
            throw new CodecException("end: " + (length - end) + " bytes left over", end);
        }
    }

    OsType osType(int index, int pod, int offset) {
        return constant(EnumIndexes.OS_TYPES, index, "os_type", pod, offset);
    }

    EngineType engineType(int index, int pod, int offset) {
        return constant(engineTypes, index, "engine_type", pod, offset);
    }

    private static <E> E constant(List<E> constants, int index, String field, int pod, int offset) {
        if (index < 0 || index >= constants.size()) {
            throw new CodecException(
                    "pod " + pod + " " + field + ": " + Integer.toUnsignedString(index)
                            + " is not an index, allowed are 0 to " + (constants.size() - 1),
                    offset);
        }
        return constants.get(index);
    }
}
