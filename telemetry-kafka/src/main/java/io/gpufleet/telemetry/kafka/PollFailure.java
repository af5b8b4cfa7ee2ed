package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.TelemetryEvent.Stall;
import java.nio.BufferUnderflowException;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.errors.RecordDeserializationException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;

/**
 * The cause of a failed poll: partitions, or the client as a whole. The client has no exception of its own for a
 * damaged log: most exceptions name the partition in their text only, and that of a damaged batch header names none.
 * Immutable.
 *
 * @param stall the reason of the standstill, absent if no partition is at fault
 * @param partitions the named partitions, none if the partition must be searched for
 */
record PollFailure(Optional<Stall> stall, Set<TopicPartition> partitions) {

    static PollFailure of(RuntimeException failure, Collection<TopicPartition> assigned) {
        if (failure instanceof TopicAuthorizationException refused) {
            return new PollFailure(
                    Optional.of(Stall.FORBIDDEN),
                    assigned.stream()
                            .filter(name -> refused.unauthorizedTopics().contains(name.topic()))
                            .collect(Collectors.toSet()));
        }
        if (failure instanceof RecordDeserializationException refused) {
            return unreadable(Set.of(refused.topicPartition()));
        }
        Set<TopicPartition> named = mayName(failure) ? named(failure, assigned) : Set.of();
        boolean isOfAPartition = !named.isEmpty() || comesOfReading(failure);
        return isOfAPartition ? unreadable(named) : new PollFailure(Optional.empty(), Set.of());
    }

    private static PollFailure unreadable(Set<TopicPartition> partitions) {
        return new PollFailure(Optional.of(Stall.UNREADABLE), partitions);
    }

    /**
     * Returns whether the failure may name partitions: the client throws these classes, and no subclasses, for an
     * unreadable log.
     */
    private static boolean mayName(RuntimeException failure) {
        return failure.getClass() == KafkaException.class
                || failure.getClass() == IllegalStateException.class
                || comesOfReading(failure);
    }

    private static boolean comesOfReading(RuntimeException failure) {
        return failure instanceof CorruptRecordException
                || failure instanceof InvalidRecordException
                || failure instanceof SerializationException
                || failure instanceof BufferUnderflowException
                || failure instanceof IndexOutOfBoundsException
                || failure instanceof NegativeArraySizeException
                || failure.getClass() == IllegalArgumentException.class;
    }

    private static Set<TopicPartition> named(RuntimeException failure, Collection<TopicPartition> assigned) {
        String text = String.valueOf(failure.getMessage());
        return assigned.stream().filter(name -> isIn(text, name)).collect(Collectors.toSet());
    }

    /** Returns whether a text names a partition, not as a part of a longer name; a dot behind it may end a sentence. */
    private static boolean isIn(String text, TopicPartition name) {
        return Pattern.compile("(?<![\\w.-])" + Pattern.quote(name.toString()) + "(?![\\w-]|\\.[\\w.-])")
                .matcher(text)
                .find();
    }
}
