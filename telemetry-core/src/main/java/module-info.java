/** The contracts of the telemetry SDK, and the heartbeat model. */
@SuppressWarnings("module") // the modules that see the internal package are built later
module io.gpufleet.telemetry.core {
    requires org.slf4j;
    requires static transitive org.jspecify;

    exports io.gpufleet.telemetry;
    exports io.gpufleet.telemetry.config;
    exports io.gpufleet.telemetry.gpu;
    exports io.gpufleet.telemetry.heartbeat;
    exports io.gpufleet.telemetry.internal to
            io.gpufleet.telemetry.codec,
            io.gpufleet.telemetry.jdbc,
            io.gpufleet.telemetry.kafka;
}
