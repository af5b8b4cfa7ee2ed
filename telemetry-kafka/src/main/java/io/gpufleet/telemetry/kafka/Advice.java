package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.SourcePartition;
import io.gpufleet.telemetry.TelemetryEvent.Stall;
import java.util.function.Supplier;

/**
 * The advice about a partition that stands still: place, reason, and the command that helps. Immutable.
 *
 * @param groupId the consumer's group
 * @param bootstrapServers the brokers named in the commands
 */
record Advice(String groupId, Supplier<String> bootstrapServers) {
    static Advice of(ConsumerOptions<?> options) {
        return new Advice(options.groupId(), () -> options.clientProperties().bootstrapServers());
    }

    /** Returns the advice for a partition that the client can read no further. */
    String stalled(SourcePartition partition, long offset, Stall stall, String why) {
        return stall == Stall.FORBIDDEN ? forbidden(partition, offset, why) : unreadable(partition, offset, why);
    }

    private String unreadable(SourcePartition partition, long offset, String why) {
        return "standstill: " + partition + " cannot be read at offset " + offset + ": " + why
                + ". Retrying now and then; if the log cannot be repaired, skip the damaged batch:"
                + " operator offsets reset --group " + groupId + " " + options(partition) + " --to-offset "
                + (offset + 1) + " --execute, or to the end of the batch, as shown by kafka-dump-log.sh";
    }

    private String forbidden(SourcePartition partition, long offset, String why) {
        return "standstill: " + partition + " may not be read any more, and stands at offset " + offset + ": " + why
                + ". Retrying now and then; grant the right with " + tool("kafka-acls.sh")
                + " --add --allow-principal User:<name> --operation Read --operation Describe --topic "
                + partition.topic();
    }

    /** Returns the advice for a partition held up by a long open transaction. */
    String openTransaction(SourcePartition partition, OpenTransactions.Open open) {
        return "open transaction: " + partition + " cannot be read from offset " + open.startOffset() + " on since "
                + open.since() + ", and " + open.messages()
                + " messages wait there. Find its producer with " + tool("kafka-transactions.sh")
                + " describe-producers " + options(partition) + "; find-hanging " + options(partition)
                + " shows whether it hangs, abort " + options(partition) + " --start-offset " + open.startOffset()
                + " ends it";
    }

    private String tool(String name) {
        return name + " --bootstrap-server " + bootstrapServers.get();
    }

    private static String options(SourcePartition partition) {
        return "--topic " + partition.topic() + " --partition " + partition.partition();
    }
}
