package io.gpufleet.telemetry;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is written at once: deliveries, dead letters, and for every partition the offsets {@code [from, next)} that they
 * cover.
 *
 * <p>Deliveries keep the order in which they were added; within a partition that is the order of the log. Immutable.
 *
 * @param <T> the type of the values
 */
public final class Batch<T> {
    private final List<Delivery<T>> deliveries;
    private final List<DeadLetter> deadLetters;
    private final List<OffsetRange> ranges;

    private Batch(List<Delivery<T>> deliveries, List<DeadLetter> deadLetters, List<OffsetRange> ranges) {
        this.deliveries = List.copyOf(deliveries);
        this.deadLetters = List.copyOf(deadLetters);
        this.ranges = List.copyOf(ranges);
    }

    /**
     * Starts an empty batch.
     *
     * @param <T> the type of the values
     * @return a builder
     */
    public static <T> Builder<T> builder() {
        return new Builder<>();
    }

    /**
     * Returns the values to write.
     *
     * @return an immutable list in the order of arrival
     */
    public List<Delivery<T>> deliveries() {
        return deliveries;
    }

    /**
     * Returns the records to set aside.
     *
     * @return an immutable list in the order of arrival
     */
    public List<DeadLetter> deadLetters() {
        return deadLetters;
    }

    /**
     * Returns the offsets that the batch covers, one range a partition.
     *
     * @return an immutable list in the order of the partitions
     */
    public List<OffsetRange> ranges() {
        return ranges;
    }

    /**
     * Returns this batch without some partitions.
     *
     * @param partitions the partitions to leave out
     * @return a batch, perhaps an empty one
     */
    public Batch<T> without(Collection<SourcePartition> partitions) {
        return new Batch<>(
                deliveries.stream()
                        .filter(d -> !partitions.contains(d.partition()))
                        .toList(),
                deadLetters.stream()
                        .filter(d -> !partitions.contains(d.partition()))
                        .toList(),
                ranges.stream().filter(r -> !partitions.contains(r.partition())).toList());
    }

    /**
     * Splits the batch in delivery order into two that can be written one after the other, each with its own ranges.
     * The first one gets the smaller half of the deliveries and all partitions that have none.
     *
     * @return two batches that together hold exactly what this one holds
     * @throws IllegalStateException if there are fewer than two deliveries
     */
    public List<Batch<T>> split() {
        if (deliveries.size() < 2) {
            throw new IllegalStateException("A batch of " + deliveries.size() + " deliveries cannot be split");
        }
        int half = deliveries.size() / 2;
        Map<SourcePartition, Long> boundaries = new LinkedHashMap<>();
        deliveries.subList(half, deliveries.size()).forEach(d -> boundaries.putIfAbsent(d.partition(), d.offset()));
        Set<SourcePartition> begun =
                deliveries.subList(0, half).stream().map(Delivery::partition).collect(Collectors.toSet());
        List<OffsetRange> before = new ArrayList<>();
        List<OffsetRange> behind = new ArrayList<>();
        for (OffsetRange range : ranges) {
            Long boundary = boundaries.get(range.partition());
            if (boundary == null) {
                before.add(range);
            } else if (begun.contains(range.partition())) {
                // Which leader epoch the records before the boundary had is not known.
                before.add(part(range, range.from(), boundary, -1));
                behind.add(part(range, boundary, range.next(), range.leaderEpoch()));
            } else {
                behind.add(range);
            }
        }
        return List.of(
                new Batch<>(deliveries.subList(0, half), lettersIn(before), before),
                new Batch<>(deliveries.subList(half, deliveries.size()), lettersIn(behind), behind));
    }

    /**
     * Joins this batch with one that goes on where it ends: what {@link #split()} undoes.
     *
     * @param next a batch whose partitions are others, or begin where their ranges here end
     * @return a batch that holds what both hold
     * @throws IllegalArgumentException if a partition does not go on where its range here ends
     */
    public Batch<T> join(Batch<T> next) {
        Map<SourcePartition, OffsetRange> joined = new TreeMap<>();
        ranges.forEach(range -> joined.put(range.partition(), range));
        next.ranges.forEach(range -> joined.merge(range.partition(), range, Batch::join));
        return new Batch<>(
                concat(deliveries, next.deliveries),
                concat(deadLetters, next.deadLetters),
                List.copyOf(joined.values()));
    }

    private static OffsetRange join(OffsetRange before, OffsetRange behind) {
        if (before.next() != behind.from() || !before.log().equals(behind.log())) {
            throw new IllegalArgumentException(behind + " does not continue " + before);
        }
        int leaderEpoch = behind.next() == behind.from() ? before.leaderEpoch() : behind.leaderEpoch();
        return part(before, before.from(), behind.next(), leaderEpoch);
    }

    private static <E> List<E> concat(List<E> first, List<E> second) {
        List<E> both = new ArrayList<>(first);
        both.addAll(second);
        return both;
    }

    private static OffsetRange part(OffsetRange range, long from, long next, int leaderEpoch) {
        return new OffsetRange(range.partition(), range.log(), from, next, leaderEpoch);
    }

    private List<DeadLetter> lettersIn(List<OffsetRange> part) {
        Map<SourcePartition, OffsetRange> byPartition =
                part.stream().collect(Collectors.toMap(OffsetRange::partition, Function.identity()));
        return deadLetters.stream()
                .filter(letter -> {
                    OffsetRange range = byPartition.get(letter.partition());
                    return range != null && letter.offset() >= range.from() && letter.offset() < range.next();
                })
                .toList();
    }

    /**
     * Returns this batch with its only delivery turned into a dead letter.
     *
     * @param reason why the store refused the row
     * @return a batch of dead letters over the same ranges
     * @throws IllegalStateException if there is not exactly one delivery
     */
    public Batch<T> refuse(String reason) {
        if (deliveries.size() != 1) {
            throw new IllegalStateException("A batch of " + deliveries.size() + " deliveries cannot be refused as one");
        }
        List<DeadLetter> letters = new ArrayList<>(deadLetters);
        letters.add(new DeadLetter(deliveries.get(0).source(), DeadLetter.Stage.WRITE, List.of(reason)));
        return new Batch<>(List.of(), letters, ranges);
    }

    /**
     * Returns this batch with the deliveries that a validator finds fault with turned into dead letters.
     *
     * @param validator tells what is wrong with a delivery
     * @return a batch over the same ranges; this one if nothing is wrong
     */
    public Batch<T> refuse(Validator<T> validator) {
        List<Delivery<T>> good = new ArrayList<>(deliveries.size());
        List<DeadLetter> letters = new ArrayList<>(deadLetters);
        for (Delivery<T> delivery : deliveries) {
            List<String> reasons = validator.validate(delivery);
            if (reasons.isEmpty()) {
                good.add(delivery);
            } else {
                letters.add(new DeadLetter(delivery.source(), DeadLetter.Stage.VALIDATE, reasons));
            }
        }
        return good.size() == deliveries.size() ? this : new Batch<>(good, letters, ranges);
    }

    /**
     * Returns this batch with some deliveries replaced by the dead letters of their records.
     *
     * @param refused dead letters of records whose deliveries are in this batch
     * @return a batch over the same ranges
     * @throws IllegalArgumentException if the batch holds no delivery of one of the records
     */
    public Batch<T> refuse(Collection<DeadLetter> refused) {
        Set<Place> places = refused.stream()
                .map(letter -> new Place(letter.partition(), letter.offset()))
                .collect(Collectors.toSet());
        List<Delivery<T>> good = new ArrayList<>(deliveries.size());
        Set<Place> found = new HashSet<>();
        for (Delivery<T> delivery : deliveries) {
            Place place = new Place(delivery.partition(), delivery.offset());
            if (!places.contains(place)) {
                good.add(delivery);
            } else {
                found.add(place);
            }
        }
        if (found.size() < refused.size()) {
            places.removeAll(found);
            throw new IllegalArgumentException("The batch has no delivery of its own for each of " + refused.size()
                    + " dead letters; records without one: " + places);
        }
        return new Batch<>(good, concat(deadLetters, List.copyOf(refused)), ranges);
    }

    /** Where a record lies. */
    private record Place(SourcePartition partition, long offset) {
        @Override
        public String toString() {
            return partition + "@" + offset;
        }
    }

    @Override
    public String toString() {
        return "Batch[" + deliveries.size() + " deliveries, " + deadLetters.size() + " dead letters, " + ranges.size()
                + " partitions]";
    }

    /**
     * Collects a batch. A partition is first {@linkplain #open opened} at its position; then its records are added in
     * the order of their offsets, and {@link #advance} covers offsets that hold no record. Not thread-safe.
     *
     * @param <T> the type of the values
     */
    public static final class Builder<T> {
        private final List<Delivery<T>> deliveries = new ArrayList<>();
        private final List<DeadLetter> deadLetters = new ArrayList<>();
        private final Map<SourcePartition, Extent> extents = new TreeMap<>();
        private @Nullable Extent recent;

        private Builder() {}

        /**
         * Begins a partition's range, or checks that the range goes on where it ended.
         *
         * @param partition the partition
         * @param log the log
         * @param from the position, which is the previous range's {@code next}
         * @return this
         * @throws IllegalArgumentException if the partition is open already and {@code from} is not its {@code next}
         */
        public Builder<T> open(SourcePartition partition, LogId log, long from) {
            Extent extent = find(partition);
            if (extent == null) {
                extent = new Extent(partition, log, from);
                extents.put(partition, extent);
            }
            if (extent.next != from || !extent.log.equals(log)) {
                throw new IllegalArgumentException(partition + ": offset " + from + " of log " + log
                        + " does not continue offset " + extent.next + " of log " + extent.log);
            }
            return this;
        }

        /**
         * Adds a value and covers its offset.
         *
         * @param delivery the value
         * @return this
         * @throws IllegalArgumentException if its partition is not open, or its offset is below the range's
         *     {@code next}
         */
        public Builder<T> add(Delivery<T> delivery) {
            extent(delivery.partition(), delivery.offset()).next = delivery.offset() + 1;
            deliveries.add(delivery);
            return this;
        }

        /**
         * Adds a dead letter and covers its offset.
         *
         * @param deadLetter the record that was set aside
         * @return this
         * @throws IllegalArgumentException as {@link #add(Delivery)}
         */
        public Builder<T> add(DeadLetter deadLetter) {
            extent(deadLetter.partition(), deadLetter.offset()).next = deadLetter.offset() + 1;
            deadLetters.add(deadLetter);
            return this;
        }

        /**
         * Covers offsets up to {@code next}, whether they hold records or not.
         *
         * @param partition an open partition
         * @param next the first offset that is not covered
         * @param leaderEpoch the leader epoch of the last record, or -1 to keep what is known
         * @return this
         * @throws IllegalArgumentException if the partition is not open, or {@code next} lies below the range's
         */
        public Builder<T> advance(SourcePartition partition, long next, int leaderEpoch) {
            Extent extent = extent(partition, next);
            extent.next = next;
            extent.leaderEpoch = leaderEpoch >= 0 ? leaderEpoch : extent.leaderEpoch;
            return this;
        }

        /** Mostly the partition is that of the record before. */
        private @Nullable Extent find(SourcePartition partition) {
            if (recent == null || !recent.partition.equals(partition)) {
                recent = extents.get(requireNonNull(partition, "partition"));
            }
            return recent;
        }

        private Extent extent(SourcePartition partition, long offset) {
            Extent extent = find(partition);
            if (extent == null) {
                throw new IllegalArgumentException(partition + ": the batch does not cover this partition");
            }
            if (offset < extent.next) {
                throw new IllegalArgumentException(
                        partition + ": offset " + offset + " lies below " + extent.next + ", which is covered already");
            }
            return extent;
        }

        /**
         * Builds the batch.
         *
         * @return an immutable batch
         */
        public Batch<T> build() {
            List<OffsetRange> ranges = new ArrayList<>(extents.size());
            extents.forEach((partition, extent) ->
                    ranges.add(new OffsetRange(partition, extent.log, extent.from, extent.next, extent.leaderEpoch)));
            return new Batch<>(deliveries, deadLetters, ranges);
        }
    }

    /** A range that still grows. */
    private static final class Extent {
        private final SourcePartition partition;
        private final LogId log;
        private final long from;
        private long next;
        private int leaderEpoch = -1;

        private Extent(SourcePartition partition, LogId log, long from) {
            this.partition = partition;
            this.log = requireNonNull(log, "log");
            this.from = from;
            this.next = from;
        }
    }
}
