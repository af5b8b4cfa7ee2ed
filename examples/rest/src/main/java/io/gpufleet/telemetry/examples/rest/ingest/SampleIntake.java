package io.gpufleet.telemetry.examples.rest.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNullElse;

import io.gpufleet.telemetry.TelemetryException;
import io.gpufleet.telemetry.examples.rest.ingest.Receipt.Rejection;
import io.gpufleet.telemetry.kafka.producer.GpuSamplePublisher;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of bodies to Kafka: all good samples of a GPU in one record, so that the consumer sees the neighbours of each
 * as it would in the body. Thread-safe.
 */
final class SampleIntake {
    private static final Logger LOG = LoggerFactory.getLogger(SampleIntake.class);
    /** The requests that wait for Kafka at one time; the threads for the others stay free while it is away. */
    private static final int MOST_WAITING = 16;

    private static final long LONGEST_SECONDS = 9;

    private final Supplier<GpuSamplePublisher> publisher;
    private final ElementJudge judge;
    private final Semaphore waiting = new Semaphore(MOST_WAITING);
    private final AtomicBoolean away = new AtomicBoolean();

    SampleIntake(Supplier<GpuSamplePublisher> publisher, ElementJudge judge) {
        this.publisher = publisher;
        this.judge = judge;
    }

    /**
     * Takes the good samples of a body.
     *
     * @return what has become of them, once Kafka has acknowledged all good ones
     * @throws RefusedBodyException if it is no body of samples; nothing is sent then
     * @throws UnacknowledgedException if Kafka does not acknowledge them in time; they may have been stored
     */
    Receipt take(byte[] body) throws RefusedBodyException, UnacknowledgedException, InterruptedException {
        if (!waiting.tryAcquire()) {
            throw new UnacknowledgedException(MOST_WAITING + " other requests wait for Kafka, which is the most");
        }
        try {
            return take(SampleElements.of(body));
        } finally {
            waiting.release();
        }
    }

    private Receipt take(List<Optional<String>> elements) throws UnacknowledgedException, InterruptedException {
        Instant now = Instant.now();
        List<Rejection> rejected = new ArrayList<>();
        Map<String, List<String>> good = new LinkedHashMap<>();
        for (int index = 0; index < elements.size(); index++) {
            Verdict verdict = judge.judge(elements.get(index), now);
            if (verdict instanceof Verdict.Good sample) {
                good.computeIfAbsent(sample.uuid(), uuid -> new ArrayList<>()).add(sample.json());
            } else if (verdict instanceof Verdict.Bad bad) {
                rejected.add(new Rejection(index, bad.reason()));
            }
        }
        publish(good);
        return new Receipt(elements.size() - rejected.size(), rejected);
    }

    private void publish(Map<String, List<String>> good) throws UnacknowledgedException, InterruptedException {
        List<CompletableFuture<Void>> sent = new ArrayList<>();
        GpuSamplePublisher publishing = publishing();
        for (Map.Entry<String, List<String>> gpu : good.entrySet()) {
            for (byte[] record : records(gpu.getValue())) {
                CompletableFuture<Void> acknowledged = publishing.send(gpu.getKey(), record);
                sent.add(acknowledged);
                if (acknowledged.isCompletedExceptionally()) {
                    // The next one would wait as long for the broker.
                    await(acknowledged);
                }
            }
        }
        await(CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new)));
    }

    private GpuSamplePublisher publishing() throws UnacknowledgedException {
        try {
            return publisher.get();
        } catch (TelemetryException e) {
            tell(e);
            throw new UnacknowledgedException("Kafka cannot be reached");
        }
    }

    /** Returns arrays of elements, none much larger than an element may be. */
    private static List<byte[]> records(List<String> elements) {
        List<byte[]> records = new ArrayList<>();
        ByteArrayOutputStream record = new ByteArrayOutputStream();
        for (String json : elements) {
            byte[] element = json.getBytes(UTF_8);
            if (record.size() > 0 && record.size() + element.length > ElementJudge.MOST_BYTES) {
                record.write(']');
                records.add(record.toByteArray());
                record.reset();
            }
            record.write(record.size() == 0 ? '[' : ',');
            record.writeBytes(element);
        }
        record.write(']');
        records.add(record.toByteArray());
        return records;
    }

    private void await(CompletableFuture<Void> acknowledged) throws UnacknowledgedException, InterruptedException {
        try {
            acknowledged.get(LONGEST_SECONDS, TimeUnit.SECONDS);
            if (away.compareAndSet(true, false)) {
                LOG.info("Kafka acknowledges the samples of requests again");
            }
        } catch (ExecutionException e) {
            tell(requireNonNullElse(e.getCause(), e));
            throw new UnacknowledgedException("Kafka did not acknowledge the samples");
        } catch (TimeoutException e) {
            tell(e);
            throw new UnacknowledgedException("Kafka did not acknowledge the samples within " + LONGEST_SECONDS + " s");
        }
    }

    private void tell(Throwable failure) {
        if (away.compareAndSet(false, true)) {
            LOG.warn("Samples of requests are answered with 503 until Kafka acknowledges them: {}", failure.toString());
        }
    }
}
