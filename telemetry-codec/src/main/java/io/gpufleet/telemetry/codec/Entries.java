package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.Decoder.Values;
import io.gpufleet.telemetry.codec.Entry.Place;
import io.gpufleet.telemetry.codec.Entry.Refused;
import io.gpufleet.telemetry.codec.Entry.Row;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a message in their order, from which its values come: samples know their scope only when all of them are
 * there. Refusals beyond a limit become one. Not thread-safe.
 */
final class Entries {
    private static final int MOST_REFUSED = 1000;

    /**
     * A row that is no sample, or not yet.
     *
     * @param before the number of samples before it
     * @param entry what it is
     */
    private record Other(int before, Entry entry) {}

    private final String unit;
    private final boolean traced;
    private final List<GpuSample> samples = new ArrayList<>();
    /** The places of the samples, if they are traced. */
    private final List<Place> sampled = new ArrayList<>();

    private final List<Other> others = new ArrayList<>();
    private int waiting;
    private int refused;
    private @Nullable Place firstUncounted;
    private int uncounted;

    /**
     * Creates an empty list.
     *
     * @param unit what the numbers of places count: {@code line}
     * @param traced whether {@link #places} will be asked for
     */
    Entries(String unit, boolean traced) {
        this.unit = unit;
        this.traced = traced;
    }

    void add(Place place, GpuSample sample) {
        samples.add(sample);
        if (traced) {
            sampled.add(place);
        }
    }

    /** Adds a sample of a line, whose place is made only where it is needed. */
    void add(int line, int from, int to, GpuSample sample) {
        samples.add(sample);
        if (traced) {
            sampled.add(new Place(line, from, to));
        }
    }

    /** Adds a row whose meaning is found by {@link #settle}. */
    void add(Row row) {
        others.add(new Other(samples.size(), row));
        waiting++;
    }

    /**
     * Finds the meaning of the rows that wait for the end of the message.
     *
     * @param meaning puts a row into this list, as what it is, or leaves it out
     */
    void settle(Consumer<Row> meaning) {
        if (waiting == 0) {
            return;
        }
        List<GpuSample> settled = List.copyOf(samples);
        List<Place> places = List.copyOf(sampled);
        List<Other> unsettled = List.copyOf(others);
        samples.clear();
        sampled.clear();
        others.clear();
        refused = 0;
        int from = 0;
        for (Other other : unsettled) {
            append(settled, places, from, other.before());
            from = other.before();
            if (other.entry() instanceof Row row) {
                meaning.accept(row);
            } else if (other.entry() instanceof Refused fault) {
                refuse(fault.place(), fault.reason());
            }
        }
        append(settled, places, from, settled.size());
    }

    private void append(List<GpuSample> settled, List<Place> places, int from, int to) {
        samples.addAll(settled.subList(from, to));
        if (traced) {
            sampled.addAll(places.subList(from, to));
        }
    }

    void refuse(Place place, String reason) {
        if (refused++ < MOST_REFUSED) {
            others.add(new Other(samples.size(), new Refused(place, reason)));
            return;
        }
        uncounted++;
        if (firstUncounted == null || place.from() < firstUncounted.from()) {
            firstUncounted = place;
        }
    }

    /** Hands out all samples and refusals; the index of a value is that of its place in {@link #places}. */
    void handOver(Values<? super GpuSample> values) {
        List<GpuSample> scoped = Scope.assign(samples);
        int from = 0;
        for (Other other : others) {
            scoped.subList(from, other.before()).forEach(values);
            from = other.before();
            if (other.entry() instanceof Refused fault) {
                values.refuse(unit + ' ' + fault.place().number() + ": " + fault.reason());
            }
        }
        scoped.subList(from, scoped.size()).forEach(values);
        if (firstUncounted != null) {
            values.refuse(
                    unit + ' ' + firstUncounted.number() + " and later: " + uncounted + " more of them are refused");
        }
    }

    /** Returns the places of all values; the last one stands for all refusals beyond the limit. */
    List<Place> places() {
        List<Place> places = new ArrayList<>(sampled.size() + others.size() + 1);
        int from = 0;
        for (Other other : others) {
            places.addAll(sampled.subList(from, other.before()));
            from = other.before();
            places.add(other.entry().place());
        }
        places.addAll(sampled.subList(from, sampled.size()));
        if (firstUncounted != null) {
            places.add(firstUncounted);
        }
        return places;
    }
}
