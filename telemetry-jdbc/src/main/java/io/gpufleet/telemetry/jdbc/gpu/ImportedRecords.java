package io.gpufleet.telemetry.jdbc.gpu;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.RecordCounts;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.internal.RecordReader;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The records of one chunk on their way into a batch, with reasons that name lines of the file. Not thread-safe. */
final class ImportedRecords implements RecordReader.Target<GpuSample> {
    private static final Pattern LINE = Pattern.compile("\\bline (\\d{1,9})\\b");

    private final Batch.Builder<GpuSample> batch;
    private final Map<Long, Long> linesBefore = new HashMap<>();

    /** Begins with an open range. */
    ImportedRecords(Batch.Builder<GpuSample> batch) {
        this.batch = batch;
    }

    /** Says how many lines of the file stand before those of a record. */
    void shift(long record, long lines) {
        linesBefore.put(record, lines);
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

    /** Returns a letter with the lines of the file in its reasons. */
    DeadLetter placed(DeadLetter letter) {
        long before = linesBefore.getOrDefault(letter.offset(), 0L);
        List<String> reasons =
                letter.reasons().stream().map(reason -> placed(reason, before)).toList();
        return new DeadLetter(letter.source(), letter.stage(), reasons, letter.indexes());
    }

    private static String placed(String reason, long before) {
        Matcher line = LINE.matcher(reason);
        return line.find()
                ? line.replaceFirst("line " + Math.max(1, Long.parseLong(line.group(1)) + before))
                : "line " + (before + 1) + ": " + reason;
    }
}
