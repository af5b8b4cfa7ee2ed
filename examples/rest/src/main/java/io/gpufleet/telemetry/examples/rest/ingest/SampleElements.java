package io.gpufleet.telemetry.examples.rest.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The elements of a body: a JSON object, or an array of them. Used once. */
final class SampleElements {
    /** The most elements of an array. */
    static final int MOST = 1_000;

    private static final int DEEPEST = 32;
    private static final String BYTE_ORDER_MARK = "\ufeff";

    /** Without the tables of names that parsers share: names are the senders' choice. */
    private static final JsonFactory FACTORY = new JsonFactoryBuilder()
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(DEEPEST)
                    .maxNumberLength(SampleBody.MOST_BYTES)
                    .build())
            .build();

    private final String text;
    private final List<Optional<String>> elements = new ArrayList<>();

    private SampleElements(String text) {
        this.text = text;
    }

    /**
     * Takes a body apart.
     *
     * @return the objects; an element that is none is empty
     * @throws RefusedBodyException if it is no JSON, or has too many elements
     */
    static List<Optional<String>> of(byte[] body) throws RefusedBodyException {
        String text = new String(body, UTF_8);
        SampleElements parts = new SampleElements(text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text);
        try (JsonParser parser = FACTORY.createParser(parts.text)) {
            parts.read(parser);
        } catch (JsonProcessingException e) {
            throw RefusedBodyException.unreadable(SendersWords.ofBody(e));
        } catch (IOException e) {
            throw RefusedBodyException.unreadable("body cannot be read");
        }
        return parts.elements;
    }

    private void read(JsonParser parser) throws IOException, RefusedBodyException {
        JsonToken first = parser.nextToken();
        if (first == JsonToken.START_ARRAY) {
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                add(parser);
            }
        } else if (first == JsonToken.START_OBJECT) {
            add(parser);
        } else {
            throw RefusedBodyException.unreadable(
                    first == null ? "body is empty" : "body is neither a JSON object nor an array of them");
        }
        if (parser.nextToken() != null) {
            throw RefusedBodyException.unreadable("body has text behind the JSON value");
        }
    }

    private void add(JsonParser parser) throws IOException, RefusedBodyException {
        if (elements.size() == MOST) {
            throw RefusedBodyException.tooLarge(
                    "body has more samples than " + MOST + ", which is the limit; send several requests");
        }
        boolean isObject = parser.currentToken() == JsonToken.START_OBJECT;
        int from = (int) parser.currentTokenLocation().getCharOffset();
        parser.skipChildren();
        // A text is read up to its end only when that is asked for.
        parser.finishToken();
        int to = (int) parser.currentLocation().getCharOffset();
        elements.add(isObject ? Optional.of(text.substring(from, to)) : Optional.empty());
    }
}
