package io.gpufleet.telemetry.codec;

import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;

/** A reader of the numbers with a point that a parser stands at, without a text for each. Not thread-safe. */
final class JsonDecimals {
    private static final int USUAL_LENGTH = 32;

    private final NumberReader number = new NumberReader();
    private final byte[] digits = new byte[USUAL_LENGTH];

    double read(JsonParser parser) throws IOException {
        int length = parser.getTextLength();
        if (length > digits.length) {
            return parser.getDoubleValue();
        }
        char[] text = parser.getTextCharacters();
        int begin = parser.getTextOffset();
        for (int i = 0; i < length; i++) {
            digits[i] = (byte) text[begin + i];
        }
        return number.read(digits, 0, length) ? number.value() : parser.getDoubleValue();
    }
}
