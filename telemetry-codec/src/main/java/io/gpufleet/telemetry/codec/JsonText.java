package io.gpufleet.telemetry.codec;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** JSON that is being written. Not thread-safe. */
final class JsonText {
    /** Whole doubles up to here are written without a point. */
    private static final double LARGEST_WHOLE = 1e15;

    private static final double THOUSAND = 1000;

    private final StringBuilder text;
    private boolean comma;

    JsonText(int length) {
        this.text = new StringBuilder(length);
    }

    byte[] bytes() {
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    JsonText begin(char bracket) {
        separate();
        text.append(bracket);
        comma = false;
        return this;
    }

    JsonText end(char bracket) {
        text.append(bracket);
        comma = true;
        return this;
    }

    /** Writes the name of a member, quoted and with its colon. */
    JsonText raw(String quoted) {
        separate();
        text.append(quoted);
        comma = false;
        return this;
    }

    JsonText name(String name) {
        separate();
        quote(name);
        text.append(':');
        comma = false;
        return this;
    }

    /** Writes a value that is JSON. */
    JsonText literal(String json) {
        separate();
        text.append(json);
        comma = true;
        return this;
    }

    JsonText number(long number) {
        separate();
        text.append(number);
        comma = true;
        return this;
    }

    /** Writes a number so that it is read again as the same one. */
    JsonText number(double number) {
        separate();
        double thousandths = number * THOUSAND;
        boolean isShort = Math.abs(thousandths) < LARGEST_WHOLE
                && thousandths == Math.rint(thousandths)
                && thousandths / THOUSAND == number;
        if (isShort && (number != 0 || 1 / number > 0)) {
            writeThousandths((long) thousandths);
        } else {
            text.append(number);
        }
        comma = true;
        return this;
    }

    private void writeThousandths(long thousandths) {
        if (thousandths < 0) {
            text.append('-');
        }
        long positive = Math.abs(thousandths);
        text.append(positive / 1000);
        int rest = (int) (positive % 1000);
        if (rest != 0) {
            text.append('.').append((char) ('0' + rest / 100));
            if (rest % 100 != 0) {
                text.append((char) ('0' + rest / 10 % 10));
            }
            if (rest % 10 != 0) {
                text.append((char) ('0' + rest % 10));
            }
        }
    }

    /** Writes a number, true or false, a list or an object of texts, or anything else as its text. */
    JsonText value(Object value) {
        if (value instanceof Double number) {
            return number((double) number);
        }
        if (value instanceof Number || value instanceof Boolean) {
            return literal(value.toString());
        }
        if (value instanceof List<?> list) {
            begin('[');
            list.forEach(this::value);
            return end(']');
        }
        if (value instanceof Map<?, ?> map) {
            begin('{');
            map.forEach((name, inner) -> name(String.valueOf(name)).value(inner));
            return end('}');
        }
        separate();
        quote(value.toString());
        comma = true;
        return this;
    }

    private void separate() {
        if (comma) {
            text.append(',');
        }
    }

    private void quote(String plain) {
        text.append('"');
        for (int i = 0; i < plain.length(); i++) {
            char letter = plain.charAt(i);
            if (letter == '"' || letter == '\\') {
                text.append('\\').append(letter);
            } else if (letter < ' ' || isHalf(plain, i)) {
                text.append("\\u").append(Integer.toHexString(0x10000 | letter), 1, 5);
            } else {
                text.append(letter);
            }
        }
        text.append('"');
    }

    /** Returns whether a character is a half of a pair whose other half is missing, which UTF-8 cannot hold. */
    private static boolean isHalf(String plain, int at) {
        char letter = plain.charAt(at);
        if (!Character.isSurrogate(letter)) {
            return false;
        }
        return Character.isHighSurrogate(letter)
                ? at + 1 == plain.length() || !Character.isLowSurrogate(plain.charAt(at + 1))
                : at == 0 || !Character.isHighSurrogate(plain.charAt(at - 1));
    }
}
