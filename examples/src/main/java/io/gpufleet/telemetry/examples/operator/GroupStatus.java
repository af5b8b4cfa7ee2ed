package io.gpufleet.telemetry.examples.operator;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * The state of a group in a topic. Immutable.
 *
 * @param group the consumer group
 * @param topic the topic
 * @param members its members
 * @param partitions its progress in each partition
 */
record GroupStatus(String group, String topic, GroupMembers members, List<PartitionStatus> partitions) {
    /** The lag from which a group is behind, the default of a consumer's alarm. */
    private static final long MUCH = 10_000;

    /** Returns the sum over the partitions; absent if one is unknown, since a sum without it would look small. */
    OptionalLong lag() {
        return sum(PartitionStatus::lag);
    }

    /** Returns the records that open transactions hold back, in the same way. */
    OptionalLong heldBack() {
        return sum(PartitionStatus::heldBack);
    }

    private OptionalLong sum(Function<PartitionStatus, OptionalLong> figure) {
        return partitions.stream().map(figure).allMatch(OptionalLong::isPresent)
                ? OptionalLong.of(partitions.stream()
                        .mapToLong(partition -> figure.apply(partition).orElse(0))
                        .sum())
                : OptionalLong.empty();
    }

    /** Returns the time since the last position moved. */
    Duration unmoved() {
        return partitions.stream()
                .filter(partition -> partition.offset().isPresent())
                .map(PartitionStatus::unmoved)
                .min(Comparator.naturalOrder())
                .orElse(Duration.ZERO);
    }

    /** Returns the partitions with waiting records whose position has not moved for long. */
    List<PartitionStatus> stuck(Duration limit) {
        return partitions.stream()
                .filter(partition -> partition.looksStuck(limit))
                .toList();
    }

    Verdict verdict(Duration limit) {
        if (members.count().isPresent() && members.count().get() == 0) {
            return Verdict.DEAD;
        }
        if (!stuck(limit).isEmpty()) {
            return Verdict.STUCK;
        }
        if (members.count().isEmpty() || lag().isEmpty()) {
            return Verdict.UNKNOWN;
        }
        return lag().getAsLong() > MUCH ? Verdict.BEHIND : Verdict.OK;
    }

    /** Returns the reason of the verdict. */
    String why(Duration limit) {
        return switch (verdict(limit)) {
            case OK -> "";
            case BEHIND -> "more than " + MUCH + " records wait";
            case DEAD -> "the group has no members";
            case STUCK ->
                stuck(limit).size() + " partitions do not move, among them "
                        + stuck(limit).get(0).partition();
            case UNKNOWN -> String.join("; ", unknown());
        };
    }

    private Set<String> unknown() {
        Set<String> reasons = new TreeSet<>();
        reasons.add(members.failure());
        partitions.forEach(partition -> reasons.add(partition.why()));
        reasons.remove("");
        return reasons;
    }
}
