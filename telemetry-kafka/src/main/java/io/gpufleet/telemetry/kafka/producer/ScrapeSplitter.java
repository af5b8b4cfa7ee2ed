package io.gpufleet.telemetry.kafka.producer;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * The split of an exposition text by GPU: the lines of each GPU in their order, and the rest, which are the lines of no
 * GPU and those whose GPU cannot be found. Each part is an exposition text of its own: before the first line of a
 * metric it has the HELP, TYPE and UNIT lines of that metric, and it ends with {@code # EOF} if the text does. Each
 * sample's line is in exactly one part, byte by byte. Used once, by one thread.
 */
final class ScrapeSplitter {
    private static final byte[] EOF = "# EOF".getBytes(UTF_8);
    private static final byte[] EOF_LINE = "# EOF\n".getBytes(UTF_8);
    private static final List<byte[]> WORDS =
            List.of("HELP".getBytes(UTF_8), "TYPE".getBytes(UTF_8), "UNIT".getBytes(UTF_8));

    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

    /** Longer comments are left out: they would be repeated for every GPU. */
    private static final int LONGEST_COMMENT = 1024;

    /** The endings by which the lines of a metric have longer names than their TYPE. */
    private static final List<String> ENDINGS = List.of("_total", "_created", "_bucket", "_sum", "_count", "_info");

    private final byte[] text;
    private final LabelScan labels;
    private final Map<String, Lines> gpus = new LinkedHashMap<>();
    private final Lines rest = new Lines();
    private final Lines behindEnd = new Lines();

    /** For each metric, the place of its last HELP, TYPE and UNIT line. */
    private final Map<String, int[]> comments = new HashMap<>();

    private boolean ended;

    private ScrapeSplitter(byte[] text) {
        this.text = text;
        this.labels = new LabelScan(text);
    }

    /**
     * Splits a text.
     *
     * @param target takes the parts, one after the other: the UUID of a GPU and its part, last the rest without a UUID,
     *     if there is one
     */
    static void split(byte[] text, BiConsumer<Optional<String>, byte[]> target) {
        ScrapeSplitter splitter = new ScrapeSplitter(text);
        splitter.read();
        splitter.gpus.forEach((uuid, lines) -> target.accept(Optional.of(uuid), splitter.part(lines, new Lines())));
        if (!splitter.rest.isEmpty() || !splitter.behindEnd.isEmpty()) {
            target.accept(Optional.empty(), splitter.part(splitter.rest, splitter.behindEnd));
        }
    }

    private void read() {
        for (int line = begins(0, BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0;
                line < text.length;
                line = lineEnd(line)) {
            int from = skipBlanks(line);
            if (from < contentEnd(line)) {
                readLine(line, from);
            }
        }
    }

    private void readLine(int line, int from) {
        if (ended) {
            behindEnd.add(line);
        } else if (text[from] == '#') {
            readComment(line, from);
        } else {
            labels.uuid(from, contentEnd(from))
                    .map(uuid -> gpus.computeIfAbsent(uuid, first -> new Lines()))
                    .orElse(rest)
                    .add(line);
        }
    }

    private void readComment(int line, int from) {
        ended = begins(from, EOF) && skipBlanks(from + EOF.length) >= contentEnd(from);
        boolean isWhole = text[lineEnd(line) - 1] == '\n';
        if (!isWhole || lineEnd(line) - line > LONGEST_COMMENT) {
            return;
        }
        int word = skipBlanks(from + 1);
        for (int i = 0; i < WORDS.size(); i++) {
            int to = word + WORDS.get(i).length;
            if (word > from + 1 && begins(word, WORDS.get(i)) && skipBlanks(to) > to) {
                comments.computeIfAbsent(name(to), name -> new int[] {-1, -1, -1})[i] = line;
            }
        }
    }

    private boolean begins(int from, byte[] word) {
        int to = from + word.length;
        return to <= text.length && Arrays.equals(text, from, to, word, 0, word.length);
    }

    /** Returns the text of a part. */
    private byte[] part(Lines lines, Lines behind) {
        ByteArrayOutputStream part = new ByteArrayOutputStream();
        Set<String> named = new HashSet<>();
        lines.forEach(line -> {
            String name = name(line);
            if (named.add(name)) {
                families(name).stream().filter(named::add).forEach(family -> writeComments(family, part));
                writeComments(name, part);
            }
            write(line, part);
        });
        if (ended) {
            part.write(EOF_LINE, 0, EOF_LINE.length);
        }
        behind.forEach(line -> write(line, part));
        return part.toByteArray();
    }

    /** Returns the shorter names under which comments of a line's metric may stand. */
    private static List<String> families(String name) {
        return ENDINGS.stream()
                .filter(name::endsWith)
                .map(ending -> name.substring(0, name.length() - ending.length()))
                .toList();
    }

    private void writeComments(String name, ByteArrayOutputStream part) {
        int[] places = comments.get(name);
        if (places != null) {
            IntStream.of(places).filter(place -> place >= 0).forEach(place -> write(place, part));
        }
    }

    private void write(int line, ByteArrayOutputStream part) {
        part.write(text, line, lineEnd(line) - line);
    }

    private String name(int line) {
        int from = skipBlanks(line);
        return new String(text, from, labels.nameEnd(from, contentEnd(from)) - from, UTF_8);
    }

    private int skipBlanks(int from) {
        int at = from;
        while (at < text.length && LabelScan.isBlank(text[at])) {
            at++;
        }
        return at;
    }

    /** Returns the place behind a line's line feed, or the end of the text. */
    private int lineEnd(int from) {
        int at = from;
        while (at < text.length && text[at] != '\n') {
            at++;
        }
        return Math.min(at + 1, text.length);
    }

    /** Returns the place behind a line's last character before its line end. */
    private int contentEnd(int from) {
        int to = lineEnd(from);
        to -= to > from && text[to - 1] == '\n' ? 1 : 0;
        return to - (to > from && text[to - 1] == '\r' ? 1 : 0);
    }

    /** The beginnings of lines. Not thread-safe. */
    private static final class Lines {
        private int[] places = new int[16];
        private int size;

        void add(int place) {
            if (size == places.length) {
                places = Arrays.copyOf(places, 2 * size);
            }
            places[size++] = place;
        }

        boolean isEmpty() {
            return size == 0;
        }

        void forEach(IntConsumer action) {
            for (int i = 0; i < size; i++) {
                action.accept(places[i]);
            }
        }
    }
}
