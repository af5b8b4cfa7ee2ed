package io.gpufleet.telemetry.kafka.producer;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.gpu.ScrapeHeaders;
import io.gpufleet.telemetry.internal.HostFault;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The records of one scrape, sent one after the other, and their common outcome. Used once, by one thread. */
final class Scrape {
    private static final byte[] PACKED = {0x1f, (byte) 0x8b};

    private final String topic;
    private final String host;
    private final byte[] millis;
    private final RecordSender sender;
    private final List<CompletableFuture<Void>> sent = new ArrayList<>();

    /** The failure of a record that has waited as long as it may. */
    private @Nullable TelemetryException timeout;

    Scrape(String topic, String host, long millis, RecordSender sender) {
        this.topic = topic;
        this.host = host;
        this.millis = Long.toString(millis).getBytes(UTF_8);
        this.sender = sender;
    }

    /** Returns whether a text is in gzip. */
    static boolean isPacked(byte[] text) {
        return text.length >= PACKED.length && text[0] == PACKED[0] && text[1] == PACKED[1];
    }

    /**
     * Sends a part of the scrape.
     *
     * @param uuid the GPU of all its lines, if they have one
     */
    void send(Optional<String> uuid, byte[] text) {
        if (timeout != null) {
            sent.add(CompletableFuture.failedFuture(timeout));
            return;
        }
        ProducerRecord<byte[], byte[]> message =
                new ProducerRecord<>(topic, uuid.orElse(host).getBytes(UTF_8), text);
        message.headers().add(ScrapeHeaders.TIME, millis).add(ScrapeHeaders.HOST, host.getBytes(UTF_8));
        CompletableFuture<Void> acknowledged = sender.send(
                message, "Scrape of " + uuid.map(name -> name + " on ").orElse("") + host);
        sent.add(acknowledged);
        timeout = failure(acknowledged)
                .filter(failure -> failure.getCause() instanceof TimeoutException)
                .orElse(null);
    }

    /** Returns the outcome of all parts. */
    @SuppressWarnings("FutureReturnValueIgnored") // the outcome is completed instead
    CompletableFuture<Void> outcome() {
        CompletableFuture<Void> outcome = new CompletableFuture<>();
        CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new)).whenComplete((none, any) -> {
            if (any == null) {
                outcome.complete(null);
            } else {
                outcome.completeExceptionally(failure());
            }
        });
        return outcome;
    }

    private TelemetryException failure() {
        List<TelemetryException> failures =
                sent.stream().flatMap(part -> failure(part).stream()).toList();
        TelemetryException first = failures.get(0);
        TelemetryException failure = new TelemetryException(
                failures.size() + " of " + sent.size() + " records of the scrape of " + host + " were not sent: "
                        + HostFault.words(first),
                first);
        failures.stream().skip(1).distinct().filter(other -> other != first).forEach(failure::addSuppressed);
        return failure;
    }

    /** Returns the failure of a part that has one by now. */
    private static Optional<TelemetryException> failure(CompletableFuture<Void> part) {
        if (!part.isCompletedExceptionally()) {
            return Optional.empty();
        }
        try {
            part.join();
            return Optional.empty();
        } catch (CompletionException e) {
            return Optional.ofNullable((TelemetryException) e.getCause());
        }
    }
}
