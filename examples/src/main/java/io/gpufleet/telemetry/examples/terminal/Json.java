package io.gpufleet.telemetry.examples.terminal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import java.io.UncheckedIOException;
import java.time.Instant;

/** Writes values for programs: a time as in ISO 8601, everything else as Jackson does. */
public final class Json {
    private static final ObjectWriter WRITER = new ObjectMapper()
            .registerModule(new SimpleModule().addSerializer(Instant.class, ToStringSerializer.instance))
            .writerWithDefaultPrettyPrinter();

    private Json() {}

    /** Returns the JSON of maps, lists and plain values. */
    public static String of(Object value) {
        try {
            return WRITER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException("Cannot write JSON", e);
        }
    }
}
