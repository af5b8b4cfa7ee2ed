package io.gpufleet.telemetry;

import java.util.List;

/**
 * A look-up that completes values between validation and write: the host of a GPU, the tenant of a client. It gets a
 * whole batch at a time, so that a batch costs one look-up.
 *
 * <pre>{@code
 * deliveries -> {
 *     Map<String, String> tenants = directory.tenantsOf(deliveries.stream().map(d -> d.value().client()).toList());
 *     return deliveries.stream()
 *             .map(d -> d.withValue(d.value().withTenant(tenants.get(d.value().client()))))
 *             .toList();
 * }
 * }</pre>
 *
 * <p>It is part of each attempt to write a batch, and runs outside of the transaction. A {@link SinkException} has the
 * same consequences as that of a {@link Sink}: after a {@linkplain SinkException.Kind#TRANSIENT transient} one, for a
 * directory that does not answer, the batch is retried for as long as it takes. A {@link RefusedException} names values
 * that cannot be completed, {@code new DeadLetter(d.source(), Stage.VALIDATE, List.of("no such client"),
 * List.of(d.index()))}; they are dead-lettered, and the enricher is called again with the others. Any other exception
 * or error counts as {@link SinkException.Kind#FATAL_PERHAPS_DATA}: a value that makes it fail is dead-lettered if
 * others succeed; if none does, the consumer stops.
 *
 * <p>The same values may come again; they get the same answers or newer ones. Called by several threads at once;
 * implementations are thread-safe.
 *
 * @param <T> the type of the values
 */
@FunctionalInterface
public interface Enricher<T> {

    /**
     * Completes the values of a batch.
     *
     * @param deliveries at least one, in the order of the batch
     * @return as many deliveries in the same order, each {@linkplain Delivery#withValue with another value} or
     *     unchanged
     */
    List<Delivery<T>> enrich(List<Delivery<T>> deliveries);
}
