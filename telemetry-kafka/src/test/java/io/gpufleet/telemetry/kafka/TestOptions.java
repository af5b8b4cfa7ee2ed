package io.gpufleet.telemetry.kafka;

import io.gpufleet.telemetry.AlarmPolicy;
import io.gpufleet.telemetry.BatchPolicy;
import io.gpufleet.telemetry.Decoder;
import io.gpufleet.telemetry.EventTime;
import io.gpufleet.telemetry.FailurePolicy;
import io.gpufleet.telemetry.ResetPolicy;
import io.gpufleet.telemetry.RetryPolicy;
import io.gpufleet.telemetry.TelemetryListener;
import io.gpufleet.telemetry.TransactionalSink;
import io.gpufleet.telemetry.Validator;
import io.gpufleet.telemetry.internal.RecordReader;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.ConsumerConfig;

/** The options of a consumer of texts, with a backoff of a millisecond. */
final class TestOptions {
    static final String GROUP = "g";

    final Target<String> target;
    BatchPolicy batching = BatchPolicy.defaults();
    RetryPolicy retry = RetryPolicy.builder()
            .initialBackoff(Duration.ofMillis(1))
            .maxBackoff(Duration.ofMillis(1))
            .jitter(0)
            .build();
    FailurePolicy failure = FailurePolicy.defaults();
    ResetPolicy reset = ResetPolicy.EARLIEST;
    AlarmPolicy alarms = AlarmPolicy.defaults();
    boolean adoptGroupOffsets;
    Optional<ClusterMove> clusterMove = Optional.empty();
    EventTime<String> eventTime = EventTime.recordTimestamp();
    TelemetryListener listener = TelemetryListener.none();
    Decoder<String> decoder = new TextCodec();
    Validator<String> validator = Validator.acceptAll();
    int concurrency = 1;
    long bufferBytes = 1 << 20;
    LongSupplier nanoTime = System::nanoTime;

    TestOptions(TransactionalSink<String> sink) {
        this(Target.transactional(sink));
    }

    TestOptions(Target<String> target) {
        this.target = target;
    }

    ConsumerOptions<String> build() {
        CurrentTuning tuning = new CurrentTuning(new Tuning(
                ClientProperties.of(Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, "localhost:1"), Map.of()),
                batching,
                reset));
        return new ConsumerOptions<>(
                tuning,
                new ConsumerOptions.Subscription(Set.of(Logs.TOPIC), GROUP, adoptGroupOffsets, clusterMove),
                target,
                new RecordReader<>(decoder, eventTime, validator, target.isIdempotent()),
                new ConsumerOptions.Policies(retry, failure, alarms),
                new ConsumerOptions.Capacity(concurrency, bufferBytes),
                List.of(listener),
                nanoTime);
    }
}
