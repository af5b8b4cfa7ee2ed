package io.gpufleet.telemetry.kafka.internal;

import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.UnsupportedForMessageFormatException;

/**
 * The subject of a produced record's failure: the record, another one of its request, or the topic. Whatever is not
 * known to be about a record is about the place.
 */
public final class Refusal {
    private Refusal() {}

    /** Returns whether the record itself is refused, or one sent with it, by the broker or by the client's limits. */
    public static boolean isOfRecord(Throwable failure) {
        return isOfSize(failure)
                || isOfTime(failure)
                || failure instanceof InvalidRecordException
                || failure instanceof UnsupportedForMessageFormatException;
    }

    /** Returns whether the record, its batch included, is too large. */
    public static boolean isOfSize(Throwable failure) {
        return failure instanceof RecordTooLargeException || failure instanceof RecordBatchTooLargeException;
    }

    /** Returns whether the record's time is too early or too late. */
    public static boolean isOfTime(Throwable failure) {
        return failure instanceof InvalidTimestampException;
    }

    /**
     * Returns whether the record itself is not at fault: a broker refuses all records of a producer's batch for one of
     * them. The client has no class of its own for it.
     */
    public static boolean isOfNeighbour(Throwable failure) {
        return failure.getClass() == KafkaException.class;
    }

    /** Returns whether the cluster answers that there is no such topic. */
    public static boolean isOfUnknownTopic(Throwable failure) {
        return failure instanceof UnknownTopicOrPartitionException
                || (failure instanceof TimeoutException
                        && failure.getCause() instanceof UnknownTopicOrPartitionException);
    }
}
