package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.RecordCounts;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.internal.RecordReader;
import io.gpufleet.telemetry.jdbc.gpu.FileChunk.Message;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The records of one chunk on their way into a batch, with reasons that name lines of the file. Not thread-safe. */
final class ImportedRecords implements RecordReader.Target<GpuSample> {
    private static final Pattern LINE = Pattern.compile("\\bline (\\d{1,9})\\b");

    private final Batch.Builder<GpuSample> batch;
    private final Map<Long, Message> messages = new HashMap<>();

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

    /** Returns the place of a value of a record in the file. */
    String placed(String place, long offset) {
        Message message = messages.get(offset);
        if (message == null) {
            return place;
        }
        return message.isSingle() ? "line " + (message.linesBefore() + 1) : placed(place, message);
    }

    private static String placed(String reason, Message message) {
        Matcher line = LINE.matcher(reason);
        if (line.find()) {
            return line.replaceFirst("line " + Math.max(1, Long.parseLong(line.group(1)) + message.linesBefore()));
        }
        return message.isSingle() ? "line " + (message.linesBefore() + 1) + ": " + reason : reason;
    }
}
