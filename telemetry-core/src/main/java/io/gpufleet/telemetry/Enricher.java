package io.gpufleet.telemetry;

import java.util.List;

/**
 * Completes values with what is known elsewhere, between their validation and the write: the host of a GPU, the tenant
 * of a client. A whole batch is asked about at once, so that it costs one look-up.
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
 * <p>It is part of each attempt to write a batch, and runs outside of the transaction. A {@link SinkException} says
 * what follows, as that of a {@link Sink}: {@linkplain SinkException.Kind#TRANSIENT transient} if the directory does
 * not answer, and the batch is retried for as long as it takes. A {@link RefusedException} names values that cannot be
 * completed, {@code new DeadLetter(d.source(), Stage.VALIDATE, List.of("no such client"), List.of(d.index()))}; they
 * are dead-lettered, and the others are asked about again. Any other exception or error counts as
 * {@link SinkException.Kind#FATAL_PERHAPS_DATA}: a value with which it fails is dead-lettered if others succeed, and if
 * none does the consumer stops.
 *
 * <p>The same values may come again, so it gives the same answers or newer ones. Called by several threads at once;
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
     * @return as many deliveries in the same order, each {@linkplain Delivery#withValue with another value} or as it
     *     was
     */
    List<Delivery<T>> enrich(List<Delivery<T>> deliveries);
}
