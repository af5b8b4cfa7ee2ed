package io.gpufleet.telemetry.integration.faults;

import java.math.BigInteger;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * The content of a record, decoded by the description of the format without code of the product: 55 bytes and 118 for
 * each pod, little endian. Immutable.
 *
 * @param client the machine, in lower-case hexadecimal characters
 * @param millis the record's time
 * @param cpu the load of the processors in percent
 * @param memory the memory in use in percent
 * @param disk the disk in use in percent
 * @param received bytes from the network
 * @param sent bytes to the network
 * @param memoryGb the memory of all devices
 * @param deviceCount how many devices it claims
 * @param tflops its computing power
 * @param devices its devices in order
 */
record WireHeartbeat(
        String client,
        long millis,
        int cpu,
        int memory,
        int disk,
        long received,
        long sent,
        long memoryGb,
        long deviceCount,
        long tflops,
        List<Device> devices) {

    /** The values of a device. Immutable. */
    record Device(
            int usage, int memory, int power, int temperature, int vendor, int model, int memoryGb, int powerLimit) {}

    private static final int CLIENT_BYTES = 16;
    private static final int DEVICES_IN_A_POD = 8;
    private static final int ENUM_END = 6;
    private static final int BYTES_OF_A_POD = 118;

    /** Reads a record; absent if it must be dead-lettered. */
    static Optional<WireHeartbeat> accepted(LogRecord source) {
        try {
            return Optional.of(read(source)).filter(heartbeat -> heartbeat.isAcceptable(source));
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static WireHeartbeat read(LogRecord source) {
        ByteBuffer in = ByteBuffer.wrap(source.value()).order(ByteOrder.LITTLE_ENDIAN);
        byte[] client = new byte[CLIENT_BYTES];
        in.get(client);
        int cpu = u8(in);
        int memory = u8(in);
        int disk = u8(in);
        long received = in.getLong();
        long sent = in.getLong();
        long memoryGb = u32(in);
        long deviceCount = u32(in);
        long tflops = u32(in);
        long pods = in.getLong();
        require(pods >= 0 && pods * BYTES_OF_A_POD == in.remaining());
        List<Device> devices = new ArrayList<>();
        for (long pod = 0; pod < pods; pod++) {
            readPod(in, devices);
        }
        return new WireHeartbeat(
                HexFormat.of().formatHex(client),
                source.timestampMillis(),
                cpu,
                memory,
                disk,
                received,
                sent,
                memoryGb,
                deviceCount,
                tflops,
                devices);
    }

    private static void readPod(ByteBuffer in, List<Device> devices) {
        int num = u16(in);
        in.position(in.position() + 2 + 2 + 2 + 2 + 4);
        long osType = u32(in);
        long engineType = u32(in);
        require(osType < ENUM_END && engineType < ENUM_END);
        BigInteger usage = packed(in, 8);
        BigInteger memory = packed(in, 8);
        BigInteger power = packed(in, 8);
        BigInteger temperature = packed(in, 8);
        BigInteger vendor = packed(in, 16);
        BigInteger model = packed(in, 16);
        BigInteger memoryGb = packed(in, 16);
        BigInteger powerLimit = packed(in, 16);
        require(num <= DEVICES_IN_A_POD);
        for (int k = 0; k < num; k++) {
            devices.add(new Device(
                    field(usage, k, 8),
                    field(memory, k, 8),
                    field(power, k, 8),
                    field(temperature, k, 8),
                    field(vendor, k, 16),
                    field(model, k, 16),
                    field(memoryGb, k, 16),
                    field(powerLimit, k, 16)));
        }
    }

    private boolean isAcceptable(LogRecord source) {
        return cpu <= 100
                && memory <= 100
                && disk <= 100
                && received >= 0
                && sent >= 0
                && memoryGb <= Integer.MAX_VALUE
                && deviceCount <= Integer.MAX_VALUE
                && tflops <= Integer.MAX_VALUE
                && isKey(source.key());
    }

    private boolean isKey(byte[] key) {
        if (key == null) {
            return true;
        }
        String name =
                key.length == CLIENT_BYTES ? HexFormat.of().formatHex(key) : new String(key, StandardCharsets.US_ASCII);
        return name.equalsIgnoreCase(client);
    }

    private static void require(boolean holds) {
        if (!holds) {
            throw new IllegalArgumentException();
        }
    }

    private static int u8(ByteBuffer in) {
        return Byte.toUnsignedInt(in.get());
    }

    private static int u16(ByteBuffer in) {
        return Short.toUnsignedInt(in.getShort());
    }

    private static long u32(ByteBuffer in) {
        return Integer.toUnsignedLong(in.getInt());
    }

    private static BigInteger packed(ByteBuffer in, int bytes) {
        byte[] bigEndian = new byte[bytes];
        for (int i = bytes - 1; i >= 0; i--) {
            bigEndian[i] = in.get();
        }
        return new BigInteger(1, bigEndian);
    }

    private static int field(BigInteger packed, int index, int bits) {
        return packed.shiftRight(index * bits).intValue() & ((1 << bits) - 1);
    }
}
