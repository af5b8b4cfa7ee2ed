package io.gpufleet.telemetry.jdbc;

import io.gpufleet.telemetry.DeadLetter;
import io.gpufleet.telemetry.jdbc.ReplayResult.Reason;
import io.gpufleet.telemetry.jdbc.ReplayResult.Refusal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The counts of replayed and refused letters, and of the reasons, in bounded memory. Belongs to the thread that
 * replays.
 */
final class ReplayTally {
    private static final int MOST_TOLD = 20;
    private static final int MOST_COUNTED = 1_000;
    private static final int MOST_NAMED = 100;

    private final Map<String, Long> reasons = new LinkedHashMap<>();
    private final List<Refusal> refusals = new ArrayList<>();
    private long replayed;
    private long duplicates;
    private long stillRefused;

    void replayed(int letters, int dropped) {
        replayed += letters;
        duplicates += dropped;
    }

    /** Counts a letter that stays, with its new reasons. */
    void refused(DeadLetter letter) {
        stillRefused++;
        List<String> reasons =
                letter.reasons().stream().map(StorableText::of).distinct().toList();
        reasons.forEach(this::count);
        if (refusals.size() < MOST_NAMED) {
            refusals.add(new Refusal(letter.partition(), letter.offset(), reasons.get(0)));
        }
    }

    private void count(String reason) {
        if (reasons.size() < MOST_COUNTED || reasons.containsKey(reason)) {
            reasons.merge(reason, 1L, Long::sum);
        }
    }

    ReplayResult result() {
        List<Reason> told = reasons.entrySet().stream()
                .map(entry -> new Reason(entry.getKey(), entry.getValue()))
                .sorted(Comparator.comparingLong(Reason::count).reversed())
                .limit(MOST_TOLD)
                .toList();
        return new ReplayResult(replayed, duplicates, stillRefused, told, refusals);
    }
}
