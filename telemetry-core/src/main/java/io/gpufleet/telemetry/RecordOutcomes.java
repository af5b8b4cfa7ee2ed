package io.gpufleet.telemetry;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The records of a batch by their outcome: stored, refused, or both. Not thread-safe. */
final class RecordOutcomes {
    private final List<? extends Delivery<?>> deliveries;
    private final List<DeadLetter> letters;
    private final Map<RecordPlace, Integer> repeated;

    RecordOutcomes(Batch<?> batch) {
        this.deliveries = batch.deliveries();
        this.letters = batch.deadLetters();
        this.repeated = batch.counts().stream()
                .filter(record -> record.repeated() > 0)
                .collect(Collectors.toMap(RecordPlace::of, RecordCounts::repeated, Integer::sum, LinkedHashMap::new));
    }

    /** Returns the number of records with nothing but refused values that no dead letter holds. */
    int countedOnly() {
        if (repeated.isEmpty()) {
            return 0;
        }
        Set<RecordPlace> places = new HashSet<>(repeated.keySet());
        places.removeAll(stored().keySet());
        letters.forEach(letter -> places.remove(RecordPlace.of(letter)));
        return places.size();
    }

    /** Returns the number of refused records; a record with some values stored counts as its share of refused ones. */
    double refused() {
        if (repeated.isEmpty() && letters.stream().noneMatch(DeadLetter::isPartial)) {
            return letters.size();
        }
        Map<RecordPlace, Integer> partly = new LinkedHashMap<>(repeated);
        int whole = 0;
        for (DeadLetter letter : letters) {
            RecordPlace place = RecordPlace.of(letter);
            if (letter.isPartial()) {
                partly.merge(place, letter.indexes().size(), Integer::sum);
            } else {
                partly.remove(place);
                whole++;
            }
        }
        return whole + shares(partly);
    }

    private double shares(Map<RecordPlace, Integer> refused) {
        Map<RecordPlace, Integer> stored = stored();
        double sum = 0;
        for (Map.Entry<RecordPlace, Integer> record : refused.entrySet()) {
            double values = record.getValue();
            sum += values / (values + stored.getOrDefault(record.getKey(), 0));
        }
        return sum;
    }

    /** Returns the numbers of values to write; the values of a record lie side by side. */
    private Map<RecordPlace, Integer> stored() {
        Map<RecordPlace, Integer> stored = new HashMap<>();
        deliveries.forEach(delivery -> stored.merge(RecordPlace.of(delivery), 1, Integer::sum));
        return stored;
    }
}
