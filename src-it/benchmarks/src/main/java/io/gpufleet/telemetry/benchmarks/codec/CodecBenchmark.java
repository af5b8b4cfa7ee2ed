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

/** A heartbeat into bytes and back, in each format. {@link CodecTable} runs it. */
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

    /** Encodes what is to be decoded. */
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

    /** From an array to the record. */
    @Benchmark
    public Heartbeat decode() {
        return format.decode(messages[next()]);
    }

    /** From the record to an array of its own. */
    @Benchmark
    public byte[] encode() {
        return format.encode(heartbeats[next()]);
    }

    /** From the record into a buffer that is there. */
    @Benchmark
    public ByteBuffer encodeIntoBuffer() {
        format.encode(heartbeats[next()], target.clear());
        return target;
    }
}
