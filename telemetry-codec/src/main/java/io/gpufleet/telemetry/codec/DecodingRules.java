package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.CodecException;
import io.gpufleet.telemetry.heartbeat.EngineType;
import io.gpufleet.telemetry.heartbeat.OsType;
import java.util.List;

/**
 * What a decoder accepts where the bytes alone do not say it: how many pods, and which index is which enum constant.
 */
final class DecodingRules {
    /** How many pods a heartbeat may have if nobody says otherwise. */
    static final int DEFAULT_MAX_PODS = 1024;

    private final int maxPods;
    private final List<EngineType> engineTypes;

    DecodingRules(int maxPods, List<EngineType> engineTypes) {
        this.maxPods = maxPods;
        this.engineTypes = engineTypes;
    }

    /** Refuses to write what could not be read. */
    void requirePods(int count) {
        if (count > maxPods) {
            throw new IllegalArgumentException("pods: " + count + " are more than the limit of " + maxPods);
        }
    }

    /**
     * Proves that a number of pods is allowed and that its bytes can be there.
     *
     * @param count the number as it was read, unsigned
     * @param offset where it lies
     * @param podBytes the fewest bytes of a pod
     * @param left the bytes behind the number
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

    OsType osType(int index, int pod, int offset) {
        return constant(EnumIndexes.OS_TYPES, index, "os_type", pod, offset);
    }

    EngineType engineType(int index, int pod, int offset) {
        return constant(engineTypes, index, "engine_type", pod, offset);
    }

    private static <E> E constant(List<E> constants, int index, String field, int pod, int offset) {
        if (index < 0 || index >= constants.size()) {
            throw new CodecException(
                    "pod " + pod + " " + field + ": " + Integer.toUnsignedString(index) + " is no index, they are 0 to "
                            + (constants.size() - 1),
                    offset);
        }
        return constants.get(index);
    }
}
