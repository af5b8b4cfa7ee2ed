package io.gpufleet.telemetry.examples.samples;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The lines of a file that may be records of their own, as in a dump of a topic; of a file that is cut off, the whole
 * ones. Immutable.
 */
final class JsonLines {
    private static final JsonFactory FACTORY = new JsonFactory();

    private final List<String> lines;
    private final boolean cut;

    private JsonLines(List<String> lines, boolean cut) {
        this.lines = lines;
        this.cut = cut;
    }

    /**
     * Finds the lines of a file, up to the size that a file may have.
     *
     * @param bytes the file, plain or in gzip
     */
    static JsonLines of(byte[] bytes) {
        Unpacked text = Unpacked.of(bytes);
        // A character for each byte, so that each line has its own bytes again.
        return new JsonLines(new String(text.bytes(), ISO_8859_1).lines().toList(), text.isCut());
    }

    /** Returns whether the lines are records: at least two, of which at most half are damaged. */
    boolean areRecords() {
        long full = full().count();
        return full > 1 && 2 * full().filter(JsonLines::isRecord).count() >= full;
    }

    private Stream<String> full() {
        return lines.stream().filter(line -> !line.isBlank());
    }

    /** Returns the first line that is a whole record, else nothing. */
    Optional<byte[]> first() {
        return full().filter(JsonLines::isRecord).findFirst().map(JsonLines::bytes);
    }

    /** Returns all lines; blank ones are empty. */
    List<byte[]> all() {
        return lines.stream()
                .map(line -> line.isBlank() ? "" : line)
                .map(JsonLines::bytes)
                .toList();
    }

    /** Returns whether the end of the file is missing. */
    boolean isCut() {
        return cut;
    }

    private static byte[] bytes(String line) {
        return line.getBytes(ISO_8859_1);
    }

    private static boolean isRecord(String line) {
        try (JsonParser parser = FACTORY.createParser(bytes(line))) {
            JsonToken first = parser.nextToken();
            if (first == null || !first.isStructStart()) {
                return false;
            }
            parser.skipChildren();
            return parser.nextToken() == null;
        } catch (IOException damaged) {
            return false;
        }
    }
}
