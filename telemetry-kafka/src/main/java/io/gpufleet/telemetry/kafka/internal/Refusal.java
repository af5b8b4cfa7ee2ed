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
 * The subject of a produced record's failure: the record, another record of its request, or the topic. A failure that
 * is not known to concern a record concerns the topic.
 */
public final class Refusal {
    private Refusal() {}

    /**
     * Returns whether the record itself is refused, or another one sent with it, by the broker or by the client's
     * limits.
     */
    public static boolean isOfRecord(Throwable failure) {
        return isOfSize(failure)
                || isOfTime(failure)
                || failure instanceof InvalidRecordException
                || failure instanceof UnsupportedForMessageFormatException;
    }

    /** Returns whether the record, or its batch, is too large. */
    public static boolean isOfSize(Throwable failure) {
        return failure instanceof RecordTooLargeException || failure instanceof RecordBatchTooLargeException;
    }

    /** Returns whether the record's time is too early or too late. */
    public static boolean isOfTime(Throwable failure) {
        return failure instanceof InvalidTimestampException;
    }

    /**
     * Returns whether another record is at fault: a broker refuses all records of a producer's batch for one of them.
     * The client has no exception class for it.
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
