package io.gpufleet.telemetry.codec;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A value of JSON, read from a line of a vector file. */
final class Json {
    private final Object value;

    private Json(Object value) {
        this.value = value;
    }

    static Json parse(String text) {
        Parser parser = new Parser(text);
        Json json = new Json(parser.value());
        if (parser.at != text.length()) {
            throw new IllegalArgumentException("Text left over at " + parser.at);
        }
        return json;
    }

    boolean isNull() {
        return value == null;
    }

    boolean has(String name) {
        return ((Map<?, ?>) value).containsKey(name);
    }

    Json get(String name) {
        if (!has(name)) {
            throw new IllegalArgumentException("No member " + name + " in " + value);
        }
        return new Json(((Map<?, ?>) value).get(name));
    }

    String text(String name) {
        return (String) get(name).value;
    }

    /** Returns a number, or the number in a string of decimal digits, as an unsigned 64-bit integer. */
    long number(String name) {
        Object member = get(name).value;
        return member instanceof Long number ? number : Long.parseUnsignedLong((String) member);
    }

    List<Json> items() {
        return ((List<?>) value).stream().map(Json::new).toList();
    }

    private static final class Parser {
        private final String text;
        private int at;

        private Parser(String text) {
            this.text = text;
        }

        private Object value() {
            return switch (text.charAt(at)) {
                case '{' -> object();
                case '[' -> array();
                case '"' -> string();
                case 'n' -> literal("null", null);
                case 't' -> literal("true", true);
                case 'f' -> literal("false", false);
                default -> number();
            };
        }

        private Map<String, Object> object() {
            Map<String, Object> members = new LinkedHashMap<>();
            at++;
            while (!ends('}')) {
                String name = string();
                expect(':');
                members.put(name, value());
            }
            return members;
        }

        private List<Object> array() {
            List<Object> items = new ArrayList<>();
            at++;
            while (!ends(']')) {
                items.add(value());
            }
            return items;
        }

        /** Moves behind a comma or the closing bracket, and returns whether it was the bracket. */
        private boolean ends(char bracket) {
            if (text.charAt(at) == ',') {
                at++;
            }
            if (text.charAt(at) != bracket) {
                return false;
            }
            at++;
            return true;
        }

        private String string() {
            expect('"');
            StringBuilder characters = new StringBuilder();
            while (text.charAt(at) != '"') {
                if (text.charAt(at) == '\\') {
                    at++;
                }
                characters.append(text.charAt(at++));
            }
            at++;
            return characters.toString();
        }

        private Object number() {
            int from = at;
            while ("+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
            return Long.valueOf(text.substring(from, at));
        }

        private Object literal(String word, Object meaning) {
            if (!text.startsWith(word, at)) {
                throw new IllegalArgumentException("No value at " + at);
            }
            at += word.length();
            return meaning;
        }

        private void expect(char character) {
            if (text.charAt(at++) != character) {
                throw new IllegalArgumentException("No '" + character + "' at " + (at - 1));
            }
        }
    }
}
