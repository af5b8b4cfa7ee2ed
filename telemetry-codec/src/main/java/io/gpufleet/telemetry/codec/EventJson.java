package io.gpufleet.telemetry.codec;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.gpufleet.telemetry.CodecException;
import java.io.IOException;
import java.io.UncheckedIOException;

/** The parser of metric events. */
final class EventJson {
    private static final int DEEPEST = 32;
    /** Keeps the names that parsers share small: they may be the senders' choice. */
    private static final int LONGEST_NAME = 512;

    private static final JsonFactory FACTORY = new JsonFactoryBuilder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
            .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(DEEPEST)
                    .maxNameLength(LONGEST_NAME)
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private EventJson() {}

    /** A step that parses. */
    @FunctionalInterface
    interface Step {
        /**
         * Parses a value, whose beginning is the parser's current token.
         *
         * @return whether nothing may follow
         * @throws IOException if it is no JSON
         */
        boolean parse(JsonParser parser) throws IOException;
    }

    /**
     * Returns the index of the first byte that is no blank.
     *
     * @throws CodecException if none of a JSON object or array is there
     */
    static int begin(byte[] json, int from, int to) {
        int at = from;
        while (at < to && (json[at] == ' ' || json[at] == '\t' || json[at] == '\n' || json[at] == '\r')) {
            at++;
        }
        // A zero would make the parser take the bytes for UTF-16.
        boolean isJson = at + 1 < to && (json[at] == '{' || json[at] == '[') && json[at + 1] != 0;
        if (!isJson) {
            throw new CodecException("neither a JSON object nor an array", at - from);
        }
        return at;
    }

    /**
     * Parses bytes.
     *
     * @param begin the index that {@link #begin} returned
     * @param from the index of the first byte, from which offsets are counted
     * @throws CodecException if they are no JSON
     */
    static void parse(byte[] json, int begin, int from, int to, Step step) {
        try (JsonParser parser = FACTORY.createParser(json, begin, to - begin)) {
            parser.nextToken();
            if (step.parse(parser) && parser.nextToken() != null) {
                int at = (int) parser.currentTokenLocation().getByteOffset();
                throw new CodecException("text behind the JSON value", begin - from + at);
            }
        } catch (JsonProcessingException damaged) {
            JsonLocation place = damaged.getLocation();
            long at = place == null ? 0 : Math.max(0, place.getByteOffset());
            throw new CodecException("no JSON: " + Quotation.of(damaged.getOriginalMessage()), (int)
                    Math.min(to - from, begin - from + at));
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }
}
