package io.gpufleet.telemetry;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The unit of a write: deliveries, dead letters, and for every partition the offsets {@code [from, next)} that they
 * cover.
 *
 * <p>Deliveries keep the order in which they were added; within a partition that is the order of the log. The values of
 * a record lie side by side and are never separated: a batch holds everything that is stored of a record, and at most
 * one dead letter of it. Immutable.
 *
 * @param <T> the type of the values
 */
public final class Batch<T> {
    private final List<Delivery<T>> deliveries;
    private final List<DeadLetter> deadLetters;
    private final List<RecordCounts> counts;
    private final List<OffsetRange> ranges;
    private final int deliveredRecords;

    private Batch(
            List<Delivery<T>> deliveries,
            List<DeadLetter> deadLetters,
            List<RecordCounts> counts,
            List<OffsetRange> ranges) {
        this.deliveries = List.copyOf(deliveries);
        this.deadLetters = List.copyOf(deadLetters);
        this.counts = List.copyOf(counts);
        this.ranges = List.copyOf(ranges);
        this.deliveredRecords = countRecords(this.deliveries);
    }

    private static <T> int countRecords(List<Delivery<T>> deliveries) {
        int records = 0;
        for (int i = 0; i < deliveries.size(); i++) {
            records += isBorder(deliveries, i) ? 1 : 0;
        }
        return records;
    }

    /** Returns whether a record begins at a delivery. */
    private static <T> boolean isBorder(List<Delivery<T>> deliveries, int i) {
        return i == 0
                || deliveries.get(i).offset() != deliveries.get(i - 1).offset()
                || !deliveries.get(i).partition().equals(deliveries.get(i - 1).partition());
    }

    /**
     * Returns the builder of an empty batch.
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
     * Returns the number of values to write.
     *
     * @return 0 or more
     */
    public int values() {
        return deliveries.size();
    }

    /**
     * Returns the number of records that have a value to write.
     *
     * @return 0 or more, at most {@link #values()}
     */
    public int deliveredRecords() {
        return deliveredRecords;
    }

    /**
     * Returns the number of records with a value to write, a dead letter, or refused values that are counted only; a
     * record with several of these counts once.
     *
     * @return 0 or more
     */
    public int records() {
        return deliveredRecords
                + (int) deadLetters.stream()
                        .filter(letter -> !letter.isPartial())
                        .count()
                + countedOnlyRecords();
    }

    /**
     * Returns the number of {@link #records()} with nothing but refused values that no dead letter holds, because
     * another record has one of the same kind.
     *
     * @return 0 to {@link #records()}
     */
    public int countedOnlyRecords() {
        return new RecordOutcomes(this).countedOnly();
    }

    /**
     * Returns the number of refused {@link #records()}: a record with some values stored counts as its share of refused
     * values, whether a dead letter holds them or they are counted only.
     *
     * @return 0 to {@link #records()}
     */
    public double refusedRecords() {
        return new RecordOutcomes(this).refused();
    }

    /**
     * Returns the dead letters: of whole records, and of some values of records whose other values are stored.
     *
     * @return an immutable list in the order of arrival
     */
    public List<DeadLetter> deadLetters() {
        return deadLetters;
    }

    /**
     * Returns the numbers of values that are not stored, of records that have such values.
     *
     * @return an immutable list in the order of arrival; perhaps several entries of one record, which add up
     */
    public List<RecordCounts> counts() {
        return counts;
    }

    /**
     * Returns the covered offsets, one range per partition.
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
                counts.stream().filter(c -> !partitions.contains(c.partition())).toList(),
                ranges.stream().filter(r -> !partitions.contains(r.partition())).toList());
    }

    /**
     * Returns whether the batch can be split.
     *
     * @return true if two of its records have values to write
     */
    public boolean isDivisible() {
        return deliveredRecords > 1;
    }

    /**
     * Splits the batch in delivery order into two batches to be written one after the other, each with its own ranges.
     * The first one ends at the record border nearest to half of the values, and gets all partitions without values.
     *
     * @return two batches that together hold exactly what this one holds
     * @throws IllegalStateException if the batch is not {@linkplain #isDivisible() divisible}
     */
    public List<Batch<T>> split() {
        if (!isDivisible()) {
            throw new IllegalStateException("Batch of " + deliveredRecords + " records cannot be split");
        }
        int half = borderNextTo(deliveries.size() / 2);
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
                // The leader epoch of the records before the boundary is unknown.
                before.add(part(range, range.from(), boundary, -1));
                behind.add(part(range, boundary, range.next(), range.leaderEpoch()));
            } else {
                behind.add(range);
            }
        }
        return List.of(
                part(deliveries.subList(0, half), before), part(deliveries.subList(half, deliveries.size()), behind));
    }

    private int borderNextTo(int middle) {
        int before = middle;
        while (!isBorder(deliveries, before)) {
            before--;
        }
        int behind = middle;
        while (behind < deliveries.size() && !isBorder(deliveries, behind)) {
            behind++;
        }
        boolean isBeforeNearer = behind == deliveries.size() || middle - before <= behind - middle;
        return before > 0 && isBeforeNearer ? before : behind;
    }

    /**
     * Joins this batch with the one that continues it: the inverse of {@link #split()}.
     *
     * @param next a batch whose ranges continue the ranges here, or are of other partitions
     * @return a batch that holds what both hold
     * @throws IllegalArgumentException if a range does not begin where the range of its partition ends here
     */
    public Batch<T> join(Batch<T> next) {
        Map<SourcePartition, OffsetRange> joined = new TreeMap<>();
        ranges.forEach(range -> joined.put(range.partition(), range));
        next.ranges.forEach(range -> joined.merge(range.partition(), range, Batch::join));
        return new Batch<>(
                concat(deliveries, next.deliveries),
                concat(deadLetters, next.deadLetters),
                concat(counts, next.counts),
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

    /** Returns some values with the dead letters and the numbers of their ranges. */
    private Batch<T> part(List<Delivery<T>> values, List<OffsetRange> part) {
        Map<SourcePartition, OffsetRange> byPartition =
                part.stream().collect(Collectors.toMap(OffsetRange::partition, Function.identity()));
        return new Batch<>(
                values,
                deadLetters.stream()
                        .filter(letter -> RecordPlace.of(letter).liesIn(byPartition))
                        .toList(),
                counts.stream()
                        .filter(record -> RecordPlace.of(record).liesIn(byPartition))
                        .toList(),
                part);
    }

    /**
     * Returns this batch with its values completed by one call of an enricher; none for a batch without values.
     *
     * @param enricher the enricher of the values
     * @return a batch of the same records over the same ranges
     * @throws SinkException of the kind {@link SinkException.Kind#FATAL}, if the enricher returns more or fewer
     *     deliveries, or others than it was given
     */
    public Batch<T> enrich(Enricher<T> enricher) {
        requireNonNull(enricher, "enricher");
        if (deliveries.isEmpty()) {
            return this;
        }
        List<Delivery<T>> enriched = List.copyOf(enricher.enrich(deliveries));
        if (enriched.size() != deliveries.size()) {
            throw new SinkException(
                    SinkException.Kind.FATAL,
                    "Enricher returned " + enriched.size() + " deliveries for " + deliveries.size()
                            + "; it must return one for each, in the same order");
        }
        for (int i = 0; i < enriched.size(); i++) {
            requireSame(deliveries.get(i), enriched.get(i));
        }
        return new Batch<>(enriched, deadLetters, counts, ranges);
    }

    private static void requireSame(Delivery<?> given, Delivery<?> returned) {
        if (!given.source().equals(returned.source())
                || given.index() != returned.index()
                || !given.time().equals(returned.time())) {
            throw new SinkException(
                    SinkException.Kind.FATAL,
                    "Enricher returned " + returned + " for " + given
                            + "; only the value may differ: use Delivery.withValue");
        }
    }

    /**
     * Returns this batch with its only record dead-lettered.
     *
     * @param reason the store's reason for the refusal
     * @return a batch of dead letters over the same ranges
     * @throws IllegalStateException if not exactly one record has values to write
     */
    public Batch<T> refuse(String reason) {
        if (deliveredRecords != 1) {
            throw new IllegalStateException("Batch of " + deliveredRecords + " records cannot be refused as one");
        }
        return refuse(List.of(
                new DeadLetter(deliveries.get(0).source(), DeadLetter.Stage.WRITE, List.of(reason), List.of())));
    }

    /**
     * Returns this batch with every delivery that a validator refuses replaced by a dead letter.
     *
     * @param validator returns the reasons against a delivery
     * @return a batch over the same ranges; this one if nothing is refused
     */
    public Batch<T> refuse(Validator<T> validator) {
        List<DeadLetter> letters = new ArrayList<>();
        for (int i = 0; i < deliveries.size(); i++) {
            Delivery<T> delivery = deliveries.get(i);
            List<String> reasons = validator.validate(delivery);
            if (!reasons.isEmpty()) {
                letters.add(new DeadLetter(
                        delivery.source(), DeadLetter.Stage.VALIDATE, reasons, List.of(delivery.index())));
            }
        }
        return letters.isEmpty() ? this : refuse(letters);
    }

    /**
     * Returns this batch with some deliveries replaced by dead letters. Several letters of a record are joined. A
     * letter of some values becomes one of the whole record if no value of the record is left.
     *
     * @param refused dead letters of records, or of values, whose deliveries are in this batch
     * @return a batch over the same ranges
     * @throws IllegalArgumentException if the batch holds no delivery of one of the records
     */
    public Batch<T> refuse(Collection<DeadLetter> refused) {
        Map<RecordPlace, List<DeadLetter>> together = new LinkedHashMap<>();
        refused.forEach(letter -> together.computeIfAbsent(RecordPlace.of(letter), place -> new ArrayList<>())
                .add(letter));
        Map<RecordPlace, DeadLetter> byRecordPlace = new LinkedHashMap<>();
        together.forEach((place, letters) -> byRecordPlace.put(place, joined(letters)));
        List<Delivery<T>> good = new ArrayList<>(deliveries.size());
        Map<RecordPlace, Integer> found = new LinkedHashMap<>();
        Set<RecordPlace> left = new HashSet<>();
        for (Delivery<T> delivery : deliveries) {
            RecordPlace place = RecordPlace.of(delivery);
            DeadLetter letter = byRecordPlace.get(place);
            if (letter != null && refuses(letter, delivery)) {
                found.merge(place, 1, Integer::sum);
            } else {
                good.add(delivery);
                left.add(place);
            }
        }
        requireFound(byRecordPlace.keySet(), found.keySet());
        List<DeadLetter> letters = new ArrayList<>();
        for (DeadLetter earlier : deadLetters) {
            DeadLetter later = byRecordPlace.get(RecordPlace.of(earlier));
            if (later == null) {
                letters.add(earlier);
            } else {
                byRecordPlace.put(RecordPlace.of(earlier), joined(List.of(earlier, later)));
            }
        }
        byRecordPlace.forEach((place, letter) -> letters.add(settled(letter, left.contains(place))));
        return new Batch<>(good, letters, concat(counts, refusedIn(found)), ranges);
    }

    private static List<RecordCounts> refusedIn(Map<RecordPlace, Integer> values) {
        List<RecordCounts> refused = new ArrayList<>(values.size());
        values.forEach(
                (place, count) -> refused.add(new RecordCounts(place.partition(), place.offset(), count, 0, Map.of())));
        return refused;
    }

    private static <T> boolean refuses(DeadLetter letter, Delivery<T> delivery) {
        return !letter.isPartial() || Collections.binarySearch(letter.indexes(), delivery.index()) >= 0;
    }

    private static void requireFound(Set<RecordPlace> places, Set<RecordPlace> found) {
        if (found.size() < places.size()) {
            List<RecordPlace> missing =
                    places.stream().filter(place -> !found.contains(place)).toList();
            throw new IllegalArgumentException("Batch holds no delivery of the dead-lettered records " + missing
                    + "; only its own records can be refused");
        }
    }

    /** Joins the letters of a record; only the latest one has the record's source as it lay in the log. */
    private static DeadLetter joined(List<DeadLetter> letters) {
        if (letters.size() == 1) {
            return letters.get(0);
        }
        DeadLetter latest = letters.get(letters.size() - 1);
        boolean isPartial = letters.stream().allMatch(DeadLetter::isPartial);
        return new DeadLetter(
                latest.source(),
                latest.stage(),
                letters.stream()
                        .flatMap(letter -> letter.reasons().stream())
                        .limit(DeadLetter.MOST_REASONS)
                        .toList(),
                isPartial
                        ? letters.stream()
                                .flatMap(letter -> letter.indexes().stream())
                                .toList()
                        : List.of());
    }

    private static DeadLetter settled(DeadLetter letter, boolean isPartlyStored) {
        if (!letter.isPartial()) {
            return letter;
        }
        return isPartlyStored
                ? new DeadLetter(letter.source(), DeadLetter.Stage.SAMPLE, letter.reasons(), letter.indexes())
                : new DeadLetter(letter.source(), letter.stage(), letter.reasons());
    }

    /**
     * Returns this batch with other dead letters for the same records.
     *
     * @param replacement returns the letter to write in place of a letter of this batch
     * @return a batch of the same deliveries over the same ranges
     */
    public Batch<T> replaceDeadLetters(UnaryOperator<DeadLetter> replacement) {
        return deadLetters.isEmpty()
                ? this
                : new Batch<>(deliveries, deadLetters.stream().map(replacement).toList(), counts, ranges);
    }

    @Override
    public String toString() {
        return "Batch[" + deliveries.size() + " deliveries of " + deliveredRecords + " records, " + deadLetters.size()
                + " dead letters, " + ranges.size() + " partitions]";
    }

    /**
     * Builds a {@link Batch}. A partition is first {@linkplain #open opened} at its position; then its records are
     * added in the order of their offsets, and {@link #advance} covers offsets that hold no record. Not thread-safe.
     *
     * @param <T> the type of the values
     */
    public static final class Builder<T> {
        private final List<Delivery<T>> deliveries = new ArrayList<>();
        private final List<DeadLetter> deadLetters = new ArrayList<>();
        private final List<RecordCounts> counts = new ArrayList<>();
        private final Map<SourcePartition, Extent> extents = new TreeMap<>();
        private @Nullable Extent recent;

        private Builder() {}

        /**
         * Begins the range of a partition, or checks that {@code from} continues it.
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
         * Adds a value and covers its offset. The values of a record are added one after the other, in the order of
         * their indexes.
         *
         * @param delivery the value
         * @return this
         * @throws IllegalArgumentException if its partition is not open, or its offset is below the range's
         *     {@code next} and it does not follow the newest value of its record
         */
        public Builder<T> add(Delivery<T> delivery) {
            if (!followsNewest(delivery)) {
                extent(delivery.partition(), delivery.offset()).next = delivery.offset() + 1;
            }
            deliveries.add(delivery);
            return this;
        }

        private boolean followsNewest(Delivery<T> delivery) {
            return isOfNewest(delivery.partition(), delivery.offset())
                    && deliveries.get(deliveries.size() - 1).index() < delivery.index();
        }

        /** Returns whether a record is that of the newest delivery, with no offset covered behind it. */
        private boolean isOfNewest(SourcePartition partition, long offset) {
            if (deliveries.isEmpty()) {
                return false;
            }
            Delivery<T> newest = deliveries.get(deliveries.size() - 1);
            Extent extent = find(partition);
            return newest.offset() == offset
                    && newest.partition().equals(partition)
                    && extent != null
                    && extent.next == offset + 1;
        }

        /**
         * Adds a dead letter and covers its offset. A letter of some values follows the other values of its record.
         *
         * @param deadLetter the letter of a record, or of some of its values
         * @return this
         * @throws IllegalArgumentException if its partition is not open, or its offset is below the range's
         *     {@code next} and it is not about the newest record
         */
        public Builder<T> add(DeadLetter deadLetter) {
            if (!deadLetter.isPartial() || !isOfNewest(deadLetter.partition(), deadLetter.offset())) {
                extent(deadLetter.partition(), deadLetter.offset()).next = deadLetter.offset() + 1;
            }
            deadLetters.add(deadLetter);
            return this;
        }

        /**
         * Adds the numbers of a record's values that are not stored, after its values and its dead letter, and covers
         * its offset.
         *
         * @param record the numbers of a record
         * @return this
         * @throws IllegalArgumentException if its partition is not open
         */
        public Builder<T> add(RecordCounts record) {
            Extent extent = opened(record.partition());
            extent.next = Math.max(extent.next, record.offset() + 1);
            counts.add(record);
            return this;
        }

        /**
         * Covers offsets up to {@code next}, whether they hold records or not.
         *
         * @param partition an open partition
         * @param next the first offset that is not covered
         * @param leaderEpoch the leader epoch of the last record, or -1 to keep the known one
         * @return this
         * @throws IllegalArgumentException if the partition is not open, or {@code next} lies below the range's
         */
        public Builder<T> advance(SourcePartition partition, long next, int leaderEpoch) {
            Extent extent = extent(partition, next);
            extent.next = next;
            extent.leaderEpoch = leaderEpoch >= 0 ? leaderEpoch : extent.leaderEpoch;
            return this;
        }

        /** Most records are of the same partition as the record before. */
        private @Nullable Extent find(SourcePartition partition) {
            if (recent == null || !recent.partition.equals(partition)) {
                recent = extents.get(requireNonNull(partition, "partition"));
            }
            return recent;
        }

        private Extent opened(SourcePartition partition) {
            Extent extent = find(partition);
            if (extent == null) {
                throw new IllegalArgumentException(partition + ": the batch does not cover this partition");
            }
            return extent;
        }

        private Extent extent(SourcePartition partition, long offset) {
            Extent extent = opened(partition);
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
            return new Batch<>(deliveries, deadLetters, counts, ranges);
        }
    }

    /** A growing range. */
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
