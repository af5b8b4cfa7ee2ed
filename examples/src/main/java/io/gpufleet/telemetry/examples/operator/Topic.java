package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.SourcePartition;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;

/**
 * What the cluster says about a topic. Immutable.
 *
 * @param name its name
 * @param id its id; a topic that is made anew gets another
 * @param count how many partitions it has
 */
record Topic(String name, UUID id, int count) {

    List<SourcePartition> partitions() {
        return IntStream.range(0, count)
                .mapToObj(number -> new SourcePartition(name, number))
                .toList();
    }
}
