package io.gpufleet.telemetry.kafka;

import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * The records of one poll and one partition, on their way from the poll thread to a lane. Immutable.
 *
 * @param generation the generation of the records
 * @param from the partition's position before the poll
 * @param next its position behind these records; offsets without records may lie between
 * @param leaderEpoch the leader epoch at {@code next}, or -1
 * @param records the records, perhaps none
 * @param polledAtNanos the time at which poll returned them
 */
record Chunk(
        Generation generation,
        long from,
        long next,
        int leaderEpoch,
        List<ConsumerRecord<byte[], byte[]>> records,
        long polledAtNanos) {}
