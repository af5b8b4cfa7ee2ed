package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.Batch;
import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.LogId;
import io.gpufleet.telemetry.RefusedException;
import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.SourceRecord;
import io.gpufleet.telemetry.internal.RecordReader;
import io.gpufleet.telemetry.jdbc.internal.Transactions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A replay through the pipeline: decodes, validates and enriches letters again, and writes the accepted values with the
 * steps of a sink. Thread-safe.
 */
final class PipelineReplay<T> implements Replay.Handling {
    private static final Comparator<Delivery<?>> ORDER_OF_THE_LOG = Comparator.<Delivery<?>, SourcePartition>comparing(
                    Delivery::partition)
            .thenComparing(Delivery::offset)
            .thenComparing(Delivery::index);

    private final RecordReader<T> reader;
    private final Enrichment<T> enrichment;
    private final Steps<T> steps;
    private final Transactions transactions;

    PipelineReplay(RecordReader<T> reader, Enrichment<T> enrichment, Steps<T> steps, Transactions transactions) {
        this.reader = reader;
        this.enrichment = enrichment;
        this.steps = steps;
        this.transactions = transactions;
    }

    @Override
    public Replay.Handled handle(Connection connection, LetterPart part, List<StoredLetter> letters)
            throws SQLException {
        Readings<T> readings = new Readings<>();
        letters.forEach(letter -> read(letter.source(), readings));
        Batch<T> read = enriched(batch(part.log(), readings.deliveries));
        steps.prepare(transactions, read);
        List<DeadLetter> late = reader.refused(steps.refused(connection, read.deliveries()));
        Batch<T> kept = late.isEmpty() ? read : read.refuse(late);
        List<DeadLetter> refused = new ArrayList<>(readings.refused);
        refused.addAll(kept.deadLetters());
        return new Replay.Handled(
                replayed(letters, refused), write(connection, batch(part.log(), kept.deliveries())), refused);
    }

    private void read(SourceRecord source, Readings<T> readings) {
        if (source.value().isPresent() || reader.readsTombstones()) {
            reader.read(source, readings);
        } else {
            readings.add(new DeadLetter(source, DeadLetter.Stage.DECODE, List.of("the record has no value")));
        }
    }

    /** Enriches a batch; refused values are dead-lettered again, and the rest is enriched again. */
    private Batch<T> enriched(Batch<T> batch) {
        Batch<T> rest = batch;
        while (true) {
            try {
                return enrichment.of(rest);
            } catch (RefusedException e) {
                rest = rest.refuse(reader.refused(e.deadLetters()));
            }
        }
    }

    /** Writes deliveries without dead letters, since hooks have seen these before. Returns the number of duplicates. */
    private int write(Connection connection, Batch<T> batch) {
        return batch.deliveries().isEmpty() ? 0 : steps.run(connection, batch).duplicates();
    }

    /**
     * Returns a batch in the order of the log, with the range of each partition from its first delivery to its last.
     */
    private static <T> Batch<T> batch(LogId log, List<Delivery<T>> deliveries) {
        Batch.Builder<T> batch = Batch.builder();
        Set<SourcePartition> open = new HashSet<>();
        deliveries.stream().sorted(ORDER_OF_THE_LOG).forEach(delivery -> {
            if (open.add(delivery.partition())) {
                batch.open(delivery.partition(), log, delivery.offset());
            }
            batch.add(delivery);
        });
        return batch.build();
    }

    /** Returns the ids of the letters that were not refused; a record is identified by its object. */
    private static List<Long> replayed(List<StoredLetter> letters, List<DeadLetter> refused) {
        Set<SourceRecord> sources = new HashSet<>();
        refused.forEach(letter -> sources.add(letter.source()));
        return letters.stream()
                .filter(letter -> !sources.contains(letter.source()))
                .map(StoredLetter::id)
                .toList();
    }

    /** The outcome of letters. */
    private static final class Readings<T> implements RecordReader.Target<T> {
        private final List<Delivery<T>> deliveries = new ArrayList<>();
        private final List<DeadLetter> refused = new ArrayList<>();

        @Override
        public void add(Delivery<T> delivery) {
            deliveries.add(delivery);
        }

        @Override
        public void add(DeadLetter deadLetter) {
            refused.add(deadLetter);
        }
    }
}
