package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.Decoder.Values;
import io.gpufleet.telemetry.codec.Entry.Place;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.Scope;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a message in their order, from which its values come: samples know their scope only when all of them are
 * there. Refusals beyond a limit become one. Not thread-safe.
 */
final class Entries {
    private static final int MOST_REFUSED = 1000;

    private final String unit;
    private final List<Entry> entries = new ArrayList<>();
    private int refused;
    private @Nullable Place firstUncounted;
    private int uncounted;

    /**
     * Creates an empty list.
     *
     * @param unit what the numbers of places count: {@code line}
     */
    Entries(String unit) {
        this.unit = unit;
    }

    void add(Place place, GpuSample sample) {
        entries.add(new Entry.Read(place, sample));
    }

    /** Adds a row whose meaning is found by {@link #settle}. */
    void add(Entry.Row row) {
        entries.add(row);
    }

    /**
     * Finds the meaning of the rows that wait for the end of the message.
     *
     * @param meaning puts a row into this list, as what it is, or leaves it out
     */
    void settle(Consumer<Entry.Row> meaning) {
        List<Entry> unsettled = List.copyOf(entries);
        entries.clear();
        refused = 0;
        for (Entry entry : unsettled) {
            if (entry instanceof Entry.Row row) {
                meaning.accept(row);
            } else if (entry instanceof Entry.Refused fault) {
                refuse(fault.place(), fault.reason());
            } else {
                entries.add(entry);
            }
        }
    }

    void refuse(Place place, String reason) {
        if (refused++ < MOST_REFUSED) {
            entries.add(new Entry.Refused(place, reason));
            return;
        }
        uncounted++;
        if (firstUncounted == null) {
            firstUncounted = place;
        }
    }

    /** Hands out all samples and refusals; the index of a value is that of its place in {@link #places}. */
    void handOver(Values<? super GpuSample> values) {
        Iterator<GpuSample> scoped = Scope.assign(samples()).iterator();
        for (Entry entry : entries) {
            if (entry instanceof Entry.Refused fault) {
                values.refuse(unit + ' ' + fault.place().number() + ": " + fault.reason());
            } else {
                values.accept(scoped.next());
            }
        }
        if (firstUncounted != null) {
            values.refuse(
                    unit + ' ' + firstUncounted.number() + " and later: " + uncounted + " more of them are refused");
        }
    }

    private List<GpuSample> samples() {
        List<GpuSample> samples = new ArrayList<>(entries.size());
        for (Entry entry : entries) {
            if (entry instanceof Entry.Read read) {
                samples.add(read.sample());
            }
        }
        return samples;
    }

    /** Returns the places of all values; the last one stands for all refusals beyond the limit. */
    List<Place> places() {
        List<Place> places = new ArrayList<>(entries.size() + 1);
        entries.forEach(entry -> places.add(entry.place()));
        if (firstUncounted != null) {
            places.add(firstUncounted);
        }
        return places;
    }
}
