package io.gpufleet.telemetry.examples.rest.stream;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The places from which a client goes on that was here before, and what it has missed. Immutable.
 *
 * @param start the places
 * @param gaps what the client does not get
 */
record Resumption(Places start, List<Gap> gaps) {

    /** The first and the last offset of a log; the last one is that of the next record. */
    record Bounds(long first, long end) {
        /** Returns where a reading goes on whose offset the log does not have. */
        long nearest(long offset) {
            return offset < first ? first : end;
        }
    }

    /**
     * Finds the places.
     *
     * @param id the id of the last event that the client saw
     * @param live where the live stream is
     * @param logs the logs by partition
     */
    static Resumption of(String id, Places live, Map<Integer, Bounds> logs) {
        Optional<Places> asked = Places.parse(id);
        if (asked.isEmpty()) {
            return live(live, "Last-Event-ID is no id of this stream; the stream goes on live");
        }
        if (!asked.get().isOfTopicOf(live)) {
            return live(live, "Last-Event-ID is of another topic of this name; the stream goes on live");
        }
        Resumption resumption = new Resumption(live.copy(), new ArrayList<>());
        live.byPartition().forEach((partition, place) -> {
            Bounds log = logs.getOrDefault(partition, new Bounds(place.offset(), place.offset()));
            resumption.resume(partition, asked.get(), log);
        });
        asked.get().byPartition().forEach((partition, place) -> {
            if (!live.byPartition().containsKey(partition)) {
                resumption.gaps.add(new Gap(partition, known(place), null, "the topic has no partition " + partition));
            }
        });
        return resumption;
    }

    private static Resumption live(Places live, String reason) {
        return new Resumption(live.copy(), List.of(new Gap(null, null, null, reason)));
    }

    /** At first, each place is that of the live stream. */
    private void resume(int partition, Places asked, Bounds log) {
        Place place = asked.byPartition().get(partition);
        if (place == null && asked.hasTag()) {
            // An id names all partitions: this one is newer, and the client has nothing of it.
            start.move(partition, Place.at(log.first()));
        } else if (place == null || place.offset() == Place.NO_OFFSET) {
            skip(partition, place, "Last-Event-ID has no offset of partition " + partition + ", 0 or more");
        } else if (place.offset() < log.first()) {
            start.move(partition, Place.at(log.first()));
            gaps.add(new Gap(partition, place.offset(), log.first(), "the topic does not keep these records any more"));
        } else if (place.compareTo(Place.at(log.end())) > 0) {
            skip(partition, place, "the topic ends at " + log.end() + ": it was recreated, or has lost records");
        } else {
            start.move(partition, place);
        }
    }

    private void skip(int partition, @Nullable Place place, String reason) {
        Place live = start.byPartition().getOrDefault(partition, Place.at(0));
        gaps.add(new Gap(partition, place == null ? null : known(place), live.offset(), reason));
    }

    private static @Nullable Long known(Place place) {
        return place.offset() == Place.NO_OFFSET ? null : place.offset();
    }
}
