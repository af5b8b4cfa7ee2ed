package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.heartbeat.EngineType;
import io.gpufleet.telemetry.heartbeat.OsType;
import java.util.List;

/** The indexes of enum constants on the wire, from 0. */
final class EnumIndexes {
    /** The operating systems by index. */
    static final List<OsType> OS_TYPES =
            List.of(OsType.MACOS, OsType.WINDOWS, OsType.LINUX, OsType.ANDROID, OsType.IOS, OsType.NONE);

    /** The engines by index. */
    static final List<EngineType> ENGINE_TYPES = List.of(
            EngineType.OLLAMA,
            EngineType.VLLM,
            EngineType.TENSORRT,
            EngineType.ONNX,
            EngineType.LLAMA,
            EngineType.NONE);

    /** The engines by the index of producers before 2025-11-20: index 4 was {@code NONE}. */
    static final List<EngineType> ENGINE_TYPES_BEFORE_20251120 = List.of(
            EngineType.OLLAMA, EngineType.VLLM, EngineType.TENSORRT, EngineType.ONNX, EngineType.NONE, EngineType.NONE);

    private EnumIndexes() {}

    static int of(OsType type) {
        return switch (type) {
            case MACOS -> 0;
            case WINDOWS -> 1;
            case LINUX -> 2;
            case ANDROID -> 3;
            case IOS -> 4;
            case NONE -> 5;
        };
    }

    static int of(EngineType type) {
        return switch (type) {
            case OLLAMA -> 0;
            case VLLM -> 1;
            case TENSORRT -> 2;
            case ONNX -> 3;
            case LLAMA -> 4;
            case NONE -> 5;
        };
    }
}
