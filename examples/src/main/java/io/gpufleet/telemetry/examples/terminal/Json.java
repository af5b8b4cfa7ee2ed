package io.gpufleet.telemetry.examples.terminal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import java.io.UncheckedIOException;
import java.time.Instant;

/** Writes values for programs: a time as in ISO 8601, everything else as Jackson does. */
public final class Json {
    private static final ObjectMapper MAPPER = new ObjectMapper()
            .registerModule(new SimpleModule().addSerializer(Instant.class, ToStringSerializer.instance));
    private static final ObjectWriter WRITER = MAPPER.writerWithDefaultPrettyPrinter();

    /** In ASCII, whatever the terminal's charset is, and with numbers without exponents. */
    private static final ObjectWriter LINES =
            MAPPER.writer().with(JsonWriteFeature.ESCAPE_NON_ASCII).with(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN);

    private Json() {}

    /** Returns the JSON of maps, lists and plain values. */
    public static String of(Object value) {
        return written(WRITER, value);
    }

    /** Returns the same in one line of ASCII. */
    public static String line(Object value) {
        return written(LINES, value);
    }

    private static String written(ObjectWriter writer, Object value) {
        try {
            return writer.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException("Cannot write JSON", e);
        }
    }
}
