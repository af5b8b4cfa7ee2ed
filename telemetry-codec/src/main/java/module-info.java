/** The wire forms of a heartbeat and of GPU samples. */
module io.gpufleet.telemetry.codec {
    requires transitive io.gpufleet.telemetry.core;
    requires com.esotericsoftware.kryo.kryo5;
    requires static com.fasterxml.jackson.core;
    requires static de.siegmar.fastcsv;
    requires static transitive org.jspecify;

    exports io.gpufleet.telemetry.codec;
}
