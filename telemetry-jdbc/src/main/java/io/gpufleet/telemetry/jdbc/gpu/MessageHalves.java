package io.gpufleet.telemetry.jdbc.gpu;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.jdbc.gpu.FileChunk.Message;
import io.gpufleet.telemetry.jdbc.gpu.FileChunk.Place;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The halves of a message whose dead letter has no room for all that is refused of it: a letter names some reasons, and
 * its excerpt has some bytes. Each half has what the decoder needs before its records. Immutable.
 */
final class MessageHalves {
    /** The bytes of an excerpt, without those that a decoder may add to it. */
    private static final int ROOM = (64 << 10) - 16;

    private static final String END_OF_TEXT = "# EOF";
    private static final byte[] END_LINE = "# EOF\n".getBytes(US_ASCII);
    /** What tells a text of nothing but damaged lines from a text of no form. */
    private static final byte[] COMMENT = "#\n".getBytes(US_ASCII);

    private static final String FIELD = "[^ =,]++=(?:[-+]?\\d++(?:\\.\\d++)?(?:[eE][-+]?\\d++)?[iu]?|true|false)";
    /** A line by which every decoder knows line protocol: a damaged one may not begin a message. */
    private static final Pattern PLAIN_LINE =
            Pattern.compile("[^ #\\\\\"][^ \\\\\"]*+ " + FIELD + "(?:," + FIELD + ")*+(?: -?\\d++)?\\r?\\n?");

    private final FileForm.Kind kind;

    MessageHalves(FileForm.Kind kind) {
        this.kind = kind;
    }

    /** Returns whether a letter may lack refused records of its message, or reasons. */
    static boolean isShort(DeadLetter letter, Message message) {
        boolean isCut = letter.isPartial()
                && letter.source().value().map(excerpt -> excerpt.length).orElse(0) + longest(message) > ROOM;
        return message.places().size() > 1 && (isCut || letter.reasons().size() >= DeadLetter.MOST_REASONS);
    }

    /** Returns the bytes of the longest record: one that is left out is not longer. */
    private static int longest(Message message) {
        List<Place> places = message.places();
        return IntStream.range(0, places.size())
                .map(i -> end(message, i) - places.get(i).from())
                .max()
                .orElse(0);
    }

    private static int end(Message message, int record) {
        List<Place> places = message.places();
        return record + 1 < places.size() ? places.get(record + 1).from() : message.bytes().length;
    }

    /** Returns the two halves; the message itself if none of its records can begin the second one. */
    List<Message> of(Message message) {
        int border = border(message);
        return border == 0 ? List.of(message) : List.of(first(message, border), second(message, border));
    }

    /** Returns the index of the record that begins the second half, 0 if there is none. */
    private int border(Message message) {
        int size = message.places().size();
        int middle = size / 2;
        IntStream behind = IntStream.range(middle, size);
        return switch (kind) {
            case LINES ->
                IntStream.concat(behind, IntStream.range(1, middle))
                        .filter(i -> PLAIN_LINE
                                .matcher(new String(record(message, i), ISO_8859_1))
                                .matches())
                        .findFirst()
                        .orElse(0);
            case TEXT -> behind.filter(i -> isComment(message, i)).findFirst().orElse(middle);
            default -> middle;
        };
    }

    private static byte[] record(Message message, int record) {
        return Arrays.copyOfRange(message.bytes(), message.places().get(record).from(), end(message, record));
    }

    private static boolean isComment(Message message, int record) {
        int from = message.places().get(record).from();
        return message.bytes()[from] == '#'
                && !new String(record(message, record), ISO_8859_1).strip().equals(END_OF_TEXT);
    }

    private Message first(Message message, int border) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(message.bytes(), 0, message.places().get(border).from());
        if (isEnded(message)) {
            bytes.writeBytes(END_LINE);
        }
        List<Place> places = message.places().subList(0, border);
        return new Message(message.record(), bytes.toByteArray(), message.linesBefore(), false, "", places);
    }

    /** Returns whether the last line says that times are seconds. */
    private boolean isEnded(Message message) {
        byte[] bytes = message.bytes();
        byte[] last = Arrays.copyOfRange(bytes, Math.max(0, bytes.length - END_LINE.length - 2), bytes.length);
        return kind == FileForm.Kind.TEXT
                && new String(last, ISO_8859_1).strip().endsWith('\n' + END_OF_TEXT);
    }

    private Message second(Message message, int border) {
        byte[] head = head(message, border);
        Place begin = message.places().get(border);
        int shift = head.length - begin.from();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(head);
        bytes.write(message.bytes(), begin.from(), message.bytes().length - begin.from());
        List<Place> places = message.places().stream()
                .skip(border)
                .map(place -> new Place(place.from() + shift, place.linesBefore()))
                .toList();
        long linesBefore = begin.linesBefore() - linesOfHead(message, border);
        return new Message(message.record() + border, bytes.toByteArray(), linesBefore, false, "", places);
    }

    /** Returns what stands before the records of the second half: the header, or the comments of the first half. */
    private byte[] head(Message message, int border) {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        head.write(message.bytes(), 0, message.places().get(0).from());
        comments(message, border).forEach(head::writeBytes);
        return head.toByteArray();
    }

    private long linesOfHead(Message message, int border) {
        long before = message.places().get(0).linesBefore() - message.linesBefore();
        return before + comments(message, border).count();
    }

    private Stream<byte[]> comments(Message message, int border) {
        if (kind != FileForm.Kind.TEXT) {
            return Stream.empty();
        }
        Stream<byte[]> found =
                IntStream.range(0, border).filter(i -> isComment(message, i)).mapToObj(i -> record(message, i));
        boolean isFirst = message.places().get(0).from() == 0;
        return isFirst ? Stream.concat(Stream.of(COMMENT), found) : found;
    }
}
