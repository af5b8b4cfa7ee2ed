package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.SourcePartition;
import java.util.Collection;
import java.util.Iterator;
import java.util.SortedSet;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.TreeSet;

/** Readable names of partitions: {@code heartbeats-[0..3, 7]}. */
final class PartitionNames {
    private PartitionNames() {}

    static String of(Collection<SourcePartition> partitions) {
        TreeMap<String, TreeSet<Integer>> numbers = new TreeMap<>();
        partitions.forEach(partition -> numbers.computeIfAbsent(partition.topic(), topic -> new TreeSet<>())
                .add(partition.partition()));
        StringJoiner topics = new StringJoiner(", ");
        numbers.forEach((topic, ofTopic) -> topics.add(topic + "-" + runs(ofTopic)));
        return topics.toString();
    }

    private static String runs(SortedSet<Integer> numbers) {
        StringJoiner runs = new StringJoiner(", ", "[", "]");
        Iterator<Integer> rest = numbers.iterator();
        int first = rest.next();
        int last = first;
        while (rest.hasNext()) {
            int next = rest.next();
            if (next != last + 1) {
                runs.add(run(first, last));
                first = next;
            }
            last = next;
        }
        return runs.add(run(first, last)).toString();
    }

    private static String run(int first, int last) {
        return first == last ? String.valueOf(first) : first + ".." + last;
    }
}
