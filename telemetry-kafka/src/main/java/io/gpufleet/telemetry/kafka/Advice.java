package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryEvent.Stall;
import java.util.function.Supplier;

/**
 * What is said about a partition that stands still: where, why, and the command that helps. Immutable.
 *
 * @param groupId the consumer's group
 * @param bootstrapServers the brokers that a command is to ask
 */
record Advice(String groupId, Supplier<String> bootstrapServers) {
    static Advice of(ConsumerOptions<?> options) {
        return new Advice(options.groupId(), () -> options.clientProperties().bootstrapServers());
    }

    /** A partition that the client cannot read on. */
    String stalled(SourcePartition partition, long offset, Stall stall, String why) {
        return stall == Stall.FORBIDDEN ? forbidden(partition, offset, why) : unreadable(partition, offset, why);
    }

    private String unreadable(SourcePartition partition, long offset, String why) {
        return "standstill: " + partition + " cannot be read at offset " + offset + ": " + why
                + ". It is tried again now and then; if the log cannot be repaired, pass over the damaged batch:"
                + " operator offsets reset --group " + groupId + " " + options(partition) + " --to-offset "
                + (offset + 1) + " --execute, or to where the batch ends, as kafka-dump-log.sh shows";
    }

    private String forbidden(SourcePartition partition, long offset, String why) {
        return "standstill: " + partition + " may not be read any more, and stands at offset " + offset + ": " + why
                + ". It is tried again now and then; the right is given by " + tool("kafka-acls.sh")
                + " --add --allow-principal User:<name> --operation Read --operation Describe --topic "
                + partition.topic();
    }

    /** A partition that ends at a transaction which has been open for too long. */
    String openTransaction(SourcePartition partition, OpenTransactions.Open open) {
        return "open transaction: " + partition + " cannot be read from offset " + open.startOffset() + " on since "
                + open.since() + ", and " + open.messages()
                + " messages wait there. Its producer is shown by " + tool("kafka-transactions.sh")
                + " describe-producers " + options(partition) + "; find-hanging " + options(partition)
                + " tells if it hangs, abort " + options(partition) + " --start-offset " + open.startOffset()
                + " ends it";
    }

    private String tool(String name) {
        return name + " --bootstrap-server " + bootstrapServers.get();
    }

    private static String options(SourcePartition partition) {
        return "--topic " + partition.topic() + " --partition " + partition.partition();
    }
}
