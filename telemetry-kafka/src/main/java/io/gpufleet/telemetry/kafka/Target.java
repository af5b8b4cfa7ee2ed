package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.DeadLetterSink;
import io.gpufleet.telemetry.Sink;
import io.gpufleet.telemetry.TransactionalSink;
import io.gpufleet.telemetry.kafka.internal.TopicAdmin;
import java.util.function.Function;

/**
 * The sink of a consumer, and the place of its positions. Immutable.
 *
 * @param sink the host's sink
 * @param commitsOffsets true if the positions are the group's committed offsets, false if the sink keeps them
 * @param binding returns the sink for the engine, given the cluster that answers for committed offsets
 * @param <T> the type of the values
 */
record Target<T>(Sink<T> sink, boolean commitsOffsets, Function<TopicAdmin, TransactionalSink<T>> binding) {

    /** Returns the target of a sink that keeps positions itself. */
    static <T> Target<T> transactional(TransactionalSink<T> sink) {
        return new Target<>(sink, false, cluster -> sink);
    }

    /** Returns the target of a sink whose positions are the group's committed offsets. */
    static <T> Target<T> plain(Sink<T> sink, DeadLetterSink deadLetters) {
        return new Target<>(sink, true, cluster -> new AtLeastOnceSink<>(sink, deadLetters, cluster));
    }

    TransactionalSink<T> in(TopicAdmin cluster) {
        return binding.apply(cluster);
    }

    boolean isIdempotent() {
        return sink.isIdempotent();
    }
}
