package io.gpufleet.telemetry.benchmarks.codec;

import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import com.fasterxml.jackson.dataformat.smile.databind.SmileMapper;
import io.gpufleet.telemetry.codec.BincodeHeartbeatCodec;
import io.gpufleet.telemetry.codec.KryoHeartbeatCodec;

/** The measured formats, the SDK's first. Public for the code that JMH generates. */
public enum WireForm {
    /** The SDK's fixed form. */
    FIXED,
    /** The SDK's varint form. */
    VARINT,
    /** The SDK's Kryo codec. */
    KRYO_CODEC,
    /** SBE. */
    SBE,
    /** Fory. */
    FORY,
    /** Protobuf. */
    PROTOBUF,
    /** Kryo by itself. */
    KRYO,
    /** Jackson's Smile. */
    SMILE,
    /** Jackson's CBOR. */
    CBOR;

    /** Returns the format, for the calling thread. */
    Format open() {
        return switch (this) {
            case FIXED -> new CodecFormat("ours, fixed", BincodeHeartbeatCodec.fixed());
            case VARINT -> new CodecFormat("ours, varint", BincodeHeartbeatCodec.varint());
            case KRYO_CODEC -> new CodecFormat("ours, Kryo", KryoHeartbeatCodec.create());
            case SBE -> new SbeFormat();
            case FORY -> new ForyFormat();
            case PROTOBUF -> new ProtobufFormat();
            case KRYO -> new KryoFormat();
            case SMILE -> new JacksonFormat("Jackson Smile", new SmileMapper());
            case CBOR -> new JacksonFormat("Jackson CBOR", new CBORMapper());
        };
    }
}
