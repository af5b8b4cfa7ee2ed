package io.gpufleet.telemetry.benchmarks.codec;

import io.gpufleet.telemetry.heartbeat.Heartbeat;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The benchmark of a heartbeat to bytes and back, in each format, run by {@link CodecTable}. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@SuppressWarnings("NullAway.Init") // JMH sets the fields before it measures.
public class CodecBenchmark {
    @Param
    private WireForm form;

    @Param({"1", "8"})
    private int pods;

    private Format format;
    private Heartbeat[] heartbeats;
    private byte[][] messages;
    private ByteBuffer target;
    private int next;

    /** Encodes the heartbeats to decode. */
    @Setup
    public void open() {
        format = form.open();
        heartbeats = FleetHeartbeats.of(pods);
        messages = Arrays.stream(heartbeats).map(format::encode).toArray(byte[][]::new);
        target = RoundTrip.target();
    }

    private int next() {
        next = (next + 1) & (FleetHeartbeats.COUNT - 1);
        return next;
    }

    /** Decodes an array into a record. */
    @Benchmark
    public Heartbeat decode() {
        return format.decode(messages[next()]);
    }

    /** Encodes a record into a new array. */
    @Benchmark
    public byte[] encode() {
        return format.encode(heartbeats[next()]);
    }

    /** Encodes a record into an existing buffer. */
    @Benchmark
    public ByteBuffer encodeIntoBuffer() {
        format.encode(heartbeats[next()], target.clear());
        return target;
    }
}
