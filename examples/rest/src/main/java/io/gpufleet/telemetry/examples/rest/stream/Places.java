package io.gpufleet.telemetry.examples.rest.stream;

import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The next sample of each partition of a topic, which is the id of an event. Not thread-safe.
 *
 * <pre>{@code
 * 0:15,1:7.3@Vj0xkA2b    record 15 of partition 0, sample 3 of record 7 of partition 1, topic whose id begins so
 * }</pre>
 */
final class Places {
    private static final int LONGEST_ID = 65_536;
    private static final int TAG_LENGTH = 8;
    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_-]{1,22}");
    private static final Pattern PLACE = Pattern.compile("([0-9]{1,9}):(-?[0-9]+)(?:\\.([0-9]{1,9}))?");

    private final String tag;
    private final SortedMap<Integer, Place> next;

    private Places(String tag, SortedMap<Integer, Place> next) {
        this.tag = tag;
        this.next = next;
    }

    /**
     * Creates places of no partition.
     *
     * @param topicId the id of the topic, which a recreated topic does not have; empty if unknown
     */
    static Places none(String topicId) {
        return new Places(topicId.substring(0, Math.min(TAG_LENGTH, topicId.length())), new TreeMap<>());
    }

    /**
     * Reads an id.
     *
     * @return empty if it is none
     */
    static Optional<Places> parse(String id) {
        if (id.length() > LONGEST_ID) {
            return Optional.empty();
        }
        int at = id.indexOf('@');
        String tag = at < 0 ? "" : id.substring(at + 1);
        if (at >= 0 && !TAG.matcher(tag).matches()) {
            return Optional.empty();
        }
        Places places = none(tag);
        for (String part : id.substring(0, at < 0 ? id.length() : at).split(",", -1)) {
            Matcher place = PLACE.matcher(part);
            if (!place.matches() || !places.add(place)) {
                return Optional.empty();
            }
        }
        return Optional.of(places);
    }

    /** Returns whether the partition was not there yet. */
    private boolean add(Matcher place) {
        int index = place.group(3) == null ? 0 : Integer.parseInt(place.group(3));
        return next.put(Integer.parseInt(place.group(1)), new Place(offset(place.group(2)), index)) == null;
    }

    private static long offset(String digits) {
        try {
            return Math.max(Place.NO_OFFSET, Long.parseLong(digits));
        } catch (NumberFormatException beyond) {
            return Place.NO_OFFSET;
        }
    }

    /** Returns whether the topic of both is the same, as far as it is known. */
    boolean isOfTopicOf(Places other) {
        return !hasTag() || !other.hasTag() || tag.equals(other.tag);
    }

    /** Returns whether the id of the topic is known. */
    boolean hasTag() {
        return !tag.isEmpty();
    }

    /** Returns the places by partition: a view. */
    SortedMap<Integer, Place> byPartition() {
        return next;
    }

    void move(int partition, Place place) {
        next.put(partition, place);
    }

    Places copy() {
        return new Places(tag, new TreeMap<>(next));
    }

    /** Returns the id. */
    @Override
    public String toString() {
        StringBuilder id = new StringBuilder(next.size() * 12 + TAG_LENGTH);
        for (Map.Entry<Integer, Place> place : next.entrySet()) {
            id.append(id.isEmpty() ? "" : ",")
                    .append(place.getKey())
                    .append(':')
                    .append(place.getValue());
        }
        return tag.isEmpty() ? id.toString() : id.append('@').append(tag).toString();
    }
}
