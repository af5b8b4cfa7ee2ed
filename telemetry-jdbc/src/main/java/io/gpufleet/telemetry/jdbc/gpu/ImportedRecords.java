package io.gpufleet.telemetry.jdbc.gpu;

import static java.util.Objects.requireNonNull;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.RecordCounts;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.internal.RecordReader;
import io.gpufleet.telemetry.jdbc.gpu.FileChunk.Message;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The records of one chunk on their way into a batch, with reasons that name lines of the file. Not thread-safe. */
final class ImportedRecords implements RecordReader.Target<GpuSample> {
    /** The number of a line, or a text of the file in quotation marks, which stays as it is. */
    private static final Pattern LINE = Pattern.compile("\"[^\"]*\"|\\bline (\\d{1,9})\\b");

    private final Batch.Builder<GpuSample> batch;
    private final Map<Long, Message> messages = new LinkedHashMap<>();

    /** Begins with an open range. */
    ImportedRecords(Batch.Builder<GpuSample> batch) {
        this.batch = batch;
    }

    /** Says which message is read next. */
    void shift(Message message) {
        messages.put(message.record(), message);
    }

    @Override
    public void add(Delivery<GpuSample> delivery) {
        batch.add(delivery);
    }

    @Override
    public void add(DeadLetter letter) {
        batch.add(letter);
    }

    @Override
    public void add(RecordCounts counts) {
        batch.add(counts);
    }

    /** Returns a letter with the lines of the file in its reasons, as far as these name lines of the message. */
    DeadLetter placed(DeadLetter letter) {
        Message message = messages.get(letter.offset());
        if (message == null) {
            return letter;
        }
        List<String> reasons =
                letter.reasons().stream().map(reason -> placed(reason, message)).toList();
        return new DeadLetter(letter.source(), letter.stage(), reasons, letter.indexes());
    }

    /**
     * Returns the messages, those of them in halves that are refused in more places than their letters have room for.
     *
     * @param letters the letters with their excerpts
     */
    List<Message> divided(List<DeadLetter> letters, MessageHalves halves) {
        if (letters.isEmpty()) {
            return List.of();
        }
        Set<Long> tooMuch = letters.stream()
                .filter(letter ->
                        MessageHalves.isShort(letter, requireNonNull(messages.get(letter.offset()), "message")))
                .map(DeadLetter::offset)
                .collect(Collectors.toSet());
        return messages.values().stream()
                .flatMap(message ->
                        tooMuch.contains(message.record()) ? halves.of(message).stream() : Stream.of(message))
                .toList();
    }

    /** Returns the number of messages. */
    int size() {
        return messages.size();
    }

    /** Returns the place of a value of a record in the file. */
    String placed(String place, long offset) {
        Message message = messages.get(offset);
        return message == null ? place : placeOf(place, message);
    }

    /** Returns the place of a value of a message in the file. */
    static String placeOf(String place, Message message) {
        return message.isSingle() ? "line " + (message.linesBefore() + 1) : placed(place, message);
    }

    /**
     * Returns the letters of values that the sink refuses, with the places of these in their messages, as the letters
     * of a reader have them.
     */
    List<DeadLetter> located(List<DeadLetter> letters, RecordReader<GpuSample> reader) {
        Map<Long, SortedSet<Integer>> indexes = new HashMap<>();
        Map<Long, DeadLetter> sources = new HashMap<>();
        letters.stream().filter(this::isOfOneOfMany).forEach(letter -> {
            indexes.computeIfAbsent(letter.offset(), offset -> new TreeSet<>()).addAll(letter.indexes());
            sources.put(letter.offset(), letter);
        });
        Map<Long, Map<Integer, String>> places = new HashMap<>();
        indexes.forEach((offset, of) -> places.put(
                offset,
                reader.places(requireNonNull(sources.get(offset), "letter").source(), of)));
        return letters.stream()
                .map(letter -> located(letter, places.getOrDefault(letter.offset(), Map.of())))
                .toList();
    }

    private boolean isOfOneOfMany(DeadLetter letter) {
        Message message = messages.get(letter.offset());
        return letter.indexes().size() == 1 && message != null && !message.isSingle();
    }

    private static DeadLetter located(DeadLetter letter, Map<Integer, String> places) {
        int index = letter.isPartial() ? letter.indexes().get(0) : -1;
        String place = places.get(index);
        if (place == null) {
            return letter;
        }
        String number = "value " + index + ": ";
        List<String> reasons = letter.reasons().stream()
                .map(reason -> place + ": " + (reason.startsWith(number) ? reason.substring(number.length()) : reason))
                .toList();
        return new DeadLetter(letter.source(), letter.stage(), reasons, letter.indexes());
    }

    private static String placed(String reason, Message message) {
        Matcher line = LINE.matcher(reason);
        boolean isPlaced = line.results().anyMatch(found -> found.group(1) != null);
        if (isPlaced) {
            return line.replaceAll(found -> Matcher.quoteReplacement(placed(found, message)));
        }
        return message.isSingle() ? "line " + (message.linesBefore() + 1) + ": " + reason : reason;
    }

    private static String placed(MatchResult found, Message message) {
        String number = found.group(1);
        return number == null ? found.group() : "line " + Math.max(1, Long.parseLong(number) + message.linesBefore());
    }
}
