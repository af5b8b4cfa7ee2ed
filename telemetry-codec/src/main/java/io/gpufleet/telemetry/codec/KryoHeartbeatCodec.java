package io.gpufleet.telemetry.codec;

import static java.util.Objects.requireNonNull;

import com.esotericsoftware.kryo.kryo5.util.Pool;
import io.gpufleet.telemetry.Codec;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import java.nio.BufferOverflowException;
import java.nio.ByteBuffer;

/**
 * The codec of heartbeats in Kryo 5, version 1 of the form.
 *
 * <pre>{@code
 * 6b                                    format: a heartbeat in Kryo
 * 01                                    version
 * 6e1131b4 9c014b7d a25f1077 deadbeef   client_id
 * 2d 3c 1e                              cpu_usage 45, memory_usage 60, disk_usage 30
 * 959aef3a                              network_rx 123456789, 1 to 9 bytes
 * bfe8da04                              network_tx 9876543
 * 18 01 52                              device_memtotal_gb 24, device_count 1, total_tflops 82, 1 to 5 bytes each
 * 01                                    n, the number of pods; each pod of at least 20 bytes:
 * 01 00 52 18 00                        num 1, pod_id 0, total_tflops 82, memtotal_gb 24, port 0, 1 to 3 bytes each
 * 00                                    ip 0, 1 to 5 bytes
 * 05 01                                 os_type NONE, engine_type VLLM: the index in one byte
 * 32 28 c801 3c                         usage 50, mem_usage 40, power_usage 200, temp 60, 1 to 9 bytes each
 * de21 00                               vendor_id 0x10de: the lower, then the upper 64 bits, 1 to 9 bytes each
 * 844d 00  18 00  d0bb03 00             device_id, memsize_gb, powerlimit_w
 * }</pre>
 *
 * <p>An integer of variable length has seven bits a byte, the lowest first; the highest bit means that more bytes
 * follow, but in a ninth byte it is a bit of the value.
 *
 * <p>Kryo itself trusts every length that it reads. So one class is registered, with a serializer of this SDK, and the
 * bytes cannot choose another: no name or number of a class is read. A payload is refused with the field and the byte
 * offset if it is of another format or version, ends too early, has bytes left over, has more than 1,024 pods or than
 * its bytes can hold, or a value that does not fit its field. The number of pods is checked before anything is
 * allocated. Thread-safe: each call has a Kryo of its own; up to 16 are kept for the next calls.
 */
public final class KryoHeartbeatCodec implements Codec<Heartbeat> {
    private static final int LARGEST_POOL = 16;

    private final DecodingRules rules =
            new DecodingRules(DecodingRules.DEFAULT_MAX_PODS, EnumIndexes.ENGINE_TYPES, false);
    private final Pool<KryoSession> sessions = new Pool<>(true, false, LARGEST_POOL) {
        @Override
        protected KryoSession create() {
            return new KryoSession(new HeartbeatSerializer(rules));
        }
    };

    private KryoHeartbeatCodec() {}

    /**
     * Creates a codec.
     *
     * @return a thread-safe codec
     */
    public static KryoHeartbeatCodec create() {
        return new KryoHeartbeatCodec();
    }

    /**
     * Returns the length of a heartbeat in bytes.
     *
     * @throws IllegalArgumentException if the heartbeat has more than 1,024 pods
     */
    @Override
    public int encodedSize(Heartbeat heartbeat) {
        requireNonNull(heartbeat, "heartbeat");
        rules.requirePods(heartbeat.pods().size());
        return KryoSession.HEADER_BYTES + HeartbeatSerializer.size(heartbeat);
    }

    /**
     * Writes a heartbeat.
     *
     * @throws IllegalArgumentException if the heartbeat has more than 1,024 pods
     */
    @Override
    public void encode(Heartbeat heartbeat, ByteBuffer target) {
        requireNonNull(target, "target");
        if (encodedSize(heartbeat) > target.remaining()) {
            throw new BufferOverflowException();
        }
        KryoSession session = sessions.obtain();
        try {
            session.write(heartbeat, target);
        } finally {
            sessions.free(session);
        }
    }

    @Override
    public Heartbeat decode(ByteBuffer source) {
        requireNonNull(source, "source");
        KryoSession session = sessions.obtain();
        try {
            return session.read(source);
        } finally {
            sessions.free(session);
        }
    }
}
