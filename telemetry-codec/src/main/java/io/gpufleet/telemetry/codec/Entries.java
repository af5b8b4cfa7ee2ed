package io.gpufleet.telemetry.codec;

import io.gpufleet.telemetry.Decoder.Values;
import io.gpufleet.telemetry.codec.Entry.Place;
import io.gpufleet.telemetry.codec.Entry.Refused;
import io.gpufleet.telemetry.codec.Entry.Row;
import io.gpufleet.telemetry.gpu.GpuSample;
import io.gpufleet.telemetry.gpu.GpuSubject;
import io.gpufleet.telemetry.gpu.Readings;
import io.gpufleet.telemetry.gpu.Scope;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a message in their order, from which its values come: samples know their scope only when all of them are
 * there. Refusals beyond a limit become one. Not thread-safe.
 */
final class Entries {
    private static final int MOST_REFUSED = 1000;
    /** Longer lists are not used for another message. */
    private static final int LONGEST_LIST = 10_000;

    private static final String MORE = "more of them are refused";

    /**
     * A row that is no sample, or not yet.
     *
     * @param before the number of samples before it
     * @param entry what it is
     */
    private record Other(int before, Entry entry) {}

    private final String unit;
    private final boolean traced;
    private Optional<String> host;
    private List<GpuSample> samples = new ArrayList<>();
    /** The places of the samples, if they are traced. */
    private final List<Place> sampled = new ArrayList<>();

    private List<Other> others = new ArrayList<>();
    private boolean single;
    private int waiting;
    private int refused;
    private @Nullable Refused firstUncounted;
    private int uncounted;

    /**
     * Creates an empty list.
     *
     * @param unit what the numbers of places count: {@code line}
     * @param rules whose second look asks for {@link #places}
     * @param context tells the host of rows that show no GPU
     */
    Entries(String unit, SampleRules rules, ScrapeContext context) {
        this(unit, rules.isSecondLook());
        this.host = context.host();
    }

    /**
     * Creates an empty list for many messages.
     *
     * @param traced whether {@link #places} will be asked for
     */
    Entries(String unit, boolean traced) {
        this.unit = unit;
        this.traced = traced;
        this.host = Optional.empty();
    }

    /** Begins a message, of which nothing is in this list yet. */
    void begin(ScrapeContext context) {
        host = context.host();
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
        samples = emptied(samples);
        sampled.clear();
        others = emptied(others);
        refused = 0;
        int from = 0;
        for (Other other : unsettled) {
            append(settled, places, from, other.before());
            from = other.before();
            if (other.entry() instanceof Row row) {
                meaning.accept(row);
            } else if (other.entry() instanceof Refused fault) {
                refuse(fault);
            }
        }
        append(settled, places, from, settled.size());
    }

    private static <T> List<T> emptied(List<T> list) {
        if (list.size() > LONGEST_LIST) {
            return new ArrayList<>();
        }
        list.clear();
        return list;
    }

    private void append(List<GpuSample> settled, List<Place> places, int from, int to) {
        samples.addAll(settled.subList(from, to));
        if (traced) {
            sampled.addAll(places.subList(from, to));
        }
    }

    /** Refuses a row of a text that cannot be read, or does not say what it is of. */
    void refuse(Place place, byte[] text, String reason) {
        refuseOf(place, needsKind() ? RowTraces.of(text, place, host) : "", reason);
    }

    /** As {@link #refuse(Place, byte[], String)}, where places are those of characters. */
    void refuse(Place place, String text, String reason) {
        String row = needsKind() ? text.substring(place.from(), place.to()) : "";
        refuseOf(place, RowTraces.of(row, host), reason);
    }

    /** Refuses a row, or a part of it, of a metric of a GPU. */
    void refuse(Place place, GpuSubject subject, String metric, String reason) {
        refuseOf(place, subject.uuid() + ' ' + metric, reason);
    }

    /** Returns whether the next refusal is handed out with its kind, or is the first of those beyond the limit. */
    private boolean needsKind() {
        return refused <= MOST_REFUSED;
    }

    private void refuseOf(Place place, String whose, String reason) {
        refuse(new Refused(place, reason, Readings.kindOfRefusal(whose, reason)));
    }

    private void refuse(Refused row) {
        if (refused++ < MOST_REFUSED) {
            others.add(new Other(samples.size(), row));
            return;
        }
        uncounted++;
        if (firstUncounted == null
                || row.place().from() < firstUncounted.place().from()) {
            firstUncounted = row;
        }
    }

    /** States that no two samples differ in their workload only, so that their scopes need no look at each other. */
    void setSingle() {
        single = true;
    }

    /** Forgets everything, for another message; the space for the samples of a scrape stays. */
    void clear() {
        samples = emptied(samples);
        sampled.clear();
        others = emptied(others);
        single = false;
        waiting = 0;
        refused = 0;
        firstUncounted = null;
        uncounted = 0;
    }

    /** Hands out all samples and refusals; the index of a value is that of its place in {@link #places}. */
    void handOver(Values<? super GpuSample> values) {
        List<GpuSample> scoped = single ? samples : Scope.assign(samples);
        int from = 0;
        for (Other other : others) {
            handOver(scoped, from, other.before(), values);
            from = other.before();
            if (other.entry() instanceof Refused fault) {
                values.refuse(words(fault.place()) + ": " + fault.reason(), fault.kind());
            }
        }
        handOver(scoped, from, scoped.size(), values);
        if (firstUncounted != null) {
            String reason = words(firstUncounted.place()) + " and later: " + uncounted + ' ' + MORE;
            values.refuse(reason, MORE + ", the first: " + firstUncounted.kind());
        }
    }

    private static void handOver(List<GpuSample> scoped, int from, int to, Values<? super GpuSample> values) {
        for (int i = from; i < to; i++) {
            values.accept(scoped.get(i));
        }
    }

    /** Returns where a value stands, in the words of the reasons of {@link #handOver}. */
    String words(Place place) {
        return unit + ' ' + place.number();
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
            places.add(firstUncounted.place());
        }
        return places;
    }
}
