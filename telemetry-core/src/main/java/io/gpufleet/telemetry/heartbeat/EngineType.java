package io.gpufleet.telemetry.heartbeat;

/** The inference engine of a pod. The order of the constants is the index on the wire. */
public enum EngineType {
    /** Ollama, index 0. */
    OLLAMA,
    /** vLLM, index 1. */
    VLLM,
    /** TensorRT, index 2. */
    TENSORRT,
    /** ONNX Runtime, index 3. */
    ONNX,
    /** llama.cpp, index 4. */
    LLAMA,
    /** No engine, index 5; producers before 2025-11-20 sent it as 4. */
    NONE
}
