package io.gpufleet.telemetry.jdbc.gpu;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.Decoder;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.LogId;
import io.gpufleet.telemetry.RecordCounts;
import io.gpufleet.telemetry.SinkException;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.TelemetryEvent.DuplicatesDropped;
import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.internal.RecordReader;
import io.gpufleet.telemetry.jdbc.gpu.SampleTables.Counts;
import io.gpufleet.telemetry.jdbc.gpu.TableRows.OldRow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Some rows of an old table on their way into the new ones: each of them is a sample, has no value, is rejected, or is
 * of a day that is not kept. Belongs to one thread.
 */
final class RowBatch implements RecordReader.Target<GpuSample> {
    /** Where a decoder of JSON finds the fault of a row, which is an object. */
    private static final String ONLY_ELEMENT = "element 1: ";

    private static final String BEYOND_RETENTION = "beyond retention";
    /** The counts of kept samples. */
    static final Set<String> OF_SAMPLES = Set.of("labels unreadable", "malformed text");

    private final List<OldRow> rows;
    private final SourcePartition source;
    private final List<String> reasons = new ArrayList<>();
    private final Map<String, String> refused = new LinkedHashMap<>();
    private List<Delivery<GpuSample>> samples = new ArrayList<>();
    private int noValue;
    private int rejected;
    private int beyondRetention;

    private RowBatch(String table, List<OldRow> rows) {
        this.rows = rows;
        this.source = new SourcePartition(table, 0);
    }

    /**
     * Reads rows.
     *
     * @throws TelemetryException if the decoder does not give one sample, refusal or count for each of them
     */
    static RowBatch read(String table, List<OldRow> rows, RecordReader<GpuSample> reader) {
        RowBatch batch = new RowBatch(table, rows);
        for (int i = 0; i < rows.size(); i++) {
            SourceRecord row = SourceRecord.builder(batch.source, i)
                    .value(rows.get(i).json())
                    .build();
            reader.read(row, batch);
            batch.requireOneEach(i + 1);
        }
        return batch;
    }

    private void requireOneEach(int read) {
        int fates = samples.size() + noValue + rejected;
        if (fates != read) {
            throw new TelemetryException("table " + source.topic() + ": row with id "
                    + rows.get(read - 1).id() + " gave " + (fates - read + 1)
                    + " samples; a decoder of rows gives one, a reason, or a count");
        }
    }

    @Override
    public void add(Delivery<GpuSample> delivery) {
        samples.add(delivery);
    }

    @Override
    public void add(DeadLetter letter) {
        reject(letter.offset(), String.join("; ", letter.reasons()));
    }

    @Override
    public void add(RecordCounts counts) {
        for (Map.Entry<String, Integer> other : counts.others().entrySet()) {
            if (other.getKey().equals(Decoder.Values.NO_VALUE)) {
                noValue++;
            } else if (!OF_SAMPLES.contains(other.getKey())) {
                reject(counts.offset(), other.getKey());
            }
        }
    }

    private String reject(long row, String reason) {
        rejected++;
        boolean isPlaced = reason.startsWith(ONLY_ELEMENT);
        String sentence =
                "id " + rows.get((int) row).id() + ": " + (isPlaced ? reason.substring(ONLY_ELEMENT.length()) : reason);
        reasons.add(sentence);
        return sentence;
    }

    /** Takes samples out that the sink refuses. */
    void refuse(List<DeadLetter> letters) {
        Map<Long, String> found = new LinkedHashMap<>();
        letters.forEach(letter -> letter.indexes()
                .forEach(row -> found.putIfAbsent(row.longValue(), String.join("; ", letter.reasons()))));
        samples.stream()
                .filter(sample -> found.containsKey(sample.offset()))
                .forEach(sample -> refuse(sample, found.getOrDefault(sample.offset(), "")));
        samples = samples.stream()
                .filter(sample -> !found.containsKey(sample.offset()))
                .toList();
    }

    /** Takes all samples out, which the sink refuses. */
    void refuse(SinkException failure) {
        samples.forEach(sample -> refuse(sample, String.valueOf(failure.getMessage())));
        samples = List.of();
    }

    private void refuse(Delivery<GpuSample> sample, String reason) {
        if (reason.startsWith(BEYOND_RETENTION)) {
            beyondRetention++;
        } else {
            refused.put(keyOf(sample), reject(sample.offset(), reason));
        }
    }

    /** Returns the samples as a batch: as values of one record, among which the sink finds those that it refuses. */
    Batch<GpuSample> toBatch(LogId log) {
        SourceRecord record = SourceRecord.builder(source, 0).build();
        Batch.Builder<GpuSample> batch = Batch.<GpuSample>builder().open(source, log, 0);
        samples.forEach(sample -> batch.add(Delivery.of(sample.value(), sample.time(), record, (int) sample.offset())));
        return batch.advance(source, rows.size(), -1).build();
    }

    /** Returns what tells the row of a sample from others: its id may be that of others, too. */
    String keyOf(Delivery<GpuSample> delivery) {
        GpuSample sample = delivery.value();
        String text = String.join(
                "\t",
                rows.get((int) delivery.offset()).id(),
                sample.subject().uuid(),
                sample.metric().name(),
                sample.time().toString(),
                Long.toHexString(sample.subject().seriesKey()),
                Double.toString(sample.value()));
        return UUID.nameUUIDFromBytes(text.getBytes(UTF_8)).toString();
    }

    /** Returns the reasons against the rows that the sink refused, with their ids, by the keys of the rows. */
    Map<String, String> refused() {
        return refused;
    }

    List<Delivery<GpuSample>> samples() {
        return samples;
    }

    /** Returns the reasons against the rejected rows, with their ids. */
    List<String> reasons() {
        return reasons;
    }

    /**
     * Returns what became of the rows.
     *
     * @throws TelemetryException if the numbers do not add up
     */
    Counts counts(DuplicatesDropped dropped) {
        int same = dropped.count() - dropped.conflicts();
        return Counts.of(
                rows.size(),
                new Counts(
                        (long) samples.size() - dropped.count(),
                        same,
                        dropped.conflicts(),
                        noValue,
                        rejected,
                        beyondRetention));
    }
}
