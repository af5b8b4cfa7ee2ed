package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.LogId;
import io.gpufleet.telemetry.SourcePartition;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What the cluster says about a topic. Immutable.
 *
 * @param name its name
 * @param log its log; a recreated topic has another one
 * @param count how many partitions it has
 */
record Topic(String name, LogId log, int count) {

    List<SourcePartition> partitions() {
        return IntStream.range(0, count)
                .mapToObj(number -> new SourcePartition(name, number))
                .toList();
    }
}
