/** The contracts of the telemetry SDK, and the heartbeat that is spoken through them. */
module io.gpufleet.telemetry.core {
    requires org.slf4j;
    requires static transitive org.jspecify;

    exports io.gpufleet.telemetry;
    exports io.gpufleet.telemetry.config;
    exports io.gpufleet.telemetry.heartbeat;
}
