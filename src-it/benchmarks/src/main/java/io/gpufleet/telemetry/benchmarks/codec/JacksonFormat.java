package io.gpufleet.telemetry.benchmarks.codec;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.util.ByteBufferBackedOutputStream;
import io.gpufleet.telemetry.heartbeat.Heartbeat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/** Jackson's data binding of the records, in one of its binary forms. */
final class JacksonFormat implements Format {
    private final String name;
    private final ObjectReader reader;
    private final ObjectWriter writer;

    JacksonFormat(String name, ObjectMapper mapper) {
        this.name = name + " " + mapper.version();
        this.reader = mapper.readerFor(Heartbeat.class);
        this.writer = mapper.writerFor(Heartbeat.class);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String settings() {
        return "data binding with its defaults: fields and enum constants by name";
    }

    @Override
    public byte[] encode(Heartbeat heartbeat) {
        try {
            return writer.writeValueAsBytes(heartbeat);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void encode(Heartbeat heartbeat, ByteBuffer target) {
        try {
            writer.writeValue(new ByteBufferBackedOutputStream(target), heartbeat);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Heartbeat decode(byte[] bytes) {
        try {
            return reader.readValue(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
