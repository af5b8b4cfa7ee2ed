package io.gpufleet.telemetry.examples.operator;

import io.gpufleet.telemetry.LogId;
import io.gpufleet.telemetry.SourcePartition;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A topic, as the cluster describes it. Immutable.
 *
 * @param name its name
 * @param log its log; a recreated topic has another one
 * @param count the number of its partitions
 */
record Topic(String name, LogId log, int count) {

    List<SourcePartition> partitions() {
        return IntStream.range(0, count)
                .mapToObj(number -> new SourcePartition(name, number))
                .toList();
    }
}
