package io.gpufleet.telemetry.benchmarks.codec;

import io.gpufleet.telemetry.heartbeat.EngineType;
import io.gpufleet.telemetry.heartbeat.OsType;
import java.util.List;

/**
 * The enum constants by their index on the wire, for formats whose schema has numbers for them. The order of the
 * constants is the index.
 */
final class EnumConstants {
    private static final List<OsType> OS_TYPES = List.of(OsType.values());
    private static final List<EngineType> ENGINE_TYPES = List.of(EngineType.values());

    private EnumConstants() {}

    @SuppressWarnings("EnumOrdinal") // It is what the index is declared to be.
    static int index(Enum<?> constant) {
        return constant.ordinal();
    }

    static OsType osType(int index) {
        return OS_TYPES.get(index);
    }

    static EngineType engineType(int index) {
        return ENGINE_TYPES.get(index);
    }
}
