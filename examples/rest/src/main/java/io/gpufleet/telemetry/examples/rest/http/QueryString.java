package io.gpufleet.telemetry.examples.rest.http;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The reader of a query: all parameters in their order, of which nothing is left out or replaced. */
final class QueryString {
    private static final int MAX_PARAMETERS = 1_000;

    private QueryString() {}

    /**
     * Returns the values of each parameter.
     *
     * @param query as it was sent, without the question mark
     * @throws ProblemException if it is not percent-encoded UTF-8, or has more than 1000 parameters
     */
    static Map<String, List<String>> parse(@Nullable String query) {
        Map<String, List<String>> values = new LinkedHashMap<>();
        if (query == null) {
            return values;
        }
        String[] parts = query.split("&", MAX_PARAMETERS + 1);
        if (parts.length > MAX_PARAMETERS) {
            throw new ProblemException(400, "query has more than " + MAX_PARAMETERS + " parameters");
        }
        for (String part : parts) {
            if (!part.isEmpty()) {
                int equals = part.indexOf('=');
                String name = decode(equals < 0 ? part : part.substring(0, equals));
                String value = equals < 0 ? "" : decode(part.substring(equals + 1));
                values.computeIfAbsent(name, absent -> new ArrayList<>()).add(value);
            }
        }
        return values;
    }

    private static String decode(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
        for (int place = 0; place < text.length(); place++) {
            char letter = text.charAt(place);
            if (letter == '%') {
                bytes.write(octet(text, place));
                place += 2;
            } else {
                bytes.write(letter == '+' ? ' ' : letter);
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw invalid(text);
        }
    }

    private static int octet(String text, int place) {
        if (place + 2 >= text.length()
                || !HexFormat.isHexDigit(text.charAt(place + 1))
                || !HexFormat.isHexDigit(text.charAt(place + 2))) {
            throw invalid(text);
        }
        return HexFormat.fromHexDigits(text, place + 1, place + 3);
    }

    private static ProblemException invalid(String text) {
        return new ProblemException(
                400, "query has \"" + text + "\"; allowed: UTF-8 with % and two hexadecimal digits");
    }
}
