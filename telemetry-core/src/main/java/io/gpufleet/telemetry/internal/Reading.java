package io.gpufleet.telemetry.internal;

import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.DeadLetter.Stage;
import io.gpufleet.telemetry.Decoder;
import io.gpufleet.telemetry.Delivery;
import io.gpufleet.telemetry.RecordCounts;
import io.gpufleet.telemetry.SourceRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The values of one record while it is read, and the reasons against refused ones. Used once, by one thread.
 *
 * @param <T> the type of the values
 */
final class Reading<T> implements Decoder.Values<T> {
    private final RecordReader<T> reader;
    private final SourceRecord source;
    private final RecordReader.Target<T> target;
    private int index;
    private int skipped;
    private int repeated;

    /** Most records have one value. */
    private @Nullable Delivery<T> first;

    private final List<Delivery<T>> others = new ArrayList<>(0);
    private final List<Integer> refused = new ArrayList<>(0);
    private final List<Fault> faults = new ArrayList<>(0);
    private final Map<String, Integer> counted = new HashMap<>(0);
    private Stage stage = Stage.DECODE;

    Reading(RecordReader<T> reader, SourceRecord source, RecordReader.Target<T> target) {
        this.reader = reader;
        this.source = source;
        this.target = target;
    }

    SourceRecord source() {
        return source;
    }

    /** Returns the index of the value that is being read. */
    int index() {
        return index;
    }

    @Override
    public void accept(T value) {
        reader.check(value, this);
        index++;
    }

    /** Refuses a value that cannot be decoded; the decoder's reason says where it is. */
    @Override
    public void refuse(String reason) {
        add(List.of(new Fault(Optional.empty(), reason)));
        index++;
    }

    /** Refuses a value; a record that is refused whole needs its dead letter, whatever its faults. */
    @Override
    public void refuse(String reason, String kind) {
        if (isRepeated(kind)) {
            repeated++;
            index++;
        } else {
            refuse(reason);
        }
    }

    @Override
    public void count(String what, int number) {
        counted.merge(what, number, Integer::sum);
    }

    private boolean isRepeated(String kind) {
        return reader.keepsParts() && target.isRepeated(source, kind);
    }

    /**
     * Refuses the decoded value that is being read, as {@link #refuse(String, String)} does if its fault has a kind.
     */
    void reject(List<String> reasons, Optional<String> kind) {
        if (kind.filter(this::isRepeated).isPresent()) {
            repeated++;
        } else {
            reject(reasons);
        }
    }

    /** Refuses the decoded value that is being read. */
    void reject(List<String> reasons) {
        stage = refused.isEmpty() ? Stage.VALIDATE : stage;
        Optional<Integer> place = Optional.of(index);
        add(reasons.stream().map(reason -> new Fault(place, reason)).toList());
    }

    private void add(List<Fault> found) {
        refused.add(index);
        found.stream()
                .limit(Math.max(0, DeadLetter.MOST_REASONS - faults.size()))
                .forEach(faults::add);
    }

    void skip() {
        skipped++;
    }

    void keep(Delivery<T> delivery) {
        if (first == null) {
            first = delivery;
        } else {
            others.add(delivery);
        }
    }

    /**
     * Hands over the deliveries, the dead letter and the numbers of the record; no delivery if a value is refused and
     * parts are not kept.
     */
    void handOver() {
        boolean isKept = refused.isEmpty() || reader.keepsParts();
        if (isKept) {
            handOverValues();
        }
        if (!refused.isEmpty()) {
            target.add(letter());
        }
        int lost = refused.size() + repeated + (isKept ? 0 : kept());
        if (lost > 0 || !counted.isEmpty()) {
            target.add(new RecordCounts(source.partition(), source.offset(), lost, repeated, counted));
        }
    }

    private DeadLetter letter() {
        boolean isPartial = first != null && reader.keepsParts();
        return isPartial
                ? new DeadLetter(source, Stage.SAMPLE, reasons(), refused)
                : new DeadLetter(source, stage, reasons());
    }

    private int kept() {
        return first == null ? 0 : 1 + others.size();
    }

    private void handOverValues() {
        if (first != null) {
            target.add(first);
            others.forEach(target::add);
        }
        for (int i = 0; i < skipped; i++) {
            target.skip();
        }
    }

    private List<String> reasons() {
        NavigableSet<Integer> unplaced = new TreeSet<>();
        if (index > 1) {
            faults.forEach(fault -> fault.index().ifPresent(unplaced::add));
        }
        Map<Integer, String> places = unplaced.isEmpty() ? Map.of() : reader.places(source, unplaced);
        return faults.stream().map(fault -> fault.text(index > 1, places)).toList();
    }

    /**
     * A reason against a value.
     *
     * @param index the index of the value, unless the reason says where it is
     */
    private record Fault(Optional<Integer> index, String reason) {
        String text(boolean isOneOfMany, Map<Integer, String> places) {
            return isOneOfMany ? index.map(number -> place(number, places)).orElse("") + reason : reason;
        }

        private static String place(Integer number, Map<Integer, String> places) {
            return places.getOrDefault(number, "value " + number) + ": ";
        }
    }
}
